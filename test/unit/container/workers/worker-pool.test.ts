import { WorkerPool, type WorkerPoolOptions, type ReplacedWorker } from '../../../../container/workers/worker-pool';
import { ImageRejection } from '../../../../runtime/engine';
import { eventually } from '../../../support/running';
import { isAlive, writeFakeChild } from './fake-worker-process';

const child = writeFakeChild();
afterAll(() => child.remove());

let pool: WorkerPool;
let replaced: ReplacedWorker[];
let notStarted: string[];
let exhausted: string[];
afterEach(() => pool.close());

/** A pool that runs; the limits are wide enough for a machine that does other things too. */
async function open(options: Partial<WorkerPoolOptions> = {}): Promise<WorkerPool> {
  replaced = [];
  notStarted = [];
  exhausted = [];
  pool = new WorkerPool({
    script: child.script,
    size: 1,
    environment: process.env,
    jobTimeout: 60_000,
    memoryLimit: 2 ** 40,
    firstDelay: 1,
    maxDelay: 20,
    onExhausted: ({ message }) => exhausted.push(message),
    log: {
      replaced: (lost) => replaced.push(lost),
      notStarted: ({ message }) => notStarted.push(message),
    },
    ...options,
  });
  await pool.start();
  return pool;
}

/** Number of the process that did a job. */
async function worker(key = 'made'): Promise<number> {
  const outcome = await pool.run(key);
  return outcome.status === 'deleted' ? outcome.removed : 0;
}

const refilled = (size: number) => eventually(() => pool.size === size || undefined, `${size} children`);

describe('jobs', () => {
  test('are done in children that stay, with what was asked for', async () => {
    await open();
    expect(await pool.run('made:a', { force: true })).toMatchObject({ key: 'made:a', force: true });
    expect(await pool.run('made:b')).toMatchObject({ key: 'made:b', force: false });
    expect([await worker(), await worker()]).toEqual([...pool.pids, ...pool.pids]);
    expect(replaced).toEqual([]);
  });

  test('are shared among all children, so that a slow one holds up no other', async () => {
    await open({ size: 2 });
    const slow = pool.run('wait:60000');
    slow.catch(() => undefined);
    const others = await Promise.all(Array.from({ length: 10 }, () => worker()));
    expect(new Set(others).size).toBe(1);
    await pool.close();
    await expect(slow).rejects.toMatchObject({ code: 'shutting-down', retryable: true });
  });

  test('wait in order, those that somebody waits for before the others', async () => {
    await open();
    const order: string[] = [];
    const run = (key: string, urgent: boolean) => pool.run(key, { urgent }).then(() => order.push(key));
    const first = pool.run('wait:50');
    const rest = [run('made:b1', false), run('made:u1', true), run('made:b2', false), run('made:u2', true)];
    expect(pool.waiting).toBe(2);
    await Promise.all([first, ...rest]);
    expect(order).toEqual(['made:u1', 'made:u2', 'made:b1', 'made:b2']);
  });

  test('throw what they threw in the child, which stays', async () => {
    await open();
    const pid = await worker();
    const error: unknown = await pool.run('reject:corrupt').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ImageRejection);
    expect(error).toMatchObject({ code: 'corrupt', message: 'no', retryable: false });
    expect(await worker()).toBe(pid);
  });
});

describe('a child that is lost', () => {
  test.each([
    ['crashes', 'crash', {}, { code: 'worker-crashed', message: 'the process that worked on crash ended by SIGABRT' }],
    ['ends', 'exit', {}, { code: 'worker-crashed', message: 'the process that worked on exit ended with exit code 3' }],
    ['hangs', 'hang', { jobTimeout: 300 }, { code: 'timeout', message: /hang were not made within 300 ms/ }],
    [
      'takes too much memory',
      'grow',
      { memoryLimit: 300 * 2 ** 20 },
      { code: 'out-of-memory', message: /took \d+ MiB, allowed are 300 / },
    ],
  ])(
    'because it %s costs its job and is replaced, the other children are not touched',
    async (_, key, options, error) => {
      await open({ size: 2, ...options });
      const other = pool.run('wait:100');
      const [lost] = await Promise.all([pool.run(key).catch((thrown: unknown) => thrown), other]);
      expect(lost).toMatchObject({
        name: 'WorkerError',
        retryable: true,
        code: error.code,
        message: expect.stringMatching(error.message) as string,
      });
      await eventually(() => replaced[0], 'the loss to be told');
      await refilled(2);
      expect(replaced).toMatchObject([{ reason: error.code, key }]);
      expect(isAlive(replaced[0]!.pid)).toBe(false);
      expect(new Set(await Promise.all([worker('wait:50'), worker('wait:50')])).size).toBe(2);
    },
  );

  test('while it had nothing to do costs nothing', async () => {
    await open();
    const [pid] = pool.pids;
    process.kill(pid!, 'SIGKILL');
    await eventually(() => replaced[0], 'a replacement');
    expect(await worker()).not.toBe(pid);
    expect(replaced).toEqual([{ pid, jobs: 0, reason: 'worker-crashed' }]);
  });

  test('is replaced however often that happens', async () => {
    await open({ size: 2 });
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => pool.run(index % 3 === 0 ? 'crash' : 'made')),
    );
    expect(results.map(({ status }) => status)).toEqual(
      results.map((_, index) => (index % 3 === 0 ? 'rejected' : 'fulfilled')),
    );
    await refilled(2);
  });
});

describe('a child that has to go', () => {
  test('because its memory has grown goes when its job is done', async () => {
    await open({ memoryLimit: 260 * 2 ** 20 });
    const pid = await worker('swell');
    expect(await worker()).not.toBe(pid);
    expect(replaced).toMatchObject([{ pid, reason: 'spent', key: 'swell', jobs: 1 }]);
  });

  test('because a decoder may still be at work in it goes too', async () => {
    await open();
    const pid = await worker();
    await expect(pool.run('reject:timeout')).rejects.toBeInstanceOf(ImageRejection);
    expect(await worker()).not.toBe(pid);
    expect(replaced).toMatchObject([{ pid, reason: 'spent' }]);
  });
});

describe('the start', () => {
  test.each([
    ['unable', 'SOURCE_BUCKET: is not set'],
    ['exit', 'it ended with exit code 7'],
    ['late', 'it was not ready after 300 ms'],
  ])('fails with one clear line when a child is %s, and leaves no other behind', async (how, why) => {
    const environment = { ...process.env, START: how };
    await expect(open({ size: 3, environment, startTimeout: how === 'late' ? 300 : 30_000 })).rejects.toThrow(
      `cannot start a child process (${child.script}): ${why}`,
    );
    await eventually(() => pool.pids.every((pid) => !isAlive(pid)) || undefined, 'no child to be left');
  });

  test('is tried again when it fails for a later child', async () => {
    const environment: Record<string, string | undefined> = { ...process.env };
    await open({ environment });
    environment['START'] = 'exit';
    await expect(pool.run('crash')).rejects.toMatchObject({ code: 'worker-crashed' });
    await eventually(() => notStarted.length > 2 || undefined, 'failed starts');
    expect(notStarted[0]).toContain('it ended with exit code 7');
    delete environment['START'];
    expect(await worker()).toBeGreaterThan(0);
    expect(exhausted).toEqual([]);
  });

  test('is given up when no child has been there for long', async () => {
    const environment: Record<string, string | undefined> = { ...process.env };
    await open({ environment, patience: 100 });
    environment['START'] = 'exit';
    await expect(pool.run('crash')).rejects.toMatchObject({ code: 'worker-crashed' });
    expect(await eventually(() => exhausted[0], 'the end')).toContain('it ended with exit code 7');
  });
});

describe('the end', () => {
  test('gives up what nobody waits for at once, and lets the rest be done', async () => {
    await open();
    const running = pool.run('wait:100');
    const background = [pool.run('made'), pool.run('made')];
    const urgent = pool.run('made', { urgent: true });
    pool.stopBackgroundWork();
    for (const job of [...background, pool.run('made')]) {
      await expect(job).rejects.toMatchObject({ code: 'shutting-down' });
    }
    await Promise.all([running, urgent, pool.run('made', { urgent: true })]);
  });

  test('takes every child and every job with it', async () => {
    await open({ size: 2 });
    const pids = pool.pids;
    const jobs = ['hang', 'wait:60000', 'made'].map((key) => pool.run(key, { urgent: true }));
    const ends = Promise.allSettled(jobs);
    await pool.close();
    expect(await ends).toMatchObject(jobs.map(() => ({ status: 'rejected', reason: { code: 'shutting-down' } })));
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect([pool.size, replaced]).toEqual([0, []]);
    await expect(pool.run('made', { urgent: true })).rejects.toMatchObject({ code: 'shutting-down' });
  });
});
