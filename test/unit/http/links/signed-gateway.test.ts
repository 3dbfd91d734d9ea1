import fc from 'fast-check';
import { handleGatewayEvent, createHttpApi, fixedKeys, Links, signUrl } from '../../../../runtime/http';
import { thumbnailUrl } from '../../../../runtime/http/api-urls';
import { EVERY_SOURCE, FakePipeline, readyManifest } from '../fake-pipeline';
import { gatewayEvent } from '../gateway-event';
import { asHttpApiDecodes, keyArbitrary, RUNS } from '../key-arbitrary';

fc.configureGlobal({ seed: 1 });

const KEY = { id: 'k1', key: '0123456789abcdef0123456789abcdef' };
const HOST = 'abcdef1234.execute-api.eu-central-1.amazonaws.com';
const expires = new Date(Date.now() + 600_000);

function open(options: { readonly hosts?: readonly string[] } = {}) {
  const keys: string[] = [];
  const pipeline = new FakePipeline(
    (key, fake) => {
      fake.store(key, 'small', 'webp', Buffer.from('picture'));
      return { status: 'made', key, manifest: readyManifest(key) };
    },
    (key) => keys.push(key) > 0,
  );
  pipeline.thumbnails = [{ name: 'small', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }];
  const app = createHttpApi({
    pipeline,
    reconcile: pipeline.reconcile,
    source: EVERY_SOURCE,
    cacheControl: 'max-age=60',
    version: '1',
    readLinks: new Links({ keys: fixedKeys([KEY]), hosts: options.hosts ?? [], maxLifetimeSeconds: 3600 }),
  });
  /** Sends a URL like an HTTP API: decodes the path twice and does not change the query. */
  const send = async (url: string, event: Partial<Parameters<typeof gatewayEvent>[0]> = {}) => {
    const { pathname, search } = new URL(url);
    const { statusCode } = await handleGatewayEvent(
      app,
      gatewayEvent({ rawPath: asHttpApiDecodes(pathname), rawQueryString: search.slice(1), ...event }),
    );
    return statusCode;
  };
  return { send, keys };
}

describe('a signed link through an HTTP API', () => {
  test('a link is valid only for its key', async () => {
    const { send, keys } = open();
    await fc.assert(
      fc.asyncProperty(keyArbitrary, async (key) => {
        const url = signUrl(`https://${HOST}${thumbnailUrl('small', key, { format: 'webp' })}`, { ...KEY, expires });
        expect([await send(url), keys.at(-1)]).toEqual([200, key]);
        const requestCount = keys.length;
        const { pathname } = new URL(url);
        expect(await send(url, { rawPath: `${asHttpApiDecodes(pathname)}x` })).toBe(403);
        expect(keys).toHaveLength(requestCount);
      }),
      RUNS,
    );
  });

  test('the signature covers the path in the request of the client, including the stage', async () => {
    const { send } = open();
    const url = signUrl(`https://${HOST}/prod/thumbnails/small/a.jpg`, { ...KEY, expires });
    expect(await send(url, { stage: 'prod' })).toBe(200);
    const without = signUrl(`https://${HOST}/thumbnails/small/a.jpg`, { ...KEY, expires });
    expect(await send(without, { stage: 'prod', rawPath: '/prod/thumbnails/small/a.jpg' })).toBe(403);
  });

  test('a link is valid for the configured host of a distribution', async () => {
    const { send } = open({ hosts: ['img.example.com'] });
    const path = '/thumbnails/small/a.jpg';
    expect(await send(signUrl(`https://img.example.com${path}`, { ...KEY, expires }))).toBe(200);
    expect(await send(signUrl(`https://${HOST}${path}`, { ...KEY, expires }))).toBe(403);
  });

  test('a link is valid only for its method', async () => {
    const { send } = open();
    const url = signUrl(`https://${HOST}/thumbnails/small/a.jpg`, { ...KEY, expires, method: 'DELETE' });
    expect(await send(url)).toBe(403);
    expect(await send(signUrl(`https://${HOST}/thumbnails/small/a.jpg`, { ...KEY, expires }), { method: 'HEAD' })).toBe(
      200,
    );
  });
});
