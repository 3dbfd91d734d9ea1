import { ANALYSIS_ERROR_CODES, AnalysisError } from '../../../runtime/analysis';
import type { ThumbnailSettings } from '../../../runtime/contract';
import { REJECTION_CODES, ImageRejection } from '../../../runtime/engine/rejection';
import { createHttpApi, type ResponseReport, type HttpApiOptions } from '../../../runtime/http';
import { OBJECT_STORE_ERROR_CODES, ObjectStoreError } from '../../../runtime/storage/object-store';
import { EVERY_SOURCE, FakePipeline, rejectedManifest, readyManifest, STORED_AT, sourceStore } from './fake-pipeline';

const THUMBNAILS: readonly ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }, { type: 'jpeg' }] },
  { name: 'large', fit: 'inside', width: 800, height: 800, formats: [{ type: 'webp' }] },
];
const WEBP = Buffer.from('RIFF\0\xff\xfewebp', 'latin1');

function open(pipeline: FakePipeline, options: Partial<HttpApiOptions> = {}) {
  pipeline.thumbnails = THUMBNAILS;
  return createHttpApi({
    pipeline,
    reconcile: pipeline.reconcile,
    source: EVERY_SOURCE,
    cacheControl: 'max-age=60',
    version: '1.2.3',
    ...options,
  });
}

/** Creates an app with one stored thumbnail in two formats. */
function withStored(options?: Partial<HttpApiOptions>) {
  const pipeline = new FakePipeline();
  pipeline.store('a/cat.jpg', 'small', 'webp', WEBP);
  pipeline.store('a/cat.jpg', 'small', 'jpeg', Buffer.from('jpeg'));
  return { pipeline, app: open(pipeline, options) };
}

async function problem(response: Response) {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  expect(response.headers.get('Cache-Control')).toBe('no-store');
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  const document = (await response.json()) as Record<string, unknown>;
  expect(Object.keys(document)).toEqual(['type', 'title', 'status', 'detail', 'instance', 'code']);
  expect(document['status']).toBe(response.status);
  expect(document['type']).toBe(`urn:cdk-thumbnails:problem:${String(document['code'])}`);
  return document;
}

describe('GET /thumbnails/{name}/{key}', () => {
  test('the API serves a stored thumbnail in the first format without a rendering', async () => {
    const { app, pipeline } = withStored();
    const response = await app.request('/thumbnails/small/a/cat.jpg');
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(WEBP);
    const { 'server-timing': timing, 'x-request-id': id, ...headers } = Object.fromEntries(response.headers);
    expect(id).toMatch(/^[\da-f-]{36}$/);
    expect(timing).toMatch(/^store;dur=\d+\.\d, total;dur=\d+\.\d$/);
    expect(headers).toEqual({
      'cache-control': 'max-age=60',
      'content-disposition': `inline; filename="cat-small.webp"; filename*=UTF-8''cat-small.webp`,
      'content-length': String(WEBP.length),
      'content-security-policy': "default-src 'none'; sandbox",
      'content-type': 'image/webp',
      'cross-origin-resource-policy': 'cross-origin',
      etag: `"${pipeline.stored.get('a/cat.jpg small webp')!.etag}"`,
      'last-modified': 'Mon, 04 May 2026 03:02:01 GMT',
      vary: 'Accept',
      'x-content-type-options': 'nosniff',
    });
    expect(pipeline.calls).toEqual(['thumbnail a/cat.jpg small webp']);
  });

  test('the API serves the requested format', async () => {
    const { app } = withStored();
    const response = await app.request('/thumbnails/small/a/cat.jpg?format=jpeg');
    expect(response.headers.get('Content-Type')).toBe('image/jpeg');
    expect(await response.text()).toBe('jpeg');
  });

  test.each(['gif', 'WEBP', '', 'webp%20'])('the API rejects the format %j and lists the formats', async (format) => {
    const { app, pipeline } = withStored();
    const response = await app.request(`/thumbnails/small/a/cat.jpg?format=${format}`);
    expect(await problem(response)).toMatchObject({
      status: 400,
      code: 'unknown-format',
      detail: expect.stringContaining('webp, jpeg') as string,
    });
    expect(pipeline.calls).toEqual([]);
  });

  test('the response to HEAD equals the response to GET without the body', async () => {
    const { app } = withStored();
    const get = await app.request('/thumbnails/small/a/cat.jpg');
    const head = await app.request('/thumbnails/small/a/cat.jpg', { method: 'HEAD' });
    expect(head.status).toBe(200);
    const withoutTimes = ({ headers }: Response) => ({
      ...Object.fromEntries(headers),
      'server-timing': undefined,
      'x-request-id': undefined,
    });
    expect(withoutTimes(head)).toEqual(withoutTimes(get));
    expect(await head.text()).toBe('');
  });

  test('the API responds with 304 and the headers for caches if a validator matches', async () => {
    const { app } = withStored();
    const first = await app.request('/thumbnails/small/a/cat.jpg');
    const etag = first.headers.get('ETag')!;
    const conditions: [string, string][] = [
      ['If-None-Match', `"x", W/${etag}`],
      ['If-Modified-Since', STORED_AT.toUTCString()],
    ];
    for (const condition of conditions) {
      const response = await app.request('/thumbnails/small/a/cat.jpg', { headers: [condition] });
      expect(response.status).toBe(304);
      expect(await response.text()).toBe('');
      expect(response.headers.get('ETag')).toBe(etag);
      expect(response.headers.get('Cache-Control')).toBe('max-age=60');
      expect(response.headers.get('Last-Modified')).not.toBeNull();
      expect(response.headers.get('Content-Type')).toBeNull();
    }
    const other = await app.request('/thumbnails/small/a/cat.jpg', { headers: { 'If-None-Match': '"x"' } });
    expect(other.status).toBe(200);
  });

  test('the API renders a missing thumbnail and then serves the stored thumbnail', async () => {
    const pipeline = new FakePipeline((key, fake) => {
      fake.store(key, 'small', 'webp', WEBP);
      return { status: 'made', key, manifest: readyManifest(key) };
    });
    const response = await open(pipeline).request('/thumbnails/small/a/cat.jpg');
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(WEBP);
    expect(pipeline.calls).toEqual([
      'thumbnail a/cat.jpg small webp',
      'manifest a/cat.jpg',
      'reconcile a/cat.jpg',
      'thumbnail a/cat.jpg small webp',
    ]);
  });

  test('the API responds with 503 if the source changes during rendering', async () => {
    const pipeline = new FakePipeline((key) => ({ status: 'made', key, manifest: readyManifest(key) }));
    const response = await open(pipeline).request('/thumbnails/small/a/cat.jpg');
    expect(await problem(response)).toMatchObject({ status: 503, code: 'source-changed' });
    expect(response.headers.get('Retry-After')).toBe('1');
  });

  test('the API responds with 404 for a missing source, an unknown name or an unserved key', async () => {
    const app = open(new FakePipeline(undefined, (key) => key.endsWith('.jpg')));
    expect(await problem(await app.request('/thumbnails/small/none.jpg'))).toMatchObject({
      status: 404,
      code: 'image-not-found',
      instance: '/thumbnails/small/none.jpg',
    });
    expect(await problem(await app.request('/thumbnails/huge/none.jpg'))).toMatchObject({
      status: 404,
      code: 'unknown-thumbnail',
      detail: expect.stringContaining('small, large') as string,
    });
    expect(await problem(await app.request('/thumbnails/small/notes.txt'))).toMatchObject({
      status: 404,
      code: 'key-not-served',
    });
  });

  test('the API does not call the pipeline for unknown thumbnail names such as constructor', async () => {
    const { app, pipeline } = withStored();
    for (const name of ['__proto__', 'constructor', 'manifest', '%2e%2e%2f', 'SMALL', 'smal%6']) {
      expect((await app.request(`/thumbnails/${name}/a/cat.jpg`)).status).toBe(404);
    }
    expect(pipeline.calls).toEqual([]);
  });
});

describe('a thumbnail that exceeds the maximum response size', () => {
  const small = { maxResponseBytes: WEBP.length - 1 };

  test('the API serves a thumbnail of the maximum size', async () => {
    const { app } = withStored({ maxResponseBytes: WEBP.length });
    expect((await app.request('/thumbnails/small/a/cat.jpg')).status).toBe(200);
  });

  test('without a redirect target, the API serves a thumbnail above the maximum size', async () => {
    const { app } = withStored(small);
    const response = await app.request('/thumbnails/small/a/cat.jpg');
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(WEBP);
  });

  test('the API redirects a thumbnail above the maximum size unless a validator matches', async () => {
    const { app, pipeline } = withStored({
      ...small,
      redirect: ({ thumbnail }) => Promise.resolve(`https://store/${thumbnail.key}?signed`),
    });
    const response = await app.request('/thumbnails/small/a/cat.jpg');
    expect(response.status).toBe(302);
    expect(response.headers.get('Location')).toBe('https://store/thumbnails/a/cat.jpg/small.webp?signed');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    const etag = `"${pipeline.stored.get('a/cat.jpg small webp')!.etag}"`;
    const known = await app.request('/thumbnails/small/a/cat.jpg', { headers: { 'If-None-Match': etag } });
    expect(known.status).toBe(304);
  });
});

describe('GET /images/{key}', () => {
  const pipeline = new FakePipeline((key) =>
    key.startsWith('bad')
      ? { status: 'rejected', key, manifest: rejectedManifest(key, 'truncated') }
      : { status: 'unchanged', key, manifest: readyManifest(key) },
  );
  const app = open(pipeline);

  test('the API renders the thumbnails and responds with a manifest, which contains a URL for each thumbnail', async () => {
    const response = await app.request('/images/a/my cat.jpg');
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(response.headers.get('Cache-Control')).toBe('no-cache');
    const manifest = readyManifest('a/my cat.jpg');
    const urls = [
      '/thumbnails/small/a/my%20cat.jpg?format=webp&v=etag%20of%20small.we',
      '/thumbnails/small/a/my%20cat.jpg?format=jpeg&v=etag%20of%20small.jp',
      '/thumbnails/large/a/my%20cat.jpg?format=webp&v=etag%20of%20large.we',
    ] as const;
    const webp = `${urls[0]} 200w, ${urls[2]} 800w`;
    const escaped = (text: string) => text.replaceAll('&', '&amp;');
    expect(await response.json()).toEqual({
      ...manifest,
      thumbnails: manifest.thumbnails.map((thumbnail, index) => ({ ...thumbnail, url: urls[index] })),
      srcset: { webp, jpeg: `${urls[1]} 200w` },
      picture:
        `<picture><source type="image/webp" srcset="${escaped(webp)}" sizes="100vw">` +
        `<img src="${escaped(urls[1])}" srcset="${escaped(urls[1])} 200w" sizes="100vw" width="200" height="100" alt=""></picture>`,
    });
    expect(pipeline.calls.slice(-1)).toEqual(['reconcile a/my cat.jpg']);
  });

  test('the API adds the base path of the environment to URLs', async () => {
    const response = await app.request('/images/cat.jpg', undefined, { basePath: '/prod' });
    const { thumbnails } = (await response.json()) as { thumbnails: { url: string }[] };
    expect(thumbnails[0]!.url).toMatch(/^\/prod\/thumbnails\/small\/cat.jpg\?format=webp&v=/);
  });

  test('the API adds the base path of the distribution to URLs', async () => {
    const request = (prefix: string) =>
      app.request('/images/cat.jpg', { headers: { 'X-Forwarded-Prefix': prefix } }, { basePath: '' });
    const urlOf = async (prefix: string): Promise<string> => {
      const { thumbnails, srcset } = (await (await request(prefix)).json()) as {
        thumbnails: { url: string }[];
        srcset: Record<string, string>;
      };
      expect(
        Object.values(srcset).every((value) => value.startsWith(thumbnails[0]!.url.split('/thumbnails/')[0]!)),
      ).toBe(true);
      return thumbnails[0]!.url;
    };
    expect(await urlOf('/media')).toMatch(/^\/media\/thumbnails\/small\/cat.jpg\?format=webp&v=/);
    for (const invalid of ['https://evil.example', '//evil.example', '/a/', 'media', `/${'a'.repeat(300)}`]) {
      expect(await urlOf(invalid)).toMatch(/^\/thumbnails\//);
    }
  });

  test('the API responds with the manifest of a rejected image', async () => {
    const response = await app.request('/images/bad.jpg');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(rejectedManifest('bad.jpg', 'truncated'));
  });

  test('the API responds with 304 if the ETag of the manifest matches', async () => {
    const etag = (await app.request('/images/cat.jpg')).headers.get('ETag')!;
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    const again = await app.request('/images/cat.jpg', { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
    const other = await app.request('/images/dog.jpg', { headers: { 'If-None-Match': etag } });
    expect(other.status).toBe(200);
  });

  test('the API responds with 404 for a missing image', async () => {
    const source = sourceStore(() => Promise.resolve(undefined));
    expect(await problem(await open(new FakePipeline(), { source }).request('/images/none.jpg'))).toMatchObject({
      status: 404,
      code: 'image-not-found',
    });
  });
});

describe('GET /health', () => {
  test('the API returns its version', async () => {
    const response = await open(new FakePipeline()).request('/health');
    expect(response.status).toBe(200);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(await response.json()).toEqual({ status: 'ok', version: '1.2.3' });
  });
});

describe('routes', () => {
  const { app, pipeline } = withStored();

  test.each([
    '/',
    '/thumbnails',
    '/thumbnails/',
    '/image/cat.jpg',
    '/health/',
    '/Health',
    '//health',
    '/thumbnails/small/',
  ])('the API responds to the unknown path %s with route-not-found', async (path) => {
    const response = await app.request(new Request(`http://localhost${path}`));
    expect(await problem(response)).toMatchObject({ status: 404, code: 'route-not-found', instance: path });
  });

  test.each([
    ['POST', '/thumbnails/small/a/cat.jpg'],
    ['DELETE', '/images/a/cat.jpg'],
    ['PUT', '/images'],
    ['PATCH', '/thumbnails/small'],
    ['OPTIONS', '/health'],
    ['PURGE', '/health'],
  ])('the API responds to %s %s with 405 and the allowed methods', async (method, path) => {
    const response = await app.request(path, { method });
    expect(await problem(response)).toMatchObject({ status: 405, code: 'method-not-allowed' });
    expect(response.headers.get('Allow')).toBe('GET, HEAD');
  });

  test.each([
    '/images/%',
    '/images/a%2',
    '/images/%C3',
    '/thumbnails/small/a%00',
    '/images',
    '/thumbnails/small?key=%zz',
  ])('the API responds to %s, which has no valid key, with 400', async (path) => {
    expect(await problem(await app.request(path))).toMatchObject({ status: 400, code: 'invalid-key' });
  });

  test('the API accepts a key of 1024 bytes and rejects 1025 bytes', async () => {
    expect((await app.request(`/images/${'a'.repeat(1024)}`)).status).toBe(404);
    expect(await problem(await app.request(`/images/${'a'.repeat(1025)}`))).toMatchObject({
      status: 400,
      code: 'invalid-key',
      detail: expect.stringMatching(/1025.*1024/) as string,
    });
  });

  test('the API does not call the pipeline for rejected requests', () => {
    expect(pipeline.calls.every((call) => call.includes('aaaaaaaa'))).toBe(true);
  });
});

describe('errors of the pipeline', () => {
  const STATUS_OF_REJECTIONS = {
    'empty-file': 422,
    'file-too-large': 413,
    'too-many-pixels': 413,
    'too-many-frames': 413,
    'unsupported-format': 415,
    truncated: 422,
    corrupt: 422,
    timeout: 503,
    'out-of-memory': 503,
    infected: 422,
    'scan-unsupported': 422,
    'scan-denied': 422,
    moderated: 422,
    'analysis-failed': 422,
    'scan-failed': 422,
  } as const;
  const RESPONSES_TO_STORAGE_ERRORS = {
    'access-denied': [403, 'access-denied'],
    archived: [409, 'archived'],
    'not-scanned': [409, 'not-scanned'],
    'storage-throttled': [503, 'storage-throttled'],
    'storage-unavailable': [503, 'storage-unavailable'],
    'storage-not-found': [503, 'storage-not-found'],
    'file-too-large': [413, 'file-too-large'],
    'invalid-key': [400, 'invalid-key'],
  } as const;
  const failing = (error: unknown) =>
    open(
      new FakePipeline(() => {
        throw error;
      }),
    );

  test.each(REJECTION_CODES)(
    'the API responds to a rejection during rendering with a problem document: %s',
    async (code) => {
      const response = await failing(new ImageRejection(code, `rejected: ${code}`)).request('/thumbnails/small/a.jpg');
      const status = STATUS_OF_REJECTIONS[code];
      expect(await problem(response)).toMatchObject({ status, code, detail: `rejected: ${code}` });
      expect(response.headers.get('Retry-After')).toBe(status === 503 ? '30' : null);
    },
  );

  test.each(ANALYSIS_ERROR_CODES)('the API responds to a failed analysis without its details: %s', async (code) => {
    const error = new AnalysisError(code, 'the endpoint https://check.example.com did not respond');
    const response = await failing(error).request('/thumbnails/small/a.jpg');
    expect(response.headers.get('Retry-After')).toBe('30');
    const document = await problem(response);
    expect(document).toMatchObject({ status: 503, code });
    expect(JSON.stringify(document)).not.toContain('check.example.com');
  });

  test.each(REJECTION_CODES)('the API responds to a stored rejection with a problem document: %s', async (code) => {
    const pipeline = new FakePipeline((key) => ({ status: 'unchanged', key, manifest: rejectedManifest(key, code) }));
    const response = await open(pipeline).request('/thumbnails/small/a.jpg');
    expect(await problem(response)).toMatchObject({
      status: STATUS_OF_REJECTIONS[code],
      code,
      detail: `rejected: ${code}`,
    });
  });

  test.each(OBJECT_STORE_ERROR_CODES)('the API does not expose the message of a storage error: %s', async (code) => {
    const response = await failing(new ObjectStoreError(code, 'bucket secret-bucket')).request('/images/a.jpg');
    const [status, problemCode] = RESPONSES_TO_STORAGE_ERRORS[code];
    const text = await response.clone().text();
    expect(await problem(response)).toMatchObject({ status, code: problemCode });
    expect(text).not.toContain('secret');
    expect(response.headers.has('Retry-After')).toBe(status === 503 || code === 'not-scanned');
  });

  test.each([new TypeError('secret path /var/task'), new Error('secret', { cause: new Error('secret') })])(
    'the API does not expose the message of an unexpected error',
    async (error) => {
      const response = await failing(error).request('/images/a.jpg');
      const text = await response.clone().text();
      expect(await problem(response)).toMatchObject({ status: 500, code: 'internal-error' });
      expect(text).not.toContain('secret');
    },
  );

  test('the API calls the observer with every response and the original error', async () => {
    const reports: ResponseReport[] = [];
    const error = new ObjectStoreError('access-denied', 'bucket secret-bucket');
    const pipeline = new FakePipeline((key) => {
      if (key === 'denied.jpg') {
        throw error;
      }
      return { status: 'made', key, manifest: readyManifest(key) };
    });
    const app = open(pipeline, { report: (report) => reports.push(report) });
    for (const path of ['/images/denied.jpg', '/images/a.jpg', '/nowhere', '/images/%zz']) {
      await app.request(path, { method: path === '/nowhere' ? 'POST' : 'GET' });
    }
    await app.request('/images/a.jpg', { method: 'HEAD' });
    expect(
      reports.map(({ milliseconds, error: thrown, ...report }) => [typeof milliseconds, thrown?.name, report]),
    ).toEqual([
      ['number', 'ObjectStoreError', { method: 'GET', path: '/images/denied.jpg', status: 403, code: 'access-denied' }],
      ['number', undefined, { method: 'GET', path: '/images/a.jpg', status: 200 }],
      ['number', 'Problem', { method: 'POST', path: '/nowhere', status: 404, code: 'route-not-found' }],
      ['number', 'URIError', { method: 'GET', path: '/images/%zz', status: 400, code: 'invalid-key' }],
      ['number', undefined, { method: 'HEAD', path: '/images/a.jpg', status: 200 }],
    ]);
    expect(reports[0]!.error).toBe(error);
  });

  test.each<[string, Record<string, string>, string | RegExp]>([
    ['of the gateway', { 'X-Request-Id': 'proxy' }, 'gateway'],
    ['of a proxy', { 'X-Request-Id': 'proxy-1', 'X-Amzn-Trace-Id': 'Root=1-2-3' }, 'proxy-1'],
    ['of the trace', { 'X-Amzn-Trace-Id': 'Self=1-0-0;Root=1-67891233-abcdef012345678912345678' }, /^1-67891233-/],
    ['that is random', {}, /^[\da-f-]{36}$/],
    ['that is random, in place of an invalid one', { 'X-Request-Id': 'a b' }, /^[\da-f-]{36}$/],
  ])('the API correlates each request by an id %s, and returns it', async (name, headers, expected) => {
    const ids: string[] = [];
    const correlate = (id: string, work: () => Promise<void>): Promise<void> => {
      ids.push(id);
      return work();
    };
    const bindings = name === 'of the gateway' ? { requestId: 'gateway' } : {};
    const response = await open(new FakePipeline(), { correlate }).request('/health', { headers }, bindings);
    expect(response.headers.get('X-Request-Id')).toMatch(expected);
    expect(ids).toEqual([response.headers.get('X-Request-Id')]);
  });
});
