import { createVerify, generateKeyPairSync } from 'node:crypto';
import { createHttpApi, fixedKeys } from '../../../../runtime/http';
import { CdnLinks } from '../../../../runtime/http/links/cdn-links';
import { EVERY_SOURCE, FakePipeline, readyManifest } from '../fake-pipeline';

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const OLD = pair();
const NEW = pair();
const NOW = Date.parse('2026-05-04T03:02:01Z');
const OLD_KEY = { id: 'k1', key: OLD.privateKey };
const NEW_KEY = { id: 'k2', key: NEW.privateKey };

const links = (options: Partial<ConstructorParameters<typeof CdnLinks>[0]> = {}) =>
  new CdnLinks({
    url: 'https://img.example.com/media',
    keyPairIds: { k1: 'KOLD', k2: 'KNEW' },
    keys: fixedKeys([OLD_KEY, NEW_KEY]),
    lifetimeSeconds: 600,
    now: () => NOW,
    ...options,
  });

/** Verifies a URL like CloudFront: rebuilds the canned policy from the URL. */
function verify(
  url: string,
  publicKey: string,
): { readonly isValid: boolean; readonly id: string; readonly expires: number } {
  const [, resource, expires, signature, id] = /^(.*)[?&]Expires=(\d+)&Signature=([\w~-]+)&Key-Pair-Id=(\w+)$/.exec(
    url,
  )!;
  const policy = `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const base64 = signature!.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  const isValid = createVerify('RSA-SHA1').update(policy).verify(publicKey, base64, 'base64');
  return { isValid, id: id!, expires: Number(expires) };
}

test.each(['/thumbnails/small/a/my%20cat.jpg?format=webp&v=0a1b', '/thumbnails/small/cat.jpg'])(
  'CloudFront accepts the signature of %s',
  async (path) => {
    const url = await links().sign(path);
    expect(url).toContain(`https://img.example.com/media${path}`);
    expect(verify(url!, NEW.publicKey)).toMatchObject({ isValid: true, id: 'KNEW' });
    expect(verify(url!.replace('cat', 'dog'), NEW.publicKey).isValid).toBe(false);
    expect(verify(url!, OLD.publicKey).isValid).toBe(false);
  },
);

test('a link is valid for one to two times the minimum lifetime, and repeated calls return one link', async () => {
  const path = '/thumbnails/small/cat.jpg';
  const urls = new Set<string>();
  for (let second = 0; second < 600; second += 7) {
    const url = (await links({ now: () => NOW - (NOW % 600_000) + second * 1000 }).sign(path))!;
    const lifetime = verify(url, NEW.publicKey).expires - (NOW - (NOW % 600_000)) / 1000 - second;
    expect(lifetime).toBeGreaterThanOrEqual(600);
    expect(lifetime).toBeLessThanOrEqual(1200);
    urls.add(url);
  }
  expect(urls.size).toBe(1);
});

test('the old key signs links until the secret contains the new key', async () => {
  const url = await links({ keys: fixedKeys([OLD_KEY]) }).sign('/thumbnails/small/cat.jpg');
  expect(verify(url!, OLD.publicKey)).toMatchObject({ isValid: true, id: 'KOLD' });
});

test('a private key without a public key in CloudFront never signs links', async () => {
  const url = await links({ keyPairIds: { k1: 'KOLD' } }).sign('/thumbnails/small/cat.jpg');
  expect(verify(url!, OLD.publicKey)).toMatchObject({ isValid: true, id: 'KOLD' });
  const none = links({ keyPairIds: { k3: 'KX' } }).sign('/thumbnails/small/cat.jpg');
  await expect(none).rejects.toMatchObject({ code: 'storage-unavailable' });
});

test('an invalid private key causes an error without parts of the key', async () => {
  const key = 'not a key, but a secret of 32 characters';
  const result = links({ keys: fixedKeys([{ id: 'k2', key }]) }).sign('/thumbnails/small/cat.jpg');
  const error = await result.catch((reason: unknown) => reason as Error & { readonly cause?: Error });
  expect(error).toMatchObject({ code: 'storage-unavailable' });
  expect(JSON.stringify([String(error), String((error as { readonly cause?: Error }).cause)])).not.toContain(
    'secret of 32',
  );
});

test('a manifest contains signed links, except for keys in the query', async () => {
  const pipeline = new FakePipeline();
  const app = createHttpApi({
    pipeline,
    reconcile: pipeline.reconcile,
    source: EVERY_SOURCE,
    cacheControl: 'max-age=60',
    version: '1',
    cdnLinks: links(),
  });
  const manifestOf = async (key: string) => {
    pipeline.manifests.set(key, readyManifest(key));
    const response = await app.fetch(new Request(`https://api.example/images?key=${encodeURIComponent(key)}`), {});
    return (await response.json()) as {
      thumbnails: { url: string }[];
      srcset: Record<string, string>;
      picture: string;
    };
  };
  const { thumbnails, srcset, picture } = await manifestOf('a/cat.jpg');
  expect(thumbnails).toHaveLength(3);
  for (const { url } of thumbnails) {
    expect(verify(url, NEW.publicKey)).toMatchObject({ isValid: true });
    expect(JSON.stringify(srcset)).toContain(url);
  }
  expect(picture).toContain('Key-Pair-Id=KNEW');
  const inQuery = await manifestOf('100%.jpg');
  expect(inQuery.thumbnails[0]!.url).toMatch(/^\/thumbnails\/small\?key=100%25\.jpg/);
});
