import { JobQueue } from '../../../../container/workers/job-queue';
import type { Manifest, Outcome } from '../../../../runtime/pipeline';

const never = new AbortController().signal;
const outcome: Outcome = { status: 'deleted', key: 'key', removed: 1 };
let queue: JobQueue;
beforeEach(() => (queue = new JobQueue()));

const addAll = (urgent: boolean, ...keys: string[]): void => keys.forEach((key) => void queue.add(key, { urgent }));

async function takeAll(count: number): Promise<(string | undefined)[]> {
  const keys: (string | undefined)[] = [];
  for (let index = 0; index < count; index += 1) {
    keys.push((await queue.take(never))?.key);
  }
  return keys;
}

describe('order', () => {
  test('urgent jobs precede background jobs', async () => {
    addAll(false, 'b1');
    addAll(true, 'u1');
    addAll(false, 'b2');
    addAll(true, 'u2');
    expect(queue.urgentSize).toBe(2);
    expect(await takeAll(4)).toEqual(['u1', 'u2', 'b1', 'b2']);
    expect(queue.urgentSize).toBe(0);
  });

  test('every fifth job is a background job if urgent and background jobs are queued', async () => {
    addAll(false, 'b1', 'b2');
    addAll(true, 'u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8', 'u9');
    expect(await takeAll(11)).toEqual(['u1', 'u2', 'u3', 'u4', 'b1', 'u5', 'u6', 'u7', 'u8', 'b2', 'u9']);
  });

  test('the first waiting call of take() receives the next job', async () => {
    const takers = [queue.take(never), queue.take(never)];
    addAll(false, 'a');
    addAll(true, 'b');
    expect(await Promise.all(takers)).toMatchObject([{ key: 'a' }, { key: 'b' }]);
  });

  test('take() returns undefined after its signal is aborted, and takes no job', async () => {
    const abort = new AbortController();
    const [first, second] = [queue.take(abort.signal), queue.take(never)];
    abort.abort();
    addAll(false, 'a');
    expect([await first, (await second)?.key]).toEqual([undefined, 'a']);
    addAll(false, 'b');
    expect(await queue.take(abort.signal)).toBeUndefined();
    expect(await takeAll(1)).toEqual(['b']);
  });
});

describe('calls for the same key', () => {
  test('for several calls of add() with one key, the image is rendered once, and only one call returns `made`', async () => {
    const manifest = { status: 'ready' } as Manifest;
    const calls = [queue.add('a', { urgent: true }), queue.add('a', {}), queue.add('a', { urgent: true })];
    const job = await queue.take(never);
    job!.resolve({ status: 'made', key: 'a', manifest });
    const outcomes = await Promise.all(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(['unchanged', 'made', 'unchanged']);
    expect(outcomes[0]).toMatchObject({ manifest });
  });

  test('several calls of add() with one key result in one queued job with the options of all calls', async () => {
    const calls = [queue.add('a', {}), queue.add('a', { force: true }), queue.add('a', {})];
    const job = await queue.take(never);
    expect(job).toMatchObject({ key: 'a', force: true });
    job!.resolve(outcome);
    const repeated = { ...outcome, removed: 0 };
    expect(await Promise.all(calls)).toEqual([outcome, repeated, repeated]);
    queue.finish(job!);
    expect(queue.close()).toEqual([]);
  });

  test('an urgent call makes a queued background job urgent', async () => {
    addAll(false, 'b1', 'b2');
    addAll(true, 'b2');
    expect(queue.urgentSize).toBe(1);
    expect(await takeAll(2)).toEqual(['b2', 'b1']);
  });

  test('calls of add() for the key of a running job share one new job, which starts after the running job', async () => {
    const first = queue.add('a', {});
    const running = (await queue.take(never))!;
    const later = [queue.add('a', {}), queue.add('a', { urgent: true })];
    addAll(false, 'b');
    expect(await takeAll(1)).toEqual(['b']);

    const waiting = queue.take(never);
    running.resolve(outcome);
    queue.finish(running);
    const next = (await waiting)!;
    expect(next.key).toBe('a');
    expect(await first).toBe(outcome);
    const error = new Error('test failure');
    next.reject(error);
    for (const call of later) {
      await expect(call).rejects.toBe(error);
    }
  });
});

describe('dropping jobs', () => {
  test('dropBackground() removes and returns all background jobs that have not started', async () => {
    addAll(false, 'running');
    await queue.take(never);
    addAll(false, 'running', 'b', 'promoted');
    addAll(true, 'u', 'promoted');
    expect(queue.dropBackground().map(({ key }) => key)).toEqual(['running', 'b']);
    expect(await takeAll(2)).toEqual(['u', 'promoted']);
  });

  test('close() returns all jobs that have not started, and waiting calls of take() return undefined', async () => {
    const taker = queue.take(never);
    expect(queue.close()).toEqual([]);
    expect(await taker).toBeUndefined();
    expect(await queue.take(never)).toBeUndefined();
    queue = new JobQueue();
    addAll(false, 'b');
    addAll(true, 'u');
    expect(queue.close().map(({ key }) => key)).toEqual(['b', 'u']);
  });
});
