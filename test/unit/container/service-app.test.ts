import { Hono } from 'hono';
import { createServiceApp, type ServiceAppOptions } from '../../../container/service-app';
import { createHttpApi, Problem, type HttpApiEnvironment } from '../../../runtime/http';
import { EventError } from '../../../runtime/pipeline';
import { ObjectStoreError } from '../../../runtime/storage';
import { EVERY_SOURCE, FakePipeline } from '../http/fake-pipeline';

const TOKEN = 'a-secret-of-some-length';

function open(options: Partial<ServiceAppOptions> = {}): Hono<HttpApiEnvironment> {
  return createServiceApp({
    api: undefined,
    version: '1.2.3',
    ready: () => Promise.resolve(),
    events: undefined,
    isStopping: () => false,
    ...options,
  });
}

const api = () =>
  createHttpApi({
    pipeline: new FakePipeline(),
    reconcile: new FakePipeline().reconcile,
    source: EVERY_SOURCE,
    thumbnails: [],
    cacheControl: 'no-store',
    version: '1.2.3',
  });

async function ask(app: Hono<HttpApiEnvironment>, path: string, init?: RequestInit) {
  const response = await app.request(path, init);
  const type = response.headers.get('Content-Type') ?? '';
  return {
    status: response.status,
    headers: response.headers,
    type,
    body: type.includes('json') && init?.method !== 'HEAD' ? await response.json() : undefined,
  };
}

describe.each([
  ['a worker', undefined],
  ['an API', api()],
])('%s', (_, served) => {
  test('is alive', async () => {
    const { status, body, headers } = await ask(open({ api: served }), '/health');
    expect([status, body, headers.get('Cache-Control')]).toEqual([200, { status: 'ok', version: '1.2.3' }, 'no-store']);
  });

  test('is ready when it can do its work', async () => {
    const { status, body, headers } = await ask(open({ api: served }), '/ready');
    expect([status, body, headers.get('Cache-Control')]).toEqual([
      200,
      { status: 'ready', version: '1.2.3' },
      'no-store',
    ]);
    expect((await ask(open({ api: served }), '/ready', { method: 'HEAD' })).status).toBe(200);
  });

  test.each([
    ['a store is gone', new ObjectStoreError('storage-not-found', 'the directory /secret/place does not exist')],
    ['a store is denied', new ObjectStoreError('access-denied', 'no')],
    ['anything else is wrong', new Error('no child process')],
  ])('is not ready when %s, and does not say where', async (__, error) => {
    const app = open({ api: served, ready: () => Promise.reject(error) });
    const { status, body, type, headers } = await ask(app, '/ready');
    expect([status, type, headers.get('Retry-After')]).toEqual([503, 'application/problem+json', '5']);
    expect(body).toMatchObject({ code: 'storage-unavailable', instance: '/ready' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect((await ask(app, '/health')).status).toBe(200);
  });

  test('is alive and not ready when it ends, and wants no further request on the connection', async () => {
    const app = open({ api: served, isStopping: () => true });
    const ready = await ask(app, '/ready');
    expect([ready.status, ready.body]).toMatchObject([503, { code: 'shutting-down' }]);
    const health = await ask(app, '/health');
    expect([health.status, health.headers.get('Connection')]).toEqual([200, 'close']);
  });

  test('takes no event where no trigger is for it, and no other method', async () => {
    expect((await ask(open({ api: served }), '/events', { method: 'POST' })).status).toBe(404);
    for (const path of ['/ready', '/health']) {
      const { status, headers, body } = await ask(open({ api: served }), path, { method: 'DELETE' });
      expect([status, headers.get('Allow'), body]).toMatchObject([405, 'GET, HEAD', { code: 'method-not-allowed' }]);
    }
  });
});

test('an API answers as it does everywhere, a worker serves nothing', async () => {
  expect((await ask(open({ api: api() }), '/thumbnails/small/a.jpg')).body).toMatchObject({
    code: 'unknown-thumbnail',
  });
  expect(await ask(open(), '/thumbnails/small/a.jpg')).toMatchObject({
    status: 404,
    body: { code: 'route-not-found' },
  });
});

test('keys come through as they were sent', async () => {
  const paths: string[] = [];
  const seen = new Hono<HttpApiEnvironment>().all('*', (context) => {
    paths.push(context.env.path ?? '');
    return context.body(null);
  });
  await open({ api: seen }).request('http://localhost/images/a', undefined, { path: '/images/a%2F..%2F%2B/../b' });
  expect(paths).toEqual(['/images/a%2F..%2F%2B/../b']);
});

describe('events', () => {
  const taken: string[] = [];
  const take = (body: string): number => {
    if (body === 'odd') {
      throw new EventError('the message is no event of S3');
    }
    if (body === 'much') {
      throw new Problem('too-many-requests', 'later');
    }
    return taken.push(body);
  };
  const app = open({ events: { token: TOKEN, take } });
  const post = (body: string, authorization: string | undefined = `Bearer ${TOKEN}`) =>
    ask(app, '/events', { method: 'POST', body, ...(authorization && { headers: { authorization } }) });
  beforeEach(() => (taken.length = 0));

  test('are taken from who shows the token', async () => {
    expect(await post('event')).toMatchObject({ status: 202, body: { keys: 1 } });
    expect(await post('another', `bearer   ${TOKEN}`)).toMatchObject({ status: 202, body: { keys: 2 } });
    expect(taken).toEqual(['event', 'another']);
  });

  test.each(['', 'Bearer', 'Bearer ', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`, TOKEN])(
    'are not taken from who shows %j',
    async (authorization) => {
      const { status, headers, body } = await post('event', authorization);
      expect([status, headers.get('WWW-Authenticate'), body]).toMatchObject([401, 'Bearer', { code: 'unauthorized' }]);
      expect(taken).toEqual([]);
    },
  );

  test('are refused when nobody understands them, when there are too many, and when they are too large', async () => {
    expect(await post('odd')).toMatchObject({ status: 400, body: { code: 'invalid-event' } });
    expect(await post('much')).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(await post('x'.repeat(1024 * 1024 + 1))).toMatchObject({ status: 413, body: { code: 'file-too-large' } });
    expect(await ask(app, '/events')).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
  });
});
