import type { ThumbnailSettings } from '../../../../runtime/contract';
import { createHttpApi, type HttpApiOptions, type OversizeThumbnail } from '../../../../runtime/http';
import { contentDisposition } from '../../../../runtime/http/negotiation/disposition';
import { ObjectStoreError } from '../../../../runtime/storage';
import {
  EVERY_SOURCE,
  rejectedManifest,
  FakePipeline,
  readyManifest,
  sourceHead,
  STORED_AT,
  sourceStore,
} from '../fake-pipeline';

const THUMBNAILS: readonly ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'jpeg' }, { type: 'avif' }] },
  { name: 'large', fit: 'inside', width: 800, height: 800, formats: [{ type: 'webp' }] },
];

function open(options: Partial<HttpApiOptions> = {}, make?: ConstructorParameters<typeof FakePipeline>[0]) {
  const pipeline = new FakePipeline(make);
  for (const key of ['cat.jpg', 'none.png']) {
    pipeline.store(key, 'small', 'jpeg', Buffer.from(`jpeg of ${key}`));
    pipeline.store(key, 'small', 'avif', Buffer.from(`avif of ${key}`));
    pipeline.store(key, 'large', 'webp', Buffer.from(`webp of ${key}`));
  }
  pipeline.thumbnails = THUMBNAILS;
  const app = createHttpApi({
    pipeline,
    reconcile: pipeline.reconcile,
    source: EVERY_SOURCE,
    cacheControl: 'public, max-age=60',
    version: '1',
    ...options,
  });
  return { app, pipeline };
}

describe('negotiation', () => {
  test('the API selects the preferred format and sends Vary, even with status 304', async () => {
    const { app } = open();
    const avif = await app.request('/thumbnails/small/cat.jpg', { headers: { Accept: 'image/avif,*/*;q=0.8' } });
    expect([avif.headers.get('Content-Type'), avif.headers.get('Vary')]).toEqual(['image/avif', 'Accept']);
    const jpeg = await app.request('/thumbnails/small/cat.jpg');
    expect([jpeg.headers.get('Content-Type'), jpeg.headers.get('Vary')]).toEqual(['image/jpeg', 'Accept']);
    expect(jpeg.headers.get('ETag')).not.toBe(avif.headers.get('ETag'));
    const known = await app.request('/thumbnails/small/cat.jpg', {
      headers: { 'If-None-Match': jpeg.headers.get('ETag')! },
    });
    expect([known.status, known.headers.get('Vary')]).toEqual([304, 'Accept']);
  });

  test('the response has no Vary header if the format does not depend on Accept', async () => {
    const { app } = open();
    for (const path of ['/thumbnails/small/cat.jpg?format=avif', '/thumbnails/large/cat.jpg']) {
      expect((await app.request(path)).headers.has('Vary')).toBe(false);
    }
  });
});

describe('caching', () => {
  test('the response is immutable if the URL contains the current version', async () => {
    const { app, pipeline } = open();
    const { etag } = pipeline.stored.get('cat.jpg small jpeg')!;
    const of = async (version: string) =>
      (await app.request(`/thumbnails/small/cat.jpg?format=jpeg&v=${version}`)).headers.get('Cache-Control');
    expect(await of(etag.slice(0, 16))).toBe('public, max-age=31536000, immutable');
    for (const other of ['', 'a', etag.slice(0, 15), etag, 'ffffffffffffffff']) {
      expect(await of(other)).toBe('public, max-age=60');
    }
  });

  test.each([
    [{ 'If-Match': '"x"' }, 412],
    [{ 'If-Match': '*' }, 200],
    [{ 'If-Unmodified-Since': new Date(STORED_AT.getTime() - 60_000).toUTCString() }, 412],
    [{ 'If-Unmodified-Since': STORED_AT.toUTCString() }, 200],
    [{ 'If-Unmodified-Since': 'yesterday' }, 200],
    [{ 'If-Modified-Since': STORED_AT.toUTCString() }, 304],
  ])('the API responds to %j with %d', async (headers, status) => {
    const { app } = open();
    expect((await app.request('/thumbnails/small/cat.jpg', { headers })).status).toBe(status);
  });

  test('the API compares If-Match strongly', async () => {
    const { app, pipeline } = open();
    const etag = `"${pipeline.stored.get('cat.jpg large webp')!.etag}"`;
    const of = async (value: string) =>
      (await app.request('/thumbnails/large/cat.jpg', { headers: { 'If-Match': value } })).status;
    expect(await Promise.all([of(etag), of(`"a", ${etag}`), of(`W/${etag}`)])).toEqual([200, 200, 412]);
  });
});

describe('the file name in Content-Disposition', () => {
  test.each([
    ['a/cat.jpg', 'cat-small.webp', 'cat-small.webp'],
    ['a/my "cat".v2.jpg', 'my _cat_.v2-small.webp', 'my%20%22cat%22.v2-small.webp'],
    ['café (1).jpg', 'caf_ (1)-small.webp', 'caf%C3%A9%20%281%29-small.webp'],
    ["it's *.jpg", 'it_s _-small.webp', 'it%27s%20%2A-small.webp'],
    ['.jpg', 'image-small.webp', 'image-small.webp'],
    ['a/b\r\nSet-Cookie: x\\.jpg', 'bSet-Cookie_ x-small.webp', 'bSet-Cookie%3A%20x-small.webp'],
    ['😀'.repeat(200), `${'_'.repeat(100)}-small.webp`, `${'%F0%9F%98%80'.repeat(100)}-small.webp`],
  ])('the file name of %j is in ASCII and UTF-8', (key, plain, extended) => {
    expect(contentDisposition(key, 'small', 'webp')).toBe(`inline; filename="${plain}"; filename*=UTF-8''${extended}`);
  });
});

describe('a thumbnail that exceeds the response limit', () => {
  test('the API redirects a thumbnail to its versioned URL', async () => {
    const oversizeThumbnails: OversizeThumbnail[] = [];
    const redirect = (oversize: OversizeThumbnail) => {
      oversizeThumbnails.push(oversize);
      return Promise.resolve('https://elsewhere/');
    };
    const { app, pipeline } = open({ maxResponseBytes: 5, redirect });
    const version = pipeline.stored.get('cat.jpg small jpeg')!.etag.slice(0, 16);
    const url = `/thumbnails/small/cat.jpg?format=jpeg&v=${version}`;
    for (const path of ['/thumbnails/small/cat.jpg', `/thumbnails/small/cat.jpg?v=${version}`, url]) {
      const response = await app.request(path);
      expect([response.status, response.headers.get('Location')]).toEqual([302, 'https://elsewhere/']);
    }
    expect(oversizeThumbnails.map((each) => [each.url, each.isRequestedUrl])).toEqual([
      [url, false],
      [url, false],
      [url, true],
    ]);
    // A response to HEAD has no body, and presigned URLs do not support HEAD.
    expect((await app.request(url, { method: 'HEAD' })).status).toBe(200);
  });
});

describe('the fallback image', () => {
  const fallbackImage = 'none.png';

  test.each([
    ['a missing image', 404, 'image-not-found', undefined],
    ['a refused one', 415, 'unsupported-format', 'unsupported-format'],
    ['a damaged one', 422, 'corrupt', 'corrupt'],
  ] as const)('replaces the response to %s and keeps the status', async (_, status, code, rejection) => {
    const { app } = open({ fallbackImage }, (key) =>
      rejection
        ? { status: 'rejected', key, manifest: rejectedManifest(key, rejection) }
        : { status: 'deleted', key, removed: 0 },
    );
    const response = await app.request('/thumbnails/small/dog.jpg', { headers: { Accept: 'image/avif' } });
    expect([response.status, await response.text()]).toEqual([status, 'avif of none.png']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'image/avif',
      'problem-code': code,
      vary: 'Accept',
      'x-content-type-options': 'nosniff',
    });
  });

  test('the API serves the fallback image for denied access, but not for storage failures and invalid requests', async () => {
    const failing = (code: 'access-denied' | 'storage-throttled') =>
      open({ fallbackImage }, () => {
        throw new ObjectStoreError(code, 'why');
      }).app.request('/thumbnails/small/dog.jpg');
    const [denied, throttled] = [await failing('access-denied'), await failing('storage-throttled')];
    expect([denied.status, await denied.text()]).toEqual([403, 'jpeg of none.png']);
    expect([throttled.status, throttled.headers.get('Content-Type')]).toEqual([503, 'application/problem+json']);
    const { app } = open({ fallbackImage });
    for (const path of ['/thumbnails/huge/dog.jpg', '/thumbnails/small/dog.jpg?format=gif', '/thumbnails/small/%']) {
      expect((await app.request(path)).headers.get('Content-Type')).toBe('application/problem+json');
    }
  });

  test('the API does not serve the fallback image if the thumbnail of the fallback image is missing', async () => {
    const { app } = open({ fallbackImage: 'gone.png' });
    const response = await app.request('/thumbnails/small/dog.jpg');
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'image-not-found', instance: '/thumbnails/small/dog.jpg' }),
    ]);
  });
});

describe('an image without thumbnails', () => {
  const made = (key: string) => ({ status: 'made' as const, key, manifest: readyManifest(key) });
  const recent = sourceStore((key) => Promise.resolve(sourceHead(key, new Date())));

  test('the response for a recent source without thumbnails has the status processing and Retry-After', async () => {
    const { app, pipeline } = open({ source: recent }, made);
    const response = await app.request('/images/cat.jpg');
    expect([response.status, await response.json()]).toEqual([
      202,
      { status: 'processing', source: { key: 'cat.jpg', etag: 'e1', bytes: 100 } },
    ]);
    expect([response.headers.get('Retry-After'), response.headers.get('Cache-Control')]).toEqual(['2', 'no-store']);
    expect(pipeline.calls).toEqual(['manifest cat.jpg']);
    pipeline.manifests.set('cat.jpg', rejectedManifest('cat.jpg', 'corrupt'));
    expect((await app.request('/images/cat.jpg')).status).toBe(200);
  });

  test('the response has the status processing while the manifest describes the previous source', async () => {
    const { app, pipeline } = open({ source: recent }, made);
    pipeline.manifests.set('cat.jpg', {
      ...rejectedManifest('cat.jpg', 'corrupt'),
      source: { key: 'cat.jpg', etag: 'old', bytes: 9 },
    });
    expect((await app.request('/images/cat.jpg')).status).toBe(202);
  });

  test.each(['wait', 'respond-async, wait=10', 'WAIT=5'])(
    'the API renders the image at once with Prefer: %s',
    async (prefer) => {
      const { app, pipeline } = open({ source: recent }, made);
      expect((await app.request('/images/cat.jpg', { headers: { Prefer: prefer } })).status).toBe(200);
      expect(pipeline.calls).toEqual(['manifest cat.jpg', 'reconcile cat.jpg']);
    },
  );

  test('the API does not delay a render after the event delay has passed', async () => {
    const source = sourceStore((key) => Promise.resolve(sourceHead(key, new Date(Date.now() - 61_000))));
    expect((await open({ source }, made).app.request('/images/cat.jpg')).status).toBe(200);
  });

  test('the API responds with 404 without a source, even if thumbnails exist', async () => {
    const { app, pipeline } = open({ source: sourceStore(() => Promise.resolve(undefined)) });
    pipeline.manifests.set('cat.jpg', readyManifest('cat.jpg'));
    expect((await app.request('/images/cat.jpg')).status).toBe(404);
  });
});

describe('cross-origin requests', () => {
  const ask = (origins: readonly string[], method = 'GET') =>
    open({ corsOrigins: origins }).app.request('/thumbnails/large/cat.jpg', {
      method,
      headers: { Origin: 'https://example.com', 'Access-Control-Request-Method': 'GET' },
    });

  test('the API allows cross-origin requests from configured origins', async () => {
    const response = await ask(['https://example.com']);
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('https://example.com');
    expect(response.headers.get('Vary')).toBe('Origin');
    expect(response.headers.get('Access-Control-Expose-Headers')).toContain('ETag');
    const preflight = await ask(['https://example.com'], 'OPTIONS');
    expect([preflight.status, preflight.headers.get('Access-Control-Allow-Methods')]).toEqual([204, 'GET,HEAD']);
  });

  test('the API allows cross-origin requests from all origins with *', async () => {
    const response = await ask(['*']);
    expect([response.headers.get('Access-Control-Allow-Origin'), response.headers.has('Vary')]).toEqual(['*', false]);
  });

  test('the API does not allow cross-origin requests from other origins', async () => {
    expect((await ask(['https://other.com'])).headers.has('Access-Control-Allow-Origin')).toBe(false);
    const silent = await ask([]);
    expect([...silent.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect((await ask([], 'OPTIONS')).status).toBe(405);
  });
});
