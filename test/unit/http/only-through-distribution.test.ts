import { DISTRIBUTION_HEADER, ROUTES, type Route } from '../../../runtime/contract';
import { createHttpApi, fixedKeys, type HttpApiOptions } from '../../../runtime/http';
import { EVERY_SOURCE, FakePipeline } from './fake-pipeline';

const KEY = { id: 'k1', key: '0123456789abcdef0123456789abcdef' };

function open(options: Partial<HttpApiOptions> = {}) {
  const deleted: string[] = [];
  const pipeline = new FakePipeline();
  const app = createHttpApi({
    pipeline,
    reconcile: pipeline.reconcile,
    source: { ...EVERY_SOURCE, delete: (keys) => (deleted.push(...keys), Promise.resolve()) },
    cacheControl: 'max-age=60',
    version: '1',
    stored: { prefix: '', keys: fixedKeys([KEY]) },
    onlyThroughDistribution: true,
    writing: {
      prefix: '',
      uploads: { contentTypes: ['image/png'], maxSizeBytes: 9, keyTemplate: '{uuid}' },
      createForm: () => Promise.resolve({ url: 'https://s3.example', fields: {} }),
      receiveForm: () => Promise.resolve(),
    },
    ...options,
  });
  const send = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const url = path.replace('{name}', 'small').replace('{key+}', 'a.jpg');
    const response = await app.fetch(new Request(`https://api.example${url}`, { method, headers }), {});
    return response.status;
  };
  return { send, deleted, calls: pipeline.calls };
}

const CLOSED = Object.entries<Route>(ROUTES)
  .filter(([id]) => id !== 'getHealth')
  .flatMap(([, { path, methods }]) => methods.map((method): [string, string] => [method, path]));

test.each(CLOSED)('%s %s requires the key of the distribution', async (method, path) => {
  const { send, deleted, calls } = open();
  const received: Record<string, string>[] = [
    {},
    { [DISTRIBUTION_HEADER]: '' },
    { [DISTRIBUTION_HEADER]: `${KEY.key}x` },
  ];
  for (const headers of received) {
    expect(await send(method, path, headers)).toBe(401);
  }
  expect([deleted, calls]).toEqual([[], []]);
  expect(await send(method, path, { [DISTRIBUTION_HEADER]: KEY.key })).not.toBe(401);
});

test('health checks require no key', async () => {
  expect(await open().send('GET', '/health')).toBe(200);
});

test('without a source of keys, the API rejects every request', async () => {
  const { send } = open({ stored: { prefix: '' } });
  expect(await send('GET', '/openapi.json', { [DISTRIBUTION_HEADER]: '' })).toBe(401);
});

test('without onlyThroughDistribution, only the route for distributions requires the key', async () => {
  const { send } = open({ onlyThroughDistribution: false });
  expect(await send('GET', '/openapi.json')).toBe(200);
  expect(await send('GET', '/stored/{key+}')).toBe(401);
});
