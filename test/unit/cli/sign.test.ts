import { sign } from '../../../cli/sign';
import { fixedKeys, Links, parseSigningKeys } from '../../../runtime/http';

const OLD = '0123456789abcdef0123456789abcdef';
const NEW = 'fedcba9876543210fedcba9876543210';
const ENVIRONMENT = { SIGNING_KEYS: JSON.stringify({ k1: OLD, k2: NEW }) };
const URL_OF_CAT = 'https://img.example.com/images/my cat.jpg';

const signed = (options: Partial<Parameters<typeof sign>[1]> = {}, environment: Record<string, string> = ENVIRONMENT) =>
  sign(URL_OF_CAT, { expires: '1h', method: 'GET', ...options }, environment);

test.each([
  ['1h', 3600],
  ['90s', 90],
  ['15m', 900],
  ['7d', 604_800],
])('signs a link for %s that the API takes', async (expires, seconds) => {
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

test('signs by another key and for another method', async () => {
  const [one, other] = [await signed({ keyId: 'k1', method: 'delete' }), await signed({ keyId: 'k1' })];
  expect(one).toContain('&keyid=k1&');
  expect(one.slice(-64)).not.toBe(other.slice(-64));
});

test.each([
  [{ expires: '1' }, '--expires: got 1, allowed: 1s to 7d'],
  [{ expires: '0s' }, '--expires'],
  [{ expires: '8d' }, '--expires'],
  [{ expires: '-1h' }, '--expires'],
  [{ expires: '1y' }, '--expires'],
  [{ method: 'PUT' }, '--method: got PUT, allowed: GET, POST, DELETE'],
  [{ keyId: 'k3' }, '--key-id: there is no key k3'],
])('refuses %j', async (options, message) => {
  await expect(signed(options)).rejects.toThrow(message);
});

test('says what is missing, and never what a key is', async () => {
  await expect(signed({}, {})).rejects.toThrow('give --secret, or set SIGNING_SECRET or SIGNING_KEYS');
  const failure = await signed({}, { SIGNING_KEYS: `{"1":"${OLD}"}` }).catch((error: Error) => error.message);
  expect(failure).toContain('the signing keys are none');
  expect(failure).not.toContain(OLD);
});
