import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { thumbnailUrl } from '../../../../runtime/http/api-urls';
import { Links } from '../../../../runtime/http/links/links';
import { signUrl, type SigningKey } from '../../../../runtime/http/links/sign';
import { fixedKeys } from '../../../../runtime/http/links/signing-keys';
import { Problem } from '../../../../runtime/http/problems/problem';
import { keyArbitrary, RUNS } from '../key-arbitrary';

fc.configureGlobal({ seed: 1 });

const OLD: SigningKey = { id: 'k1', key: '0123456789abcdef0123456789abcdef' };
const NEW: SigningKey = { id: 'k2', key: 'fedcba9876543210fedcba9876543210' };
const NOW = Date.parse('2026-05-04T03:02:01Z');
const HOUR = new Date(NOW + 3_600_000);
const URL_OF_CAT = 'https://img.example.com/thumbnails/small/a/my%20cat.jpg?format=webp';

const links = (options: Partial<ConstructorParameters<typeof Links>[0]> = {}) =>
  new Links({ keys: fixedKeys([OLD, NEW]), hosts: [], maxLifetimeSeconds: 86_400, now: () => NOW, ...options });

/** Parts of a URL that a server receives. */
function check(url: string, method = 'GET', checker = links()) {
  const [, host = '', path = '', query = ''] = /^https?:\/\/([^/]+)([^?]*)\??(.*)$/.exec(url) ?? [];
  return checker.check({ method, host, path, query });
}

async function codeOf(result: Promise<unknown>): Promise<string> {
  try {
    await result;
    return 'valid';
  } catch (error) {
    if (error instanceof Problem) {
      return `${error.status} ${error.code}`;
    }
    throw error;
  }
}

const INVALID = '403 invalid-signature';

describe('signUrl', () => {
  test('signUrl() appends the expiry, the key id and the HMAC-SHA256 of method, host, path and query', () => {
    const expires = HOUR.getTime() / 1000;
    const target = `/thumbnails/small/a/my%20cat.jpg?format=webp&expires=${expires}&keyid=k2`;
    const hmac = createHmac('sha256', NEW.key).update(`GET\nimg.example.com\n${target}`).digest('hex');
    expect(signUrl(URL_OF_CAT, { ...NEW, expires: HOUR })).toBe(`https://img.example.com${target}&signature=${hmac}`);
  });

  test.each([
    ['https://IMG.example.com:443/images/a.jpg', 'https://img.example.com/images/a.jpg?expires='],
    ['http://localhost:3000/images/%61.jpg', 'http://localhost:3000/images/a.jpg?expires='],
    ['https://h/images/caf%c3%a9', 'https://h/images/caf%C3%A9?expires='],
    ["https://h/images?key=it's ü", 'https://h/images?key=it%27s%20%C3%BC&expires='],
  ])('signUrl() normalizes %s', (url, start) => {
    expect(signUrl(url, { ...NEW, expires: HOUR })).toContain(start);
  });

  test.each([
    ['/images/a.jpg', 'absolute URL'],
    ['ftp://h/a', 'absolute URL'],
    ['https://user@h/a', 'absolute URL'],
    ['https://h/a#b', 'absolute URL'],
    ['https://h', 'absolute URL'],
    ['https://h/100%', 'percent-encoded'],
    ['https://h/%C3', 'percent-encoded'],
    ['https://h/a?expires=1', 'already contains'],
    ['https://h/a?b=c&signature=1', 'already contains'],
  ])('signUrl() rejects %s', (url, why) => {
    expect(() => signUrl(url, { ...NEW, expires: HOUR })).toThrow(why);
  });

  test.each([
    [{ id: '' }, 'id: received ""'],
    [{ id: 'k1&a=b' }, 'id: received "k1&a=b"'],
    [{ key: 'short' }, /^key: received 5 .* 32$/],
    [{ expires: new Date(NaN) }, 'expires: received an invalid Date'],
  ])('signUrl() rejects the invalid option %j', (options, why) => {
    expect(() => signUrl(URL_OF_CAT, { ...NEW, expires: HOUR, ...options })).toThrow(why);
  });

  test('signUrl() ignores the case of methods and signs HEAD as GET', () => {
    const by = (method?: string): string => signUrl(URL_OF_CAT, { ...NEW, expires: HOUR, ...(method && { method }) });
    expect(by('get')).toBe(by());
    expect(by('HEAD')).toBe(by());
    expect(by('delete')).toBe(by('DELETE'));
    expect(by('DELETE')).not.toBe(by());
  });
});

describe('a signed link', () => {
  const signed = signUrl(URL_OF_CAT, { ...NEW, expires: HOUR });

  test('a link is valid for any key', async () => {
    await fc.assert(
      fc.asyncProperty(keyArbitrary, fc.constantFrom(OLD, NEW), async (key, signingKey) => {
        const url = `https://img.example.com${thumbnailUrl('small', key, { format: 'webp' })}`;
        const link = await check(signUrl(url, { ...signingKey, expires: HOUR }));
        expect(link).toEqual({ host: 'img.example.com', expires: HOUR });
      }),
      RUNS,
    );
  });

  test('a link is invalid after a change of any byte', async () => {
    const start = signed.indexOf('/thumbnails');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: start, max: signed.length - 1 }),
        fc.integer({ min: 0x21, max: 0x7e }),
        async (index, code) => {
          const character = String.fromCharCode(code);
          fc.pre(signed[index] !== character);
          const changed = signed.slice(0, index) + character + signed.slice(index + 1);
          expect(await codeOf(check(changed))).toBe(INVALID);
        },
      ),
      { ...RUNS, numRuns: RUNS.numRuns * 5 },
    );
  });

  test('a link is invalid after the addition or the removal of characters', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: signed.indexOf('/thumbnails'), max: signed.length }),
        fc.constantFrom('', 'a', '&', '&a=b', '%20', '/', '/..', '0', '?'),
        fc.nat(20),
        async (index, added, removed) => {
          const changed = signed.slice(0, index) + added + signed.slice(index + removed);
          fc.pre(changed !== signed);
          expect(await codeOf(check(changed))).toBe(INVALID);
        },
      ),
      RUNS,
    );
  });

  const [, signature = ''] = /signature=(.*)$/.exec(signed)!;
  test.each([
    ['forged', signed.replace(signature, 'f'.repeat(64))],
    ['truncated', signed.slice(0, -2)],
    ['that is empty', signed.replace(signature, '')],
    ['missing', signed.replace(`&signature=${signature}`, '')],
    ['missing with all parameters', URL_OF_CAT],
    ['repeated', `${signed}&signature=${signature}`],
    ['repeated before', signed.replace('?', `?signature=${signature}&`)],
    ['not hexadecimal', signed.replace(signature, 'g'.repeat(64))],
    ['in upper case', signed.replace(signature, signature.toUpperCase())],
    ['with a newline', `${signed}%0a`],
    ['followed by another parameter', `${signed}&format=jpeg`],
    ['with another time', signed.replace(/expires=\d+/, 'expires=1777867322')],
    ['of an unknown key', signed.replace('keyid=k2', 'keyid=k3')],
    ['of the other key', signed.replace('keyid=k2', 'keyid=k1')],
    ['of a key named like an object property', signed.replace('keyid=k2', 'keyid=__proto__')],
    ['for another host', signed.replace('img.example.com', 'evil.example.com')],
    ['for another path in another spelling', signed.replace('my%20cat', 'my%2520cat')],
    ['for the same path in another spelling', signed.replace('/a/', '%2Fa/')],
    ['for a path with dots', signed.replace('/a/', '/b/../a/')],
  ])('the link is rejected with a signature %s', async (_, url) => {
    expect(url).not.toBe(signed);
    expect(await codeOf(check(url))).toBe(INVALID);
  });

  test('a link with an unknown key id or an empty key is invalid', async () => {
    const target = '/images/a.jpg?expires=1777867321&keyid=none';
    const hmac = createHmac('sha256', '').update(`GET\nh\n${target}`).digest('hex');
    expect(await codeOf(check(`https://h${target}&signature=${hmac}`))).toBe(INVALID);
  });

  test('a link for GET is also valid for HEAD, but for no other method', async () => {
    expect(await codeOf(check(signed, 'HEAD'))).toBe('valid');
    for (const method of ['POST', 'DELETE', 'get', 'PUT']) {
      expect(await codeOf(check(signed, method))).toBe(INVALID);
    }
    const forDelete = signUrl('https://h/images/a.jpg', { ...NEW, expires: HOUR, method: 'DELETE' });
    expect(await codeOf(check(forDelete, 'DELETE'))).toBe('valid');
    expect(await codeOf(check(forDelete, 'GET'))).toBe(INVALID);
  });

  test('a link is valid only for the configured hosts, regardless of the Host header', async () => {
    const checker = links({ hosts: ['img.example.com', 'abc.execute-api.eu-central-1.amazonaws.com'] });
    expect(await codeOf(check(signed.replace('img.example.com', 'internal:8080'), 'GET', checker))).toBe('valid');
    const other = signUrl(URL_OF_CAT.replace('img', 'evil'), { ...NEW, expires: HOUR });
    expect(await codeOf(check(other, 'GET', checker))).toBe(INVALID);
  });

  test.each([
    [-61, '403 expired-link'],
    [-59, 'valid'],
    [0, 'valid'],
    [86_400, 'valid'],
    [86_459, 'valid'],
    [86_461, INVALID],
    [10 ** 11, INVALID],
  ])('the check of a link that expires %d seconds from now results in: %s', async (seconds, expected) => {
    const url = signUrl(URL_OF_CAT, { ...NEW, expires: new Date(NOW + seconds * 1000) });
    expect(await codeOf(check(url))).toBe(expected);
  });

  test('sign() signs further links with the expiry of the request and the newest key', async () => {
    const checker = links();
    const link = await check(signed, 'GET', checker);
    const target = await checker.sign('/thumbnails/large/a.jpg?format=webp&v=1', link);
    expect(target).toBe(
      signUrl('https://img.example.com/thumbnails/large/a.jpg?format=webp&v=1', { ...NEW, expires: HOUR }).slice(
        'https://img.example.com'.length,
      ),
    );
    expect(await codeOf(check(`https://img.example.com${target}`, 'GET', checker))).toBe('valid');
  });
});
