// Runs the deployed code of the CloudFront functions in a context without Node.js globals, as CloudFront does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, createContext, runInContext } from 'node:vm';
import { Linter } from 'eslint';
import fc from 'fast-check';
import { edgeFunctionCode, type EdgeSettings } from '../../../lib/cdn/edge-function';
import { FORMATS, type Format, MAX_THUMBNAILS, type ThumbnailSettings } from '../../../runtime/contract';
import { contentTypeOf, extensionOf } from '../../../runtime/engine';
import { ERROR_CODES } from '../../../runtime/errors/error-codes';
import { decodeKey } from '../../../runtime/http';
import { versionOf } from '../../../runtime/http/api-urls';
import { chooseFormat } from '../../../runtime/http/negotiation/choose-format';
import { contentDisposition } from '../../../runtime/http/negotiation/disposition';
import { parseStoredKey } from '../../../runtime/http/routes/stored-key';
import { newStack } from '../../support/templates/stacks';

interface EdgeRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: Record<string, { readonly value: string; readonly multiValue?: { readonly value: string }[] }>;
  readonly headers: Record<string, { readonly value: string; readonly multiValue?: { readonly value: string }[] }>;
}
interface EdgeResponse {
  readonly statusCode: number;
  readonly headers: Record<string, { readonly value: string }>;
  readonly body?: string;
}
type FunctionResult = EdgeRequest | EdgeResponse;

const SETTINGS: EdgeSettings = {
  formats: { small: ['webp'], all: ['jpeg', 'webp', 'avif'], constructor: ['png', 'gif'] },
  prefix: 'out/',
  base: '',
  query: true,
};

function load(settings: Partial<EdgeSettings> = {}): (request: Partial<EdgeRequest>) => FunctionResult {
  const realm = createContext(Object.create(null) as object);
  runInContext(edgeFunctionCode(newStack(), 'normalize', { ...SETTINGS, ...settings }), realm);
  return (request) => {
    const whole = { method: 'GET', uri: '/', querystring: {}, headers: {}, ...request };
    return callIn(realm, { request: whole }) as FunctionResult;
  };
}

/** Calls the handler of the function. Passes values as JSON, so that the two contexts share no objects. */
function callIn(realm: Context, event: object): unknown {
  return JSON.parse(String(runInContext(`JSON.stringify(handler(${JSON.stringify(event)}))`, realm)));
}

/** Returns the response to the client for a request that `normalize` has changed. */
function respondTo(
  request: Partial<EdgeRequest>,
  response: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> } = {},
  { settings = {}, seen }: { readonly settings?: Partial<EdgeSettings>; readonly seen?: 'original' } = {},
): { readonly statusCode: number; readonly headers: Readonly<Record<string, string>> } {
  const realm = createContext(Object.create(null) as object);
  runInContext(edgeFunctionCode(newStack(), 'respond', { ...SETTINGS, ...settings }), realm);
  const original = { method: 'GET', uri: '/', querystring: {}, headers: {}, ...request };
  const stored = {
    'content-type': 'image/webp',
    etag: `"${ETAG}"`,
    'cache-control': 'public, max-age=86400',
    ...response.headers,
  };
  const answer = callIn(realm, {
    request: seen === 'original' ? original : load(settings)(original),
    response: {
      statusCode: response.statusCode ?? 200,
      headers: Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, { value }])),
    },
  }) as EdgeResponse;
  return {
    statusCode: answer.statusCode,
    headers: Object.fromEntries(Object.entries(answer.headers).map(([name, { value }]) => [name, value])),
  };
}

const ETAG = '0123456789abcdef0123456789abcdef';

/** Returns the URL of the request to the origin, or the status and code of the response that the function creates. */
function urlOf(answer: FunctionResult): string {
  if (!('uri' in answer)) {
    return `${answer.statusCode} ${answer.headers['location']?.value ?? codeOf(answer)}`;
  }
  const query = Object.entries(answer.querystring).map(([name, { value }]) => `${name}=${value}`);
  return answer.uri + (query.length === 0 ? '' : `?${query.join('&')}`);
}

function codeOf(answer: EdgeResponse): string {
  return (JSON.parse(answer.body ?? '{}') as { readonly code: string }).code;
}

const handle = load();
const accepting = (value: string): Partial<EdgeRequest> => ({ headers: { accept: { value } } });

/**
 * Accept headers that browsers send for an `<img>`, from MDN's list of default Accept values
 * (https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Content_negotiation/List_of_default_Accept_values). MDN
 * does not list the current Safari and Internet Explorer. Their headers, marked with *, are from public recordings of
 * requests.
 */
const BROWSERS: Readonly<Record<string, string>> = {
  'Chrome and Edge 121 and later': 'image/avif,image/webp,image/apng,image/*,*/*;q=0.8',
  'Chrome and Edge *': 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
  'Firefox 128 and later': 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
  'Firefox 92 to 127': 'image/avif,image/webp,*/*',
  'Firefox 65 to 91': 'image/webp,*/*',
  'Firefox 47 to 63': '*/*',
  'Safari 17 *':
    'image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
  'Safari since macOS Big Sur': 'image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5',
  'Safari before': 'image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5',
  'Internet Explorer 11 and the first Edge *': 'image/png, image/svg+xml, image/jxr, image/*;q=0.8, */*;q=0.5',
};

test('the requests of ten browsers result in one cache entry per format', () => {
  const entriesFor = (name: string): Set<string> =>
    new Set(
      Object.values(BROWSERS).map((accept) =>
        urlOf(handle({ uri: `/thumbnails/${name}/cat.jpg`, ...accepting(accept) })),
      ),
    );
  expect(new Set(Object.values(BROWSERS)).size).toBe(10);
  expect(entriesFor('small')).toEqual(new Set(['/out/cat.jpg/small.webp']));
  expect(entriesFor('all')).toEqual(
    new Set(['/out/cat.jpg/all.avif', '/out/cat.jpg/all.webp', '/out/cat.jpg/all.jpg']),
  );
});

test('the documentation lists the format for each browser', () => {
  const text = readFileSync(join(__dirname, '../../../docs/reference/http-api.md'), 'utf8');
  const get = load({ formats: { all: ['jpeg', 'webp', 'avif'], one: ['webp'] }, prefix: '' });
  const rows = Object.entries(BROWSERS).map(([browser, accept], index) => {
    const fileOf = (name: string): string =>
      urlOf(get({ uri: `/thumbnails/${name}/a`, ...accepting(accept) })).replace(`/a/${name}`, 'all');
    return [browser, `\`${fileOf('all')}\``, `\`${fileOf('one')}\``, String(index + 1)];
  });
  const documented = [...text.matchAll(/^\| +(.*?) +\| +(`all\.\w+`) +\| +(`all\.\w+`) +\| +(\d+) +\|$/gm)].map(
    ([, browser, ...cells]) => [browser!.replace('\\*', '*'), ...cells],
  );
  expect(documented).toEqual(rows);
});

describe('chooses the same format as the API', () => {
  const thumbnail = (formats: readonly Format[]): ThumbnailSettings => ({
    name: 'one',
    fit: 'inside',
    width: 1,
    height: 1,
    formats: formats.map((type) => ({ type })),
  });
  const both = (formats: readonly Format[], accept: string): [string, string] => {
    const answer = load({ formats: { one: [...formats] } })({ uri: '/thumbnails/one/a', ...accepting(accept) });
    return [urlOf(answer), `/out/a/one.${extensionOf(chooseFormat(thumbnail(formats), { accept }).format)}`];
  };
  const formats = fc.shuffledSubarray([...FORMATS], { minLength: 1 });
  const range = fc.constantFrom(
    ...FORMATS.map(contentTypeOf),
    'image/*',
    '*/*',
    'text/html',
    'IMAGE/WEBP',
    'image',
    '',
  );
  const parameter = fc.constantFrom('', ';q=1', ';q=0', '; q=0.5', ';q=0.7', ';Q=0.3', ';q=2', ';q =1', ';v=b3;q=0.2');
  const element = fc.tuple(range, parameter).map(([type, end]) => type + end);
  const header = fc.array(element, { maxLength: 6 }).map((elements) => elements.join(','));

  test.each(Object.entries(BROWSERS))('the function chooses the same format as the API for %s', (_name, accept) => {
    const [edge, api] = both(['jpeg', 'webp', 'avif'], accept);
    expect(edge).toBe(api);
  });

  test('the function chooses the same format as the API for generated headers', () => {
    fc.assert(
      fc.property(formats, header, (types, accept) => {
        const [edge, api] = both(types, accept);
        expect(edge).toBe(api);
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  test('the function chooses the same format as the API for malformed headers', () => {
    // Characters of a header value: https://www.rfc-editor.org/rfc/rfc9110#section-5.5
    const text = fc.stringMatching(/^[\x21-\x7e]{0,60}$/);
    fc.assert(
      fc.property(formats, text, (types, accept) => {
        const [edge, api] = both(types, accept);
        expect(edge).toBe(api);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test('the function chooses the same format as the API for repeated Accept headers and without an Accept header', () => {
    const multiValue = [{ value: 'image/avif;q=0.5' }, { value: 'image/webp' }];
    const headers = { accept: { value: 'image/avif;q=0.5', multiValue } };
    expect(urlOf(handle({ uri: '/thumbnails/all/a', headers }))).toBe('/out/a/all.webp');
    expect(urlOf(handle({ uri: '/thumbnails/all/a' }))).toBe('/out/a/all.jpg');
  });
});

describe('normalizes', () => {
  const cases: [string, string, Record<string, string>, string][] = [
    ['a plain path', '/thumbnails/small/a/cat.jpg', {}, '/out/a/cat.jpg/small.webp'],
    ['a requested format', '/thumbnails/all/cat.jpg', { format: 'jpeg' }, '/out/cat.jpg/all.jpg'],
    [
      'unknown query parameters',
      '/thumbnails/small/cat.jpg',
      { utm_source: 'x', fbclid: '1' },
      '/out/cat.jpg/small.webp',
    ],
    ['a version', '/thumbnails/small/cat.jpg', { x: '1', v: 'abc' }, '/out/cat.jpg/small.webp?v=abc'],
    ['unnecessary percent-encoding', '/thumbnails/small/%63at.jpg', {}, '/out/cat.jpg/small.webp'],
    ['an encoded slash', '/thumbnails/small/a%2Fcat.jpg', {}, '/out/a/cat.jpg/small.webp'],
    ['a plus sign, which S3 decodes to a space', '/thumbnails/small/a+b', {}, '/out/a%2Bb/small.webp'],
    ['a space', '/thumbnails/small/a%20b', {}, '/out/a%20b/small.webp'],
    ['characters outside ASCII', '/thumbnails/small/%C3%BC.jpg', {}, '/out/%C3%BC.jpg/small.webp'],
    ['an emoji', '/thumbnails/small/%F0%9F%90%88.jpg', {}, '/out/%F0%9F%90%88.jpg/small.webp'],
    ['trailing dots', '/thumbnails/small/a..', {}, '/out/a../small.webp'],
    ['the name of a property of Object.prototype', '/thumbnails/constructor/a', {}, '/out/a/constructor.png'],
    ['a key in the query', '/thumbnails/small', { key: 'a%25b', x: '1' }, '/thumbnails/small?key=a%25b&format=webp'],
    ['an image', '/images/a%2Bb', { x: '1' }, '/images/a%2Bb'],
    ['an image in the query', '/images', { key: 'a%2Fb', x: '1' }, '/images?key=a%2Fb'],
  ];
  test.each(cases)('%s', (_what, uri, query, expected) => {
    const querystring = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, { value }]));
    expect(urlOf(handle({ uri, querystring }))).toBe(expected);
  });

  test('the function does not change precomposed and decomposed letters', () => {
    const [composed, decomposed] = ['é', 'é'.normalize('NFD')].map((key) =>
      urlOf(handle({ uri: `/thumbnails/small/${encodeURIComponent(key)}` })),
    );
    expect(composed).not.toBe(decomposed);
  });
});

describe('requests without a thumbnail key below the prefix', () => {
  const bad: [string, string, string][] = [
    ['an unknown thumbnail', '/thumbnails/huge/cat.jpg', '404 unknown-thumbnail'],
    ['the name of a method of Object.prototype', '/thumbnails/toString/cat.jpg', '404 unknown-thumbnail'],
    ['another path', '/secret.txt', '404 route-not-found'],
    ['the root path', '/', '404 route-not-found'],
    ['a path with a similar beginning', '/imagesque', '404 route-not-found'],
    ['a NUL character', '/thumbnails/small/a%00b', '400 invalid-key'],
    ['invalid UTF-8', '/thumbnails/small/%ff', '400 invalid-key'],
    ['a lone percent sign', '/thumbnails/small/50%', '400 invalid-key'],
    ['dots', '/thumbnails/small/../../etc', '302 /thumbnails/small?key=..%2F..%2Fetc'],
    ['encoded dots', '/thumbnails/small/%2e%2e%2fetc', '302 /thumbnails/small?key=..%2Fetc'],
    ['dots encoded twice', '/thumbnails/small/%252e%252e', '302 /thumbnails/small?key=%252e%252e'],
    ['a backslash', '/thumbnails/small/a%5Cb', '302 /thumbnails/small?key=a%5Cb'],
    ['two slashes', '/thumbnails/small//host/a', '302 /thumbnails/small?key=%2Fhost%2Fa'],
    ['a question mark', '/thumbnails/small/a%3Fb', '302 /thumbnails/small?key=a%3Fb'],
    [
      'a key whose thumbnail set has a hashed name',
      `/thumbnails/small/${'é'.repeat(448)}`,
      `302 /thumbnails/small?key=${'%C3%A9'.repeat(448)}`,
    ],
  ];
  test.each(bad)('the function responds to %s without a request to the origin', (_what, uri, expected) => {
    expect(urlOf(handle({ uri }))).toBe(expected);
  });

  test('the function rejects a format that the thumbnail does not have', () => {
    expect(urlOf(handle({ uri: '/thumbnails/small/a', querystring: { format: { value: 'avif' } } }))).toBe(
      '400 unknown-format',
    );
  });

  test('the function sends only keys of thumbnails to the origin for generated paths', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('..', '%2e%2e', '%2F', '%5c', '%00', 'é'),
    );
    const path = fc
      .array(part, { maxLength: 5 })
      .map((parts) => `/thumbnails/small/${parts.map((each) => each.replace(/[\ud800-\udfff]/g, '')).join('/')}`);
    fc.assert(
      fc.property(path, (uri) => {
        const url = urlOf(handle({ uri }));
        expect(url).toMatch(
          /^(?:\/out\/[^?#\\]+\/small\.webp$|302 \/thumbnails\/small\?key=[^&?#/\\]+$|400 invalid-key$|\/thumbnails\/small\?format=webp$)/,
        );
        expect(decodeURIComponent(url)).not.toMatch(/^\/out\/(?:.*\/)?\.\.?\//);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

test('the API reads the key of the request from the normalized path', () => {
  const formats = [{ type: 'webp' }] as const;
  const thumbnails: readonly ThumbnailSettings[] = [{ name: 'small', fit: 'inside', width: 1, height: 1, formats }];
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(key, (source) => {
      const url = urlOf(handle({ uri: `/thumbnails/small/${source.split('/').map(encodeURIComponent).join('/')}` }));
      if (url.startsWith('302 ')) {
        expect(url).toBe(`302 /thumbnails/small?key=${encodeURIComponent(source)}`);
        return;
      }
      const stored = { name: 'small', key: source, format: 'webp' };
      expect(parseStoredKey(decodeKey(url.slice(1)), 'out/', () => thumbnails)).toEqual(stored);
    }),
    { numRuns: 300, seed: 1 },
  );
});

describe('settings', () => {
  test('the function rejects paths without the base path', () => {
    const behind = load({ base: '/media' });
    expect(urlOf(behind({ uri: '/media/thumbnails/small/a' }))).toBe('/out/a/small.webp');
    expect(urlOf(behind({ uri: '/media/images/a' }))).toBe('/images/a');
    expect(urlOf(behind({ uri: '/media/thumbnails/small/a%25' }))).toBe('302 /media/thumbnails/small?key=a%25');
    expect(urlOf(behind({ uri: '/mediathumbnails/small/a' }))).toBe('404 route-not-found');
    expect(urlOf(behind({ uri: '/thumbnails/small/a' }))).toBe('404 route-not-found');
  });

  test('the function rejects a key in the query if links are signed by path', () => {
    const closed = load({ query: false });
    expect(urlOf(closed({ uri: '/thumbnails/small/a' }))).toBe('/out/a/small.webp');
    expect(urlOf(closed({ uri: '/thumbnails/small/a%25' }))).toBe('400 invalid-key');
    expect(urlOf(closed({ uri: '/thumbnails/small', querystring: { key: { value: 'a' } } }))).toBe('400 invalid-key');
  });

  test('the function percent-encodes the thumbnail prefix', () => {
    expect(urlOf(load({ prefix: 'my thumbs/ü-"' })({ uri: '/thumbnails/small/a' }))).toBe(
      '/my%20thumbs/%C3%BC-%22a/small.webp',
    );
    expect(urlOf(load({ prefix: '' })({ uri: '/thumbnails/small/a' }))).toBe('/a/small.webp');
  });
});

describe('the limits of CloudFront functions', () => {
  /** The maximum number of thumbnails, each with a name of maximum length and all formats. */
  const most = Object.fromEntries(
    Array.from({ length: MAX_THUMBNAILS }, (_, index) => [
      `${'n'.repeat(61)}-${String(index).padStart(2, '0')}`,
      [...FORMATS],
    ]),
  );

  test.each(['normalize', 'respond'] as const)(
    'the largest configuration of %s stays within the limits of CloudFront Functions',
    (name) => {
      const settings = { formats: most, prefix: 'p'.repeat(512), base: '/media', query: true };
      expect(Buffer.byteLength(edgeFunctionCode(newStack(), name, settings))).toBeLessThanOrEqual(10_240);
    },
  );

  test('synthesis fails if a function exceeds a limit of CloudFront Functions', () => {
    const base = `/${'b'.repeat(10_240)}`;
    expect(() => edgeFunctionCode(newStack(), 'normalize', { ...SETTINGS, base })).toThrow(
      /^Stack: thumbnails: .* 10240; /,
    );
  });

  test.each(['normalize', 'respond'] as const)('the code of %s uses only the supported language version', (name) => {
    const code = edgeFunctionCode(newStack(), name, SETTINGS);
    const languageOptions = { ecmaVersion: 5, sourceType: 'script' } as const;
    const messages = new Linter().verify(code, { languageOptions, rules: { 'no-undef': 'error' } });
    expect(messages).toEqual([]);
    expect(new Linter().verify(`${code}const a = 1;`, { languageOptions })).toHaveLength(1);
    expect(code).toMatch(/^function handler\(event\) \{$/m);
  });
});

test('the error responses of the function equal the problem documents of the API', () => {
  const answer = handle({ uri: '/thumbnails/huge/a' }) as EdgeResponse;
  expect(answer.headers['content-type']).toEqual({ value: 'application/problem+json' });
  expect(answer.headers['cache-control']).toEqual({ value: 'no-store' });
  expect(JSON.parse(answer.body!)).toEqual({
    type: 'urn:cdk-thumbnails:problem:unknown-thumbnail',
    title: ERROR_CODES['unknown-thumbnail'].title,
    status: 404,
    detail: expect.any(String) as string,
    instance: '/thumbnails/huge/a',
    code: 'unknown-thumbnail',
  });
});

// AWS does not document whether `respond` receives the original request or the request that `normalize` returned. Both
// requests must have equal results.
describe.each([
  ['original', 'original'],
  ['normalized', undefined],
] as const)('a response of the bucket, with the %s request', (_how, seen) => {
  const ask = (uri: string, query: Record<string, string> = {}): Partial<EdgeRequest> => ({
    uri,
    querystring: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, { value }])),
  });
  const varyOf = (request: Partial<EdgeRequest>, headers: Record<string, string> = {}): string | undefined =>
    respondTo(request, { headers }, { seen }).headers['vary'];

  test('the response varies by Accept if the format was negotiated', () => {
    expect(varyOf(ask('/thumbnails/all/a/cat.jpg'))).toBe('Accept');
    expect(varyOf(ask('/thumbnails/constructor/a'))).toBe('Accept');
    expect(varyOf(ask('/thumbnails/all/a/cat.jpg', { format: 'webp' }))).toBeUndefined();
    expect(varyOf(ask('/thumbnails/small/a/cat.jpg'))).toBeUndefined();
    expect(respondTo(ask('/media/thumbnails/all/a'), {}, { seen, settings: { base: '/media' } }).headers).toMatchObject(
      {
        vary: 'Accept',
      },
    );
  });

  test('the response keeps other fields of Vary', () => {
    expect(varyOf(ask('/thumbnails/all/a'), { vary: 'Origin' })).toBe('Origin, Accept');
    expect(varyOf(ask('/thumbnails/all/a'), { vary: 'accept, Origin' })).toBe('accept, Origin');
    expect(varyOf(ask('/thumbnails/all/a'), { vary: 'Accept-Encoding' })).toBe('Accept-Encoding, Accept');
  });

  test('the response is immutable if the URL contains its version', () => {
    const kept = (v: string, settings: Partial<EdgeSettings> = {}): string | undefined =>
      respondTo(ask('/thumbnails/small/a', { v }), {}, { seen, settings }).headers['cache-control'];
    expect(kept(versionOf(ETAG))).toBe('public, max-age=31536000, immutable');
    expect(kept('fedcba9876543210')).toBe('public, max-age=86400');
    expect(kept(ETAG)).toBe('public, max-age=86400');
    expect(kept(versionOf(ETAG), { query: false })).toBe('private, max-age=31536000, immutable');
    expect(kept('other', { query: false })).toBe('private, max-age=86400');
  });

  test('the response has the same file name as a response of the API', () => {
    const key = fc
      .string({ unit: fc.constantFrom(...'aZ09 ._-()\'*",;=é–ü😀日\t\x7f\u200b\\/'), minLength: 1, maxLength: 140 })
      .filter((text) => !/^\/|\/$|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/.test(text) && Buffer.byteLength(encodeURI(text)) < 800);
    fc.assert(
      fc.property(key, (source) => {
        // Excludes keys with a backslash, because their URLs contain the key in the query and lead to the API.
        fc.pre(!source.includes('\\'));
        const path = source.split('/').map(encodeURIComponent).join('/');
        const { headers } = respondTo(ask(`/thumbnails/all/${path}`), {}, { seen });
        expect(headers['content-disposition']).toBe(contentDisposition(source, 'all', 'webp'));
      }),
      { numRuns: 60, seed: 1 },
    );
    const given = { 'content-disposition': 'inline; filename="given.webp"' };
    expect(respondTo(ask('/thumbnails/all/a'), { headers: given }, { seen }).headers).toMatchObject(given);
  });

  test('the response has equal headers if the API paths start with the thumbnail prefix', () => {
    const settings = { prefix: 'thumbnails/' };
    for (const uri of ['/thumbnails/all/cat.jpg', '/thumbnails/all/small/cat.jpg', '/thumbnails/all/all/small.jpg']) {
      const { headers } = respondTo(ask(uri), {}, { seen, settings });
      const file = `${uri.slice(uri.lastIndexOf('/') + 1, -'.jpg'.length)}-all.webp`;
      expect(headers).toMatchObject({
        vary: 'Accept',
        'content-disposition': `inline; filename="${file}"; filename*=UTF-8''${file}`,
      });
    }
  });

  test('the function does not change a response without a thumbnail', () => {
    const asked = ask('/thumbnails/all/a', { v: versionOf(ETAG) });
    for (const statusCode of [302, 404, 503]) {
      expect(respondTo(asked, { statusCode }, { seen }).headers).toEqual({
        'content-type': 'image/webp',
        etag: `"${ETAG}"`,
        'cache-control': 'public, max-age=86400',
      });
    }
    expect(respondTo(asked, { statusCode: 304 }, { seen }).headers).toMatchObject({ vary: 'Accept' });
  });
});

test('the responses to a key in the query and to a key in the path have equal Vary headers', () => {
  const ask = (query: Record<string, string>): string | undefined =>
    respondTo({
      uri: '/thumbnails/all',
      querystring: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, { value }])),
    }).headers['vary'];
  expect(ask({ key: 'a%25' })).toBe('Accept');
  expect(ask({ key: 'a%25', format: 'webp' })).toBeUndefined();
});
