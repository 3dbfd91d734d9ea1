import { SQSClient } from '@aws-sdk/client-sqs';
import { QueueWorker, type QueueWorkerOptions, type ReceivedMessage } from '../../../../container/queue/queue-worker';
import { startSqs, type SqsServer, type TestQueue } from '../../../support/aws/sqs';
import { eventually } from '../../../support/eventually';

let sqs: SqsServer;
beforeAll(async () => (sqs = await startSqs()));
afterAll(() => sqs.stop());

let queue: TestQueue;
let worker: QueueWorker;
let failures: string[];
beforeEach(async () => {
  queue = await sqs.createQueue();
  failures = [];
});
afterEach(() => worker.stop());

function start(options: Pick<QueueWorkerOptions, 'handle'> & Partial<QueueWorkerOptions>): void {
  // The worker has a separate client, because the worker destroys its client.
  const { endpoint, region, credentials } = sqs.client.config;
  worker = new QueueWorker({
    queueUrl: queue.url,
    consumers: 1,
    visibilityTimeoutSeconds: 2,
    log: { queueFailed: ({ message }) => failures.push(message) },
    client: new SQSClient({ endpoint, region, credentials }),
    ...options,
  });
  worker.start();
}

const queueIsEmpty = () =>
  eventually(async () => {
    const { visible, hidden } = await sqs.depth(queue.url);
    return visible + hidden === 0 || undefined;
  }, 'the queue to be empty');

test('the queue worker deletes a message after its handler has completed', async () => {
  await sqs.send(queue.url, 'a');
  let finish = (): void => undefined;
  const received: ReceivedMessage[] = [];
  start({
    handle: (message) => {
      received.push(message);
      return new Promise((resolve) => (finish = () => resolve(undefined)));
    },
  });
  await eventually(() => received[0], 'a message');
  expect(received).toMatchObject([{ body: 'a', receiveCount: 1 }]);
  expect(await sqs.depth(queue.url)).toEqual({ visible: 0, hidden: 1 });
  finish();
  await queueIsEmpty();
  expect(failures).toEqual([]);
});

test('the queue worker extends the visibility timeout while the handler runs', async () => {
  await sqs.send(queue.url, 'long');
  const bodies: string[] = [];
  start({
    consumers: 2,
    handle: async ({ body }) => {
      bodies.push(body);
      // Longer than the visibility timeout.
      await new Promise((resolve) => setTimeout(resolve, 3500));
      return undefined;
    },
  });
  await queueIsEmpty();
  expect(bodies).toEqual(['long']);
});

test('the queue worker retries a message after the delay that the handler returns', async () => {
  await sqs.send(queue.url, 'again');
  const seen: (readonly [number, number])[] = [];
  start({
    handle: async ({ receiveCount }) => {
      seen.push([receiveCount, performance.now()]);
      return Promise.resolve(receiveCount < 3 ? receiveCount - 1 : undefined);
    },
  });
  await queueIsEmpty();
  expect(seen.map(([count]) => count)).toEqual([1, 2, 3]);
  const [, second, third] = seen.map(([, time]) => time);
  expect(third! - second!).toBeGreaterThan(900);
});

test('the queue worker moves a message that exceeds maxReceiveCount to the dead-letter queue', async () => {
  await sqs.send(queue.url, 'poison');
  await sqs.send(queue.url, 'good');
  start({ handle: ({ body }) => Promise.resolve(body === 'poison' ? 0 : undefined) });
  await queueIsEmpty();
  expect(await sqs.receive(queue.deadLetterUrl)).toEqual(['poison']);
});

test('the queue worker retries a message whose handler throws', async () => {
  await sqs.send(queue.url, 'a');
  let tries = 0;
  start({
    handle: () => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Error('test failure')) : Promise.resolve(undefined);
    },
  });
  await queueIsEmpty();
  expect(tries).toBe(2);
  expect(failures).toEqual([expect.stringContaining('test failure')]);
});

test('while one consumer handles a slow message, the second consumer handles all quick messages', async () => {
  const bodies = ['slow', ...Array.from({ length: 12 }, (_, index) => `quick ${index}`)];
  for (const body of bodies) {
    await sqs.send(queue.url, body);
  }
  const done: string[] = [];
  let finish = (): void => undefined;
  start({
    consumers: 2,
    handle: async ({ body }) => {
      if (body === 'slow') {
        await new Promise<void>((resolve) => (finish = resolve));
      }
      done.push(body);
      return undefined;
    },
  });
  await eventually(() => done.length === 12 || undefined, 'the quick messages');
  expect(done).not.toContain('slow');
  finish();
  await queueIsEmpty();
});

test('the queue worker polls only after untilReady has resolved', async () => {
  await sqs.send(queue.url, 'a');
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const asked = jest.fn(() => gate);
  start({ untilReady: asked, handle: () => Promise.resolve(undefined) });
  await eventually(() => asked.mock.calls[0], 'the call of untilReady');
  expect(await sqs.depth(queue.url)).toEqual({ visible: 1, hidden: 0 });
  open();
  await queueIsEmpty();
});

describe('stop', () => {
  test('stop() aborts long polls', async () => {
    const polled = jest.fn(() => Promise.resolve());
    start({ consumers: 3, untilReady: polled, handle: () => Promise.resolve(undefined) });
    await eventually(() => polled.mock.calls.length === 3 || undefined, 'the polls');
    const start_ = performance.now();
    await worker.stop();
    expect(performance.now() - start_).toBeLessThan(10_000);
    expect(failures).toEqual([]);
  });

  test('stop() waits until the messages in progress are deleted or returned', async () => {
    for (const body of ['done', 'returned', 'untouched']) {
      await sqs.send(queue.url, body);
    }
    const finishers = new Map<string, (seconds: number | undefined) => void>();
    start({ consumers: 2, handle: ({ body }) => new Promise((resolve) => finishers.set(body, resolve)) });
    await eventually(() => finishers.size === 2 || undefined, 'two messages');
    let isOver = false;
    const stopped = worker.stop().then(() => (isOver = true));
    finishers.get('done')!(undefined);
    await eventually(async () => (await sqs.depth(queue.url)).hidden === 1 || undefined, 'the first to be deleted');
    expect(isOver).toBe(false);
    finishers.get('returned')!(0);
    await stopped;
    expect(await sqs.depth(queue.url)).toEqual({ visible: 2, hidden: 0 });
    expect((await sqs.receive(queue.url)).concat(await sqs.receive(queue.url)).sort()).toEqual([
      'returned',
      'untouched',
    ]);
    expect(failures).toEqual([]);
  });
});

test('the queue worker retries failed polls with increasing delays', async () => {
  const client = new SQSClient({
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  const polls: number[] = [];
  start({
    client,
    untilReady: () => Promise.resolve(void polls.push(performance.now())),
    handle: () => Promise.resolve(undefined),
  });
  await eventually(() => polls.length === 4 || undefined, 'four polls');
  const delays = polls.slice(1).map((time, index) => time - polls[index]!);
  expect(delays[0]).toBeGreaterThan(450);
  expect(delays[1]).toBeGreaterThan(950);
  expect(delays[2]).toBeGreaterThan(1900);
  expect(failures.length).toBeGreaterThanOrEqual(3);
  expect(failures[0]).toContain('ECONNREFUSED');
});
