import { SQSClient } from '@aws-sdk/client-sqs';
import { QueueWorker, type QueueWorkerOptions, type ReceivedMessage } from '../../../../container/queue/queue-worker';
import { eventually } from '../../../support/running';
import { startSqs, type SqsServer, type TestQueue } from '../../../support/sqs';

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

function start(options: Pick<QueueWorkerOptions, 'work'> & Partial<QueueWorkerOptions>): void {
  // A client of its own: the worker ends it.
  const { endpoint, region, credentials } = sqs.client.config;
  worker = new QueueWorker({
    queueUrl: queue.url,
    consumers: 1,
    visibilityTimeout: 2,
    log: { queueFailed: ({ message }) => failures.push(message) },
    client: new SQSClient({ endpoint, region, credentials }),
    ...options,
  });
  worker.start();
}

const isEmpty = () =>
  eventually(async () => {
    const { visible, hidden } = await sqs.depth(queue.url);
    return visible + hidden === 0 || undefined;
  }, 'the queue to be empty');

test('a message is deleted when its work is done, and not before', async () => {
  await sqs.send(queue.url, 'a');
  let finish = (): void => undefined;
  const received: ReceivedMessage[] = [];
  start({
    work: (message) => {
      received.push(message);
      return new Promise((resolve) => (finish = () => resolve(undefined)));
    },
  });
  await eventually(() => received[0], 'a message');
  expect(received).toMatchObject([{ body: 'a', receiveCount: 1 }]);
  expect(await sqs.depth(queue.url)).toEqual({ visible: 0, hidden: 1 });
  finish();
  await isEmpty();
  expect(failures).toEqual([]);
});

test('it stays hidden for as long as it is worked on', async () => {
  await sqs.send(queue.url, 'long');
  const bodies: string[] = [];
  start({
    consumers: 2,
    work: async ({ body }) => {
      bodies.push(body);
      // Longer than it would stay hidden by itself.
      await new Promise((resolve) => setTimeout(resolve, 3500));
      return undefined;
    },
  });
  await isEmpty();
  expect(bodies).toEqual(['long']);
});

test('one that is not done comes again after the time that its work says, and is counted', async () => {
  await sqs.send(queue.url, 'again');
  const seen: (readonly [number, number])[] = [];
  start({
    work: async ({ receiveCount }) => {
      seen.push([receiveCount, performance.now()]);
      return Promise.resolve(receiveCount < 3 ? receiveCount - 1 : undefined);
    },
  });
  await isEmpty();
  expect(seen.map(([count]) => count)).toEqual([1, 2, 3]);
  const [, second, third] = seen.map(([, time]) => time);
  expect(third! - second!).toBeGreaterThan(900);
});

test('one that is never done is put aside', async () => {
  await sqs.send(queue.url, 'poison');
  await sqs.send(queue.url, 'good');
  start({ work: ({ body }) => Promise.resolve(body === 'poison' ? 0 : undefined) });
  await isEmpty();
  expect(await sqs.receive(queue.deadLetterUrl)).toEqual(['poison']);
});

test('work that throws leaves its message for later', async () => {
  await sqs.send(queue.url, 'a');
  let tries = 0;
  start({
    work: () => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Error('a mistake')) : Promise.resolve(undefined);
    },
  });
  await isEmpty();
  expect(tries).toBe(2);
  expect(failures).toEqual([expect.stringContaining('a mistake')]);
});

test('a slow message does not keep the other consumers from theirs', async () => {
  const bodies = ['slow', ...Array.from({ length: 12 }, (_, index) => `quick ${index}`)];
  for (const body of bodies) {
    await sqs.send(queue.url, body);
  }
  const done: string[] = [];
  let finish = (): void => undefined;
  start({
    consumers: 2,
    work: async ({ body }) => {
      if (body === 'slow') {
        await new Promise<void>((resolve) => (finish = resolve));
      }
      done.push(body);
      return undefined;
    },
  });
  await eventually(() => done.length === 12 || undefined, 'the quick ones');
  expect(done).not.toContain('slow');
  finish();
  await isEmpty();
});

test('no message is asked for before it makes sense', async () => {
  await sqs.send(queue.url, 'a');
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const asked = jest.fn(() => gate);
  start({ ready: asked, work: () => Promise.resolve(undefined) });
  await eventually(() => asked.mock.calls[0], 'the question');
  expect(await sqs.depth(queue.url)).toEqual({ visible: 1, hidden: 0 });
  open();
  await isEmpty();
});

describe('the end', () => {
  test('comes at once when there is nothing to do, though a poll takes twenty seconds', async () => {
    const polled = jest.fn(() => Promise.resolve());
    start({ consumers: 3, ready: polled, work: () => Promise.resolve(undefined) });
    await eventually(() => polled.mock.calls.length === 3 || undefined, 'the polls');
    const start_ = performance.now();
    await worker.stop();
    expect(performance.now() - start_).toBeLessThan(10_000);
    expect(failures).toEqual([]);
  });

  test('waits for what is worked on, which is deleted or given back, and takes nothing new', async () => {
    for (const body of ['done', 'returned', 'untouched']) {
      await sqs.send(queue.url, body);
    }
    const finishers = new Map<string, (seconds: number | undefined) => void>();
    start({ consumers: 2, work: ({ body }) => new Promise((resolve) => finishers.set(body, resolve)) });
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

test('a queue that fails is asked again, less and less often', async () => {
  const client = new SQSClient({
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  const asked: number[] = [];
  start({
    client,
    ready: () => Promise.resolve(void asked.push(performance.now())),
    work: () => Promise.resolve(undefined),
  });
  await eventually(() => asked.length === 4 || undefined, 'four polls');
  const pauses = asked.slice(1).map((time, index) => time - asked[index]!);
  expect(pauses[0]).toBeGreaterThan(450);
  expect(pauses[1]).toBeGreaterThan(950);
  expect(pauses[2]).toBeGreaterThan(1900);
  expect(failures.length).toBeGreaterThanOrEqual(3);
  expect(failures[0]).toContain('ECONNREFUSED');
});
