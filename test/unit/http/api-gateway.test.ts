import fc from 'fast-check';
import { Hono } from 'hono';
import {
  handleGatewayEvent,
  createHttpApi,
  MAX_LAMBDA_RESPONSE_BYTES,
  type HttpApiEnvironment,
} from '../../../runtime/http';
import { encodePath, imageUrl, thumbnailUrl } from '../../../runtime/http/api-urls';
import { EVERY_SOURCE, FakePipeline, readyManifest } from './fake-pipeline';
import { gatewayEvent } from './gateway-event';
import { asHttpApiDecodes, keyArbitrary, RUNS } from './key-arbitrary';

fc.configureGlobal({ seed: 1 });

/** Creates an app with a pipeline that contains every image and records the requested keys. */
function openAny() {
  const keys: string[] = [];
  const pipeline = new FakePipeline(
    (key, fake) => {
      fake.store(key, 'small', 'webp', Buffer.from('picture'));
      return { status: 'made', key, manifest: readyManifest(key) };
    },
    (key) => keys.push(key) > 0,
  );
  pipeline.thumbnails = [{ name: 'small', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }];
  return {
    keys,
    app: createHttpApi({
      pipeline,
      reconcile: pipeline.reconcile,
      source: EVERY_SOURCE,
      cacheControl: 'max-age=60',
      version: '1',
    }),
  };
}

/** Sends a URL of this API. Decodes the path as API Gateway does. */
async function send(app: Hono<HttpApiEnvironment>, url: string, deal: (path: string) => string) {
  const { pathname, search } = new URL(url, 'https://host');
  return handleGatewayEvent(app, gatewayEvent({ rawPath: deal(pathname), rawQueryString: search.slice(1) }));
}

describe('the requested key', () => {
  test('the API reads the key from the path of a request', async () => {
    const { app, keys } = openAny();
    await fc.assert(
      fc.asyncProperty(keyArbitrary, async (key) => {
        // A URL parser would resolve `.` and `..`.
        const response = await app.request('/', undefined, { path: `/images/${encodePath(key)}` });
        expect([response.status, keys.at(-1)]).toEqual([200, key]);
      }),
      RUNS,
    );
  });

  test('the API reads the key from the query of a request', async () => {
    const { app, keys } = openAny();
    await fc.assert(
      fc.asyncProperty(keyArbitrary, async (key) => {
        const response = await app.request(`/thumbnails/small?key=${encodeURIComponent(key)}`);
        expect([response.status, keys.at(-1)]).toEqual([200, key]);
      }),
      RUNS,
    );
  });

  test('the API reads the key from the path of a URL without dot segments', async () => {
    const { app, keys } = openAny();
    const hasDots = (key: string) => key.split('/').some((segment) => segment === '.' || segment === '..');
    await fc.assert(
      fc.asyncProperty(
        keyArbitrary.filter((key) => !hasDots(key)),
        async (key) => {
          const response = await app.request(`/thumbnails/small/${encodePath(key)}`);
          expect([response.status, keys.at(-1)]).toEqual([200, key]);
        },
      ),
      RUNS,
    );
  });

  test('the API reads the key from its own URLs after an HTTP API has decoded the path', async () => {
    const { app, keys } = openAny();
    const seen = async (url: string) => {
      const { statusCode } = await send(app, url, asHttpApiDecodes);
      return [statusCode, keys.at(-1)];
    };
    await fc.assert(
      fc.asyncProperty(keyArbitrary, async (key) => {
        expect(await seen(imageUrl(key))).toEqual([200, key]);
        expect(await seen(thumbnailUrl('small', key, { format: 'webp' }))).toEqual([200, key]);
      }),
      RUNS,
    );
  });

  test('the API reads the key from an event whose path is decoded once', async () => {
    const { app, keys } = openAny();
    await fc.assert(
      fc.asyncProperty(keyArbitrary, async (key) => {
        const { statusCode } = await handleGatewayEvent(app, gatewayEvent({ rawPath: `/images/${key}` }));
        expect([statusCode, keys.at(-1)]).toEqual([200, key]);
      }),
      RUNS,
    );
  });
});

describe('handleGatewayEvent', () => {
  // Paths as sent to and received from a live HTTP API, captured in July 2026 (hotsock/voker,
  // vokerhttp/testdata/ingress-paths.json).
  test.each([
    ['/images/space%20value', '/images/space value', 'space value'],
    ['/images/hash%23value', '/images/hash#value', 'hash#value'],
    ['/images/slash%2Fvalue', '/images/slash/value', 'slash/value'],
    ['/images/unicode-%CE%BB-%E4%B8%96%E7%95%8C', '/images/unicode-λ-世界', 'unicode-λ-世界'],
    ['/images/literal%2525value', '/images/literal%value', 'literal%value'],
  ])('handleGatewayEvent() reads the key of %s, which arrives as %s', async (sent, rawPath, key) => {
    expect(asHttpApiDecodes(sent)).toBe(rawPath);
    const { app, keys } = openAny();
    const { statusCode } = await handleGatewayEvent(app, gatewayEvent({ rawPath }));
    expect([statusCode, keys]).toEqual([200, [key]]);
  });

  test('handleGatewayEvent() uses the authorized route and does not resolve dot segments', async () => {
    const { app, keys } = openAny();
    const { statusCode } = await handleGatewayEvent(
      app,
      gatewayEvent({ rawPath: '/thumbnails/small/../../images/secret.jpg' }),
    );
    expect(statusCode).toBe(200);
    expect(keys).toEqual(['../../images/secret.jpg']);
  });

  test('handleGatewayEvent() returns images as Base64 and JSON as text', async () => {
    const { app } = openAny();
    const picture = await handleGatewayEvent(app, gatewayEvent({ rawPath: '/thumbnails/small/a.jpg' }));
    expect(picture).toMatchObject({
      statusCode: 200,
      isBase64Encoded: true,
      body: Buffer.from('picture').toString('base64'),
      headers: { 'content-type': 'image/webp', 'content-length': '7', 'cache-control': 'max-age=60' },
    });
    const manifest = await handleGatewayEvent(app, gatewayEvent({ rawPath: '/images/é.jpg' }));
    expect(manifest).toMatchObject({ isBase64Encoded: false, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(manifest.body!)).toMatchObject({ source: { key: 'é.jpg' } });
    const problem = await handleGatewayEvent(app, gatewayEvent({ rawPath: '/nothing' }));
    expect(problem).toMatchObject({ statusCode: 404, isBase64Encoded: false });
    expect(JSON.parse(problem.body!)).toMatchObject({ code: 'route-not-found', instance: '/nothing' });
  });

  test('handleGatewayEvent() returns an empty text body for HEAD and 304', async () => {
    const { app } = openAny();
    const head = await handleGatewayEvent(app, gatewayEvent({ method: 'HEAD', rawPath: '/thumbnails/small/a.jpg' }));
    expect(head).toMatchObject({ statusCode: 200, body: '', isBase64Encoded: false });
    const headers = { 'if-none-match': String(head.headers!['etag']) };
    const known = await handleGatewayEvent(app, gatewayEvent({ rawPath: '/thumbnails/small/a.jpg', headers }));
    expect(known).toMatchObject({ statusCode: 304, body: '', isBase64Encoded: false });
  });

  test.each([
    ['of a stage, which it takes off and puts in front of URLs', 'prod', undefined, '/prod/images/a.jpg', '/prod/'],
    ['of the default stage', '$default', undefined, '/images/a.jpg', '/'],
    ['of a stage on a domain of its own', 'prod', 'img.example.com', '/images/a.jpg', '/'],
    ['of a stage in the path on a domain of its own', 'prod', 'img.example.com', '/prod/images/a.jpg', '/'],
  ])('handleGatewayEvent() serves the paths %s', async (_, stage, domainName, rawPath, start) => {
    const { app, keys } = openAny();
    const event = gatewayEvent({ rawPath, stage, ...(domainName && { domainName }) });
    const { body } = await handleGatewayEvent(app, event);
    expect(keys).toEqual(['a.jpg']);
    const { thumbnails } = JSON.parse(body!) as { thumbnails: { url: string }[] };
    expect(thumbnails[0]!.url).toBe(`${start}thumbnails/small/a.jpg?format=webp&v=etag%20of%20small.we`);
  });

  test('handleGatewayEvent() passes method, query, headers and body to the app', async () => {
    const app = new Hono<HttpApiEnvironment>();
    app.all('*', async ({ req, body }) =>
      body(await req.arrayBuffer(), 200, {
        'Content-Type': 'application/octet-stream',
        'X-Seen': JSON.stringify([req.method, req.url, req.header('x-city')]),
      }),
    );
    const bytes = Buffer.from([0, 255, 128, 10]);
    const event = gatewayEvent({
      method: 'POST',
      rawPath: '/uploads',
      rawQueryString: 'a=%2B+b&c',
      headers: { 'x-city': 'Köln' },
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    });
    const result = await handleGatewayEvent(app, event);
    expect(Buffer.from(result.body!, 'base64')).toEqual(bytes);
    expect(JSON.parse(String(result.headers!['x-seen']))).toEqual([
      'POST',
      'https://abcdef1234.execute-api.eu-central-1.amazonaws.com/uploads?a=%2B+b&c',
      Buffer.from('Köln').toString('latin1'),
    ]);
    const text = await handleGatewayEvent(app, gatewayEvent({ method: 'PUT', rawPath: '/', body: '{"é":1}' }));
    expect(Buffer.from(text.body!, 'base64').toString()).toBe('{"é":1}');
  });

  test('handleGatewayEvent() responds with 404 to unknown and invalid paths', async () => {
    const app = createHttpApi({
      pipeline: new FakePipeline(),
      reconcile: new FakePipeline().reconcile,
      source: EVERY_SOURCE,
      cacheControl: 'no-cache',
      version: '1',
    });
    expect(await handleGatewayEvent(app, gatewayEvent({ rawPath: '/images/a\ud800b' }))).toMatchObject({
      statusCode: 404,
    });
    expect(await handleGatewayEvent(app, gatewayEvent({ rawPath: '' }))).toMatchObject({ statusCode: 404 });
    expect(await handleGatewayEvent(app, gatewayEvent({ rawPath: '//images' }))).toMatchObject({ statusCode: 404 });
  });

  test('handleGatewayEvent() ignores the body of a GET request', async () => {
    const { app } = openAny();
    const event = gatewayEvent({ rawPath: '/health', body: 'what for' });
    expect(await handleGatewayEvent(app, event)).toMatchObject({ statusCode: 200 });
  });

  test('the largest body of handleGatewayEvent() is within the response limit of Lambda', () => {
    const answer = {
      statusCode: 200,
      headers: {},
      isBase64Encoded: true,
      body: 'A'.repeat((MAX_LAMBDA_RESPONSE_BYTES / 3) * 4),
    };
    expect(JSON.stringify(answer).length).toBeLessThan(6 * 1024 * 1024 - 60_000);
  });
});
