import { eventually } from '../../support/eventually';
import { seenQuadrants, UPRIGHT } from '../../support/images';
import { ServiceFixture, storedKeysOf } from '../../support/processes/service-fixture';
import type { ServiceProcess } from '../../support/processes/service-process';

// Each test runs the bundled service in a separate process, as an HTTP API.

let fixture: ServiceFixture;
beforeAll(async () => {
  fixture = await ServiceFixture.create({ workerProcess: 'test/support/processes/faulty-worker-process.ts' });
}, 120_000);
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());
afterEach(() => fixture.killServices());

async function startApi(variables: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  fixture.stopNotifications();
  return fixture.start({ SERVICE_MODE: 'api', ...variables });
}

const get = (service: ServiceProcess, path: string) => fetch(service.started.url + path);
const getSmall = (service: ServiceProcess, key: string) => get(service, `/thumbnails/small/${encodeURIComponent(key)}`);

test('the service renders a missing thumbnail on request', async () => {
  const service = await startApi();
  await fixture.put('cat.jpg');
  const thumbnail = await getSmall(service, 'cat.jpg');
  expect(await seenQuadrants(Buffer.from(await thumbnail.arrayBuffer()))).toEqual(UPRIGHT);
  expect(await fixture.storedKeys()).toEqual(storedKeysOf(['cat.jpg']));
  expect((await get(service, '/images/cat.jpg')).status).toBe(200);
  expect((await get(service, '/images/dog.jpg')).status).toBe(404);
  expect((await get(service, '/ready')).status).toBe(200);
  expect(await service.stop()).toBe(0);
});

test('the service serves stored thumbnails and rejects renders while its queue is full', async () => {
  const service = await startApi({ WORKER_PROCESSES: '1', MAX_QUEUED_RENDERS: '2' });
  const keys = await fixture.upload(20);
  await fixture.put('stored.jpg');
  expect((await getSmall(service, 'stored.jpg')).status).toBe(200);
  const responses = await Promise.all([...keys, 'stored.jpg'].map((key) => getSmall(service, key)));
  const statuses = responses.map(({ status }) => status);
  expect(statuses.pop()).toBe(200);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  const rejected = responses.find(({ status }) => status === 429)!;
  expect(Number(rejected.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await rejected.json()).toMatchObject({ code: 'too-many-requests' });
  await eventually(async () => {
    const retried = await Promise.all(keys.map((key) => getSmall(service, key)));
    return retried.every(({ status }) => status === 200) || undefined;
  }, 'status 200 for all keys');
}, 120_000);

test('the service continues after it responds with 503 for an image that crashes the worker process', async () => {
  const service = await startApi();
  await Promise.all([fixture.put('poison.abort'), fixture.put('cat.jpg')]);
  const [poison, cat] = await Promise.all([getSmall(service, 'poison.abort'), getSmall(service, 'cat.jpg')]);
  expect([poison.status, cat.status]).toEqual([503, 200]);
  expect(await poison.json()).toMatchObject({ code: 'worker-crashed' });
  expect((await get(service, '/health')).status).toBe(200);
});

test('the service is not ready while an object store is unavailable', async () => {
  const service = await startApi({ AWS_MAX_ATTEMPTS: '1' });
  const status = async () => (await get(service, '/ready')).status;
  expect(await status()).toBe(200);
  await fixture.s3.deleteBucket(fixture.source);
  await eventually(async () => (await status()) === 503 || undefined, 'status 503');
  await fixture.s3.createBucket(fixture.source);
  await eventually(async () => (await status()) === 200 || undefined, 'status 200');
});

test('an upload and a concurrent request render the image only once', async () => {
  const service = await fixture.start({ SERVICE_MODE: 'both' });
  const keys = await fixture.upload(20);
  const responses = await Promise.all(keys.map((key) => getSmall(service, key)));
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
  await fixture.drained();
  expect([...service.made].sort()).toEqual([...new Set(service.made)].sort());
}, 120_000);

test('the API and the worker of one service share the worker processes', async () => {
  const service = await fixture.start({ SERVICE_MODE: 'both' });
  const keys = await fixture.upload(20);
  expect((await getSmall(service, keys[19]!)).status).toBe(200);
  await fixture.expectAllMade(keys);
});
