import { signLink } from '../../../cli/sign-link';
import { fixedKeys, Links, parseSigningKeys } from '../../../runtime/http';

const OLD = '0123456789abcdef0123456789abcdef';
const NEW = 'fedcba9876543210fedcba9876543210';
const ENVIRONMENT = { SIGNING_KEYS: JSON.stringify({ k1: OLD, k2: NEW }) };
const URL_OF_CAT = 'https://img.example.com/images/my cat.jpg';

const signed = (
  options: Partial<Parameters<typeof signLink>[1]> = {},
  environment: Record<string, string> = ENVIRONMENT,
) => signLink(URL_OF_CAT, { expires: '1h', method: 'GET', ...options }, environment);

test.each([
  ['1h', 3600],
  ['90s', 90],
  ['15m', 900],
  ['7d', 604_800],
])('signLink() signs a link with the lifetime %s that the HTTP API accepts', async (expires, seconds) => {
  const url = await signed({ expires });
  expect(url).toMatch(
    /^https:\/\/img\.example\.com\/images\/my%20cat\.jpg\?expires=\d+&keyid=k2&signature=[0-9a-f]{64}$/,
  );
  const links = new Links({
    keys: fixedKeys(parseSigningKeys(ENVIRONMENT.SIGNING_KEYS)),
    hosts: [],
    maxLifetimeSeconds: 604_800,
  });
  const { pathname, search } = new URL(url);
  const link = await links.check({ method: 'GET', host: 'img.example.com', path: pathname, query: search.slice(1) });
  expect(Math.abs(link.expires.getTime() - Date.now() - seconds * 1000)).toBeLessThan(30_000);
});

test('signLink() signs with the given key and for the given method', async () => {
  const [one, other] = [await signed({ keyId: 'k1', method: 'delete' }), await signed({ keyId: 'k1' })];
  expect(one).toContain('&keyid=k1&');
  expect(one.slice(-64)).not.toBe(other.slice(-64));
});

test.each([
  [{ expires: '1' }, '--expires: got 1; expected 1s to 7d'],
  [{ expires: '0s' }, '--expires'],
  [{ expires: '8d' }, '--expires'],
  [{ expires: '-1h' }, '--expires'],
  [{ expires: '1y' }, '--expires'],
  [{ method: 'PUT' }, '--method: got PUT; expected GET, POST, DELETE'],
  [{ keyId: 'k3' }, '--key-id: got k3'],
])('signLink() rejects %j', async (options, message) => {
  await expect(signed(options)).rejects.toThrow(message);
});

test('the errors of signLink() contain the missing option and no key', async () => {
  await expect(signed({}, {})).rejects.toThrow('--secret: is missing; expected');
  const failure = await signed({}, { SIGNING_KEYS: `{"1":"${OLD}"}` }).catch((error: Error) => error.message);
  expect(failure).toContain('signing keys');
  expect(failure).not.toContain(OLD);
});
