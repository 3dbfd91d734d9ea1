import { eventually } from '../../support/eventually';
import { quadrants } from '../../support/images';
import { NodeProcess } from '../../support/processes/node-process';
import { ServiceFixture, storedKeysOf } from '../../support/processes/service-fixture';
import { isAlive } from '../../unit/container/workers/fake-worker-process';

// Each test runs the bundled service in a separate process.

/** Number of images in the throughput test. */
const MANY_UPLOADS = Number(process.env['SERVICE_UPLOADS'] ?? 100);
/** Number of images in tests that interrupt the service before it has rendered all of them. */
const UPLOADS = Number(process.env['SERVICE_UPLOADS'] ?? 32);
/** Worker process that aborts on keys with the suffix `.abort` and hangs on `.hang`. */
const FAULTY_WORKER = 'test/support/processes/faulty-worker-process.ts';

let fixture: ServiceFixture;
beforeAll(async () => (fixture = await ServiceFixture.create({ workerProcess: FAULTY_WORKER })), 120_000);
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());
afterEach(() => fixture.killServices());

test('the service renders all uploads', async () => {
  const service = await fixture.start();
  const keys = await fixture.upload(MANY_UPLOADS, await quadrants({ orientation: 6 }));
  await fixture.expectAllMade(keys);
  await service.hasMade(keys.length);
  expect(service.made.sort()).toEqual([...keys].sort());
  expect(await service.stop()).toBe(0);
}, 600_000);

test('the service retries the job of a killed worker process', async () => {
  const service = await fixture.start({ JOB_TIMEOUT_SECONDS: '3600' });
  const [victim] = service.started.workerPids;
  // SIGSTOP suspends the first worker process. This process receives a job and does not complete it. The second worker
  // process completes all other jobs.
  process.kill(victim!, 'SIGSTOP');
  const keys = await fixture.upload(UPLOADS);
  await fixture.waitForDepth({ visible: 0, hidden: 1 });
  process.kill(victim!, 'SIGKILL');
  await fixture.expectAllMade(keys);
  const lost = await service.waitForLine('lost a worker process');
  expect(lost).toMatchObject({ pid: victim, reason: 'worker-crashed' });
  expect(keys).toContain(lost['key']);
  expect(await service.stop()).toBe(0);
}, 600_000);

test('a new service completes the work of a killed service', async () => {
  const first = await fixture.start();
  const keys = await fixture.upload(UPLOADS);
  await first.hasMade(Math.ceil(UPLOADS / 4));
  await first.stop('SIGKILL');
  await eventually(() => !first.started.workerPids.some(isAlive) || undefined, 'its worker processes to end');
  const second = await fixture.start();
  await fixture.expectAllMade(keys);
  expect(second.made.length).toBeGreaterThan(0);
}, 600_000);

describe('on SIGTERM', () => {
  test('the service returns unfinished messages when it stops within the timeout', async () => {
    const first = await fixture.start();
    const keys = await fixture.upload(UPLOADS);
    await first.hasMade(Math.ceil(UPLOADS / 4));
    const begin = performance.now();
    expect(await first.stop()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(first.started.workerPids.some(isAlive)).toBe(false);
    // The queue must contain the message of every unrendered image. It may also contain messages of rendered images.
    const unfinished = await eventually(async () => {
      const { visible, hidden } = await fixture.sqs.depth(fixture.queue.url);
      const notMade = keys.length - new Set(first.made).size;
      return visible + hidden >= notMade ? notMade : undefined;
    }, 'the unfinished messages to be in the queue');
    expect(unfinished).toBeGreaterThan(0);
    await fixture.start();
    await fixture.expectAllMade(keys);
  }, 600_000);

  test('the service returns the message of a blocked job and exits at once after a second signal', async () => {
    // With two consumers, fauxqs would deliver the returned message to the aborted poll of the other consumer.
    const variables = { STOP_TIMEOUT_SECONDS: '2', WORKER_PROCESSES: '1' };
    const first = await fixture.start(variables);
    await fixture.put('endless.hang');
    await fixture.waitForDepth({ visible: 0, hidden: 1 });
    expect(await first.stop()).toBe(0);
    await fixture.waitForDepth({ visible: 1, hidden: 0 });

    const second = await fixture.start({ ...variables, STOP_TIMEOUT_SECONDS: '3600' });
    await fixture.waitForDepth({ visible: 0, hidden: 1 });
    const stopped = second.stop();
    await second.waitForLine('service is stopping');
    expect(await second.stop()).toBe(1);
    expect(await stopped).toBe(1);
    await eventually(() => !second.started.workerPids.some(isAlive) || undefined, 'its worker processes to end');
  }, 120_000);
});

describe('messages in the dead-letter queue', () => {
  beforeEach(() => fixture.reset({ maxReceiveCount: 2 }));

  test('the messages of images that crash or block worker processes go to the dead-letter queue', async () => {
    const service = await fixture.start({ JOB_TIMEOUT_SECONDS: '3' });
    await Promise.all([fixture.put('poison.abort'), fixture.put('endless.hang')]);
    const keys = await fixture.upload(20);
    await fixture.drained();
    expect(await fixture.storedKeys()).toEqual(storedKeysOf(keys));
    const dead = await fixture.sqs.receive(fixture.queue.deadLetterUrl);
    expect(dead.map((body) => /"key":"([^"]+)"/.exec(body)?.[1]).sort()).toEqual(['endless.hang', 'poison.abort']);
    const lost = service.lines.filter(({ message }) => message === 'lost a worker process');
    expect(lost.map(({ key, reason }) => `${String(key)} ${String(reason)}`).sort()).toEqual([
      'endless.hang timeout',
      'endless.hang timeout',
      'poison.abort worker-crashed',
      'poison.abort worker-crashed',
    ]);
    expect(await service.stop()).toBe(0);
  }, 120_000);

  test('malformed messages go to the dead-letter queue', async () => {
    await fixture.start();
    await fixture.sqs.send(fixture.queue.url, 'hello');
    await fixture.put('cat.jpg');
    await fixture.drained();
    expect(await fixture.sqs.receive(fixture.queue.deadLetterUrl)).toEqual(['hello']);
    expect(await fixture.storedKeys()).toEqual(storedKeysOf(['cat.jpg']));
  });
});

test('the service receives no messages while an object store is unavailable', async () => {
  const service = await fixture.start({ AWS_MAX_ATTEMPTS: '1' });
  await fixture.s3.deleteBucket(fixture.thumbnails);
  const keys = await fixture.upload(12);
  const failure = 'image failed';
  await service.waitForLine(failure);
  expect((await fetch(`${service.started.url}/ready`)).status).toBe(503);
  // Each message that the service received during this time would cause a further failure.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await fixture.s3.createBucket(fixture.thumbnails);
  await fixture.expectAllMade(keys);
  expect(service.lines.filter(({ message }) => message === failure).length).toBeLessThanOrEqual(4);
  await eventually(async () => (await fetch(`${service.started.url}/ready`)).ok || undefined, 'it to be ready');
}, 180_000);

test('the service reports all invalid variables in one message', async () => {
  const service = NodeProcess.start([fixture.script], {
    SERVICE_MODE: 'all',
    PORT: 'http',
    THUMBNAILS: '[]',
    STORAGE: 'directory',
  });
  expect(await service.exit()).toBe(1);
  expect(service.output).toMatch(/^cdk-thumbnails: .*\n/);
  for (const name of ['SOURCE_DIRECTORY', 'THUMBNAIL_DIRECTORY', 'THUMBNAILS', 'SERVICE_MODE', 'PORT']) {
    expect(service.output).toMatch(new RegExp(`^  ${name}: `, 'm'));
  }
});
