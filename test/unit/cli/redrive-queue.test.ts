import { PassThrough } from 'node:stream';
import type { RedriveRecord } from '../../../cli/redrive/redrive-progress';
import { redriveQueue, type RedriveOptions } from '../../../cli/redrive/redrive-queue';
import { startFakeMoveTasks, type FakeMoveTasks, type FakeMoveTasksOptions } from '../../support/aws/fake-move-tasks';

const environment = process.env;
let sqs: FakeMoveTasks;
afterEach(async () => {
  process.env = environment;
  await sqs.stop();
});

async function start(options: Partial<FakeMoveTasksOptions> = {}): Promise<void> {
  sqs = await startFakeMoveTasks({ messages: 10, pace: 4, ...options });
  process.env = {
    ...environment,
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
}

/** Runs the command and returns its exit code and output. */
async function run(
  options: Partial<RedriveOptions> = {},
  { isTTY = false, signal = new AbortController().signal } = {},
) {
  const [out, err] = [new PassThrough(), new PassThrough()].map((stream) => Object.assign(stream, { isTTY }));
  const code = await redriveQueue(
    { queue: sqs.deadLetterArn, ...options },
    { out: out!, err: err! },
    { signal, intervalMs: 1 },
  );
  const textOf = (stream: PassThrough | undefined): string => ((stream?.read() ?? '') as Buffer | string).toString();
  return { code, out: textOf(out), err: textOf(err) };
}

describe('redriveQueue', () => {
  test.each([
    ['the ARN of the dead-letter queue', () => sqs.deadLetterArn],
    ['its URL', () => sqs.deadLetterUrl],
    ['the ARN of its source queue', () => sqs.queueArn],
    ['the URL of its source queue', () => sqs.queueUrl],
  ])('redriveQueue() accepts %s, moves the messages back and prints the progress', async (_, queue) => {
    await start();
    const { code, out, err } = await run({ queue: queue() });
    expect(out.split('\n')).toEqual([
      'running: 0 of 10 messages moved back',
      'running: 4 of 10 messages moved back',
      'running: 8 of 10 messages moved back',
      'completed: 10 of 10 messages moved back',
      '',
    ]);
    expect([code, err]).toEqual([0, '']);
    expect(sqs.tasks).toHaveLength(1);
    expect(sqs.tasks[0]).not.toHaveProperty('MaxNumberOfMessagesPerSecond');
  });

  test('redriveQueue() names the source queue as the destination if the source queue is known', async () => {
    await start();
    await run({ queue: sqs.queueArn });
    expect(sqs.tasks[0]).toMatchObject({ DestinationArn: sqs.queueArn });
    await run({ queue: sqs.deadLetterArn });
    expect(sqs.tasks[0]).not.toHaveProperty('DestinationArn');
  });

  test('redriveQueue() prints JSON records with --json and passes the rate to SQS', async () => {
    await start();
    const { out } = await run({ json: true, rate: '50' }, { isTTY: true });
    const records = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RedriveRecord);
    expect(records.map(({ status, moved, total }) => [status, moved, total])).toEqual([
      ['RUNNING', 0, 10],
      ['RUNNING', 4, 10],
      ['RUNNING', 8, 10],
      ['COMPLETED', 10, 10],
    ]);
    expect(records[0]?.queue).toBe(sqs.deadLetterArn);
    expect(sqs.tasks[0]).toMatchObject({ MaxNumberOfMessagesPerSecond: 50 });
  });

  test('redriveQueue() draws a progress bar on a terminal and prints the result', async () => {
    await start();
    const { code, out, err } = await run({}, { isTTY: true });
    expect(err).toContain('10/10 messages moved back');
    expect(out).toBe('completed: 10 of 10 messages moved back\n');
    expect(code).toBe(0);
  });

  test('redriveQueue() completes if the dead-letter queue is empty', async () => {
    await start({ messages: 0 });
    expect(await run()).toMatchObject({ code: 0, out: expect.stringContaining('completed: 0 of 0') as string });
  });

  test('redriveQueue() ignores an earlier task while SQS does not list the new task', async () => {
    await start({ lag: 2 });
    sqs.tasks.push({
      Status: 'COMPLETED',
      StartedTimestamp: 0,
      ApproximateNumberOfMessagesMoved: 7,
      ApproximateNumberOfMessagesToMove: 7,
    });
    const { code, out } = await run();
    expect(out.split('\n').slice(0, 2)).toEqual(Array(2).fill('running: 0 of 0 messages moved back'));
    expect(out).toMatch(/^completed: 10 of 10 messages moved back$/m);
    expect(code).toBe(0);
  });

  test('redriveQueue() prints the reason for a failure', async () => {
    await start({ end: 'FAILED' });
    const { code, out } = await run();
    expect(out).toMatch(/^failed: 10 of 10 messages moved back: CouldNotDetermineMessageSource$/m);
    expect(code).toBe(1);
  });

  test('redriveQueue() cancels its own task after an interruption', async () => {
    await start({ messages: 1_000_000, pace: 1 });
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(), 50);
    const { code, out } = await run({}, interruption);
    expect(sqs.actions.filter((action) => action === 'CancelMessageMoveTask')).toHaveLength(1);
    expect(sqs.tasks[0]?.Status).toBe('CANCELLED');
    expect(out).toMatch(/^cancelled: \d+ of 1000000 messages moved back$/m);
    expect(code).toBe(130);
  });

  test('redriveQueue() follows a running task, and an interruption does not cancel the task', async () => {
    await start({ messages: 1_000_000, pace: 1 });
    sqs.tasks.push({
      Status: 'RUNNING',
      TaskHandle: 'other handle',
      StartedTimestamp: 0,
      ApproximateNumberOfMessagesMoved: 5,
      ApproximateNumberOfMessagesToMove: 1_000_000,
    });
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(), 50);
    const { code, err } = await run({}, interruption);
    expect(err).toBe('a redrive of this queue is already running; following it\nthe redrive continues\n');
    expect(code).toBe(130);
    expect(sqs.actions).not.toContain('StartMessageMoveTask');
    expect(sqs.actions).not.toContain('CancelMessageMoveTask');
    expect(sqs.tasks[0]?.Status).toBe('RUNNING');
  });

  test.each<[string, Partial<RedriveOptions>, string]>([
    ['neither URL nor ARN', { queue: 'dead-letters' }, '--queue: got dead-letters; expected the URL or ARN of a queue'],
    ['the ARN of another service', { queue: 'arn:aws:sns:eu-central-1:111122223333:x' }, '--queue: got arn:aws:sns'],
    ['the rate 0', { rate: '0' }, '--rate: got 0; expected 1 to 500 messages per second'],
    ['a rate that is not a number', { rate: 'fast' }, '--rate: got fast'],
    ['a rate above the maximum', { rate: '501' }, '--rate: got 501'],
    [
      'a queue that does not exist',
      { queue: 'arn:aws:sqs:eu-central-1:111122223333:gone' },
      'arn:aws:sqs:eu-central-1:111122223333:gone: no such queue in this account and Region',
    ],
    [
      'a queue without a dead-letter queue',
      { queue: 'arn:aws:sqs:eu-central-1:111122223333:without-dead-letters' },
      'without-dead-letters: the queue is not a dead-letter queue and has no dead-letter queue',
    ],
  ])('redriveQueue() rejects %s', async (_, options, message) => {
    await start();
    await expect(run(options)).rejects.toThrow(message);
    expect(sqs.tasks).toEqual([]);
  });

  test('redriveQueue() lists the required permissions when access is denied', async () => {
    await start();
    sqs.fail('StartMessageMoveTask', {
      __type: 'com.amazonaws.sqs#AccessDeniedException',
      message: 'User: x is not authorized',
    });
    await expect(run()).rejects.toThrow(
      /not authorized \(required: sqs:StartMessageMoveTask, .*; sqs:SendMessage, sqs:GetQueueUrl and sqs:GetQueueAttributes/,
    );
  });
});
