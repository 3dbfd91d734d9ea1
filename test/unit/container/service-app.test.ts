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
    checkReady: () => Promise.resolve(),
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
    cacheControl: 'no-store',
    version: '1.2.3',
  });

async function request(app: Hono<HttpApiEnvironment>, path: string, init?: RequestInit) {
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
  test('the service serves /health', async () => {
    const { status, body, headers } = await request(open({ api: served }), '/health');
    expect([status, body, headers.get('Cache-Control')]).toEqual([200, { status: 'ok', version: '1.2.3' }, 'no-store']);
  });

  test('the service returns a request id on its own routes', async () => {
    const app = open({ api: served, events: { token: TOKEN, receive: () => 0 } });
    for (const path of ['/ready', '/events']) {
      const { headers } = await request(app, path, { headers: { 'X-Request-Id': 'r1' } });
      expect([path, headers.get('X-Request-Id')]).toEqual([path, 'r1']);
    }
  });

  test('the service serves /ready while it is ready', async () => {
    const { status, body, headers } = await request(open({ api: served }), '/ready');
    expect([status, body, headers.get('Cache-Control')]).toEqual([
      200,
      { status: 'ready', version: '1.2.3' },
      'no-store',
    ]);
    expect((await request(open({ api: served }), '/ready', { method: 'HEAD' })).status).toBe(200);
  });

  test.each([
    ['a store does not exist', new ObjectStoreError('storage-not-found', 'the directory /secret/place does not exist')],
    ['access to a store is denied', new ObjectStoreError('access-denied', 'no')],
    ['another error occurs', new Error('no worker process is running')],
  ])('the service responds 503 to /ready when %s, without the details', async (__, error) => {
    const app = open({ api: served, checkReady: () => Promise.reject(error) });
    const { status, body, type, headers } = await request(app, '/ready');
    expect([status, type, headers.get('Retry-After')]).toEqual([503, 'application/problem+json', '5']);
    expect(body).toMatchObject({ code: 'storage-unavailable', instance: '/ready' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect((await request(app, '/health')).status).toBe(200);
  });

  test('a stopping service is healthy but not ready, and closes connections', async () => {
    const app = open({ api: served, isStopping: () => true });
    const ready = await request(app, '/ready');
    expect([ready.status, ready.body]).toMatchObject([503, { code: 'shutting-down' }]);
    const health = await request(app, '/health');
    expect([health.status, health.headers.get('Connection')]).toEqual([200, 'close']);
  });

  test('the service has the route /events only with the trigger http, and rejects other methods', async () => {
    expect((await request(open({ api: served }), '/events', { method: 'POST' })).status).toBe(404);
    for (const path of ['/ready', '/health']) {
      const { status, headers, body } = await request(open({ api: served }), path, { method: 'DELETE' });
      expect([status, headers.get('Allow'), body]).toMatchObject([405, 'GET, HEAD', { code: 'method-not-allowed' }]);
    }
  });
});

test('only a service with an API serves the routes of the HTTP API', async () => {
  expect((await request(open({ api: api() }), '/thumbnails/small/a.jpg')).body).toMatchObject({
    code: 'unknown-thumbnail',
  });
  expect(await request(open(), '/thumbnails/small/a.jpg')).toMatchObject({
    status: 404,
    body: { code: 'route-not-found' },
  });
});

test('the service passes paths to the API without decoding', async () => {
  const paths: string[] = [];
  const seen = new Hono<HttpApiEnvironment>().all('*', (context) => {
    paths.push(context.env.path ?? '');
    return context.body(null);
  });
  await open({ api: seen }).request('http://localhost/images/a', undefined, { path: '/images/a%2F..%2F%2B/../b' });
  expect(paths).toEqual(['/images/a%2F..%2F%2B/../b']);
});

describe('events', () => {
  const received: string[] = [];
  const receive = (_headers: Readonly<Record<string, string>>, body: string): number => {
    if (body === 'malformed') {
      throw new EventError('unrecognized message');
    }
    if (body === 'rejected') {
      throw new Problem('too-many-requests', 'later');
    }
    return received.push(body);
  };
  const app = open({ events: { token: TOKEN, receive } });
  const post = (body: string, authorization: string | undefined = `Bearer ${TOKEN}`) =>
    request(app, '/events', { method: 'POST', body, ...(authorization && { headers: { authorization } }) });
  beforeEach(() => (received.length = 0));

  test('the service accepts events with the token', async () => {
    expect(await post('event')).toMatchObject({ status: 202, body: { keys: 1 } });
    expect(await post('another', `bearer   ${TOKEN}`)).toMatchObject({ status: 202, body: { keys: 2 } });
    expect(received).toEqual(['event', 'another']);
  });

  test.each(['', 'Bearer', 'Bearer ', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`, TOKEN])(
    'the service rejects events with the header Authorization: %s',
    async (authorization) => {
      const { status, headers, body } = await post('event', authorization);
      expect([status, headers.get('WWW-Authenticate'), body]).toMatchObject([401, 'Bearer', { code: 'unauthorized' }]);
      expect(received).toEqual([]);
    },
  );

  test('the route /events rejects malformed events, too many events, large bodies and GET requests', async () => {
    expect(await post('malformed')).toMatchObject({ status: 400, body: { code: 'invalid-event' } });
    expect(await post('rejected')).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(await post('x'.repeat(1024 * 1024 + 1))).toMatchObject({ status: 413, body: { code: 'file-too-large' } });
    expect(await request(app, '/events')).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
  });

  test('the route /events accepts the origin of a CloudEvents handshake', async () => {
    const response = await app.request('/events', {
      method: 'OPTIONS',
      headers: { 'WebHook-Request-Origin': 'eventgrid.azure.net' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('WebHook-Allowed-Origin')).toBe('eventgrid.azure.net');
    expect(response.headers.get('Allow')).toContain('POST');
  });
});

describe('/metrics', () => {
  test('the route /metrics returns the metrics in the text format of Prometheus', async () => {
    const { status, type, headers } = await request(open({ api: api(), metrics: () => 'metrics\n' }), '/metrics');
    expect([status, type, headers.get('Cache-Control')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'no-store',
    ]);
  });

  test('the route /metrics rejects POST requests with 405', async () => {
    const { status } = await request(open({ metrics: () => '' }), '/metrics', { method: 'POST' });
    expect(status).toBe(405);
  });

  test('the route /metrics does not exist by default', async () => {
    expect((await request(open(), '/metrics')).status).toBe(404);
  });
});
