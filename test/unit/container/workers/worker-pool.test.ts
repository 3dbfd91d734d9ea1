import { WorkerPool, type WorkerPoolOptions, type ReplacedWorker } from '../../../../container/workers/worker-pool';
import { ImageRejection } from '../../../../runtime/engine';
import { eventually } from '../../../support/eventually';
import { isAlive, writeFakeWorker } from './fake-worker-process';

const fake = writeFakeWorker();
afterAll(() => fake.remove());

let pool: WorkerPool;
let replaced: ReplacedWorker[];
let startFailures: string[];
let exhausted: string[];
afterEach(() => pool.close());

/** Starts a pool with long timeouts, which a busy machine does not exceed. */
async function open(options: Partial<WorkerPoolOptions> = {}): Promise<WorkerPool> {
  replaced = [];
  startFailures = [];
  exhausted = [];
  pool = new WorkerPool({
    script: fake.script,
    size: 1,
    environment: process.env,
    jobTimeoutMs: 60_000,
    memoryLimitBytes: 2 ** 40,
    initialRestartDelayMs: 1,
    maxRestartDelayMs: 20,
    onExhausted: ({ message }) => exhausted.push(message),
    log: {
      replaced: (worker) => replaced.push(worker),
      startFailed: ({ message }) => startFailures.push(message),
    },
    ...options,
  });
  await pool.start();
  return pool;
}

/** Runs a job and returns the id of its process. */
async function runForPid(key = 'made'): Promise<number> {
  const outcome = await pool.run(key);
  return outcome.status === 'deleted' ? outcome.removed : 0;
}

const refilled = (size: number) => eventually(() => pool.size === size || undefined, `${size} worker processes`);

describe('jobs', () => {
  test('permanent worker processes run jobs with their options', async () => {
    await open();
    expect(await pool.run('made:a', { force: true })).toMatchObject({ key: 'made:a', force: true });
    expect(await pool.run('made:b')).toMatchObject({ key: 'made:b', force: false });
    expect(await pool.run('made:e', { rejectsUnanalyzed: true })).toMatchObject({ rejectsUnanalyzed: true });
    expect([await runForPid('made:c'), await runForPid('made:d')]).toEqual([...pool.pids, ...pool.pids]);
    expect(replaced).toEqual([]);
  });

  test('while one worker process runs a slow job, the second worker process runs all later jobs', async () => {
    await open({ size: 2 });
    const slow = pool.run('wait:60000');
    slow.catch(() => undefined);
    const others = await Promise.all(Array.from({ length: 10 }, (_, index) => runForPid(`made:${index}`)));
    expect(new Set(others).size).toBe(1);
    await pool.close();
    await expect(slow).rejects.toMatchObject({ code: 'shutting-down', retryable: true });
  });

  test('jobs run in order of their priority', async () => {
    await open();
    const order: string[] = [];
    const run = (key: string, urgent: boolean) => pool.run(key, { urgent }).then(() => order.push(key));
    const first = pool.run('wait:50');
    const rest = [run('made:b1', false), run('made:u1', true), run('made:b2', false), run('made:u2', true)];
    expect(pool.urgentJobs).toBe(2);
    await Promise.all([first, ...rest]);
    expect(order).toEqual(['made:u1', 'made:u2', 'made:b1', 'made:b2']);
  });

  test('two calls with one key call beforeStart once, when the previous job of the worker process is complete', async () => {
    await open();
    const steps: string[] = [];
    const beforeStart = () => Promise.resolve(void steps.push('before'));
    const first = pool.run('made:first').then(() => steps.push('first'));
    const joined = [pool.run('made:second', { urgent: true, beforeStart }), pool.run('made:second', { beforeStart })];
    await Promise.all([first, ...joined]);
    expect(steps).toEqual(['first', 'before']);
  });

  test('if beforeStart rejects, the job fails, and the pool does not replace the worker process', async () => {
    await open();
    const pid = await runForPid();
    const beforeStart = () => Promise.reject(Object.assign(new Error('no queue'), { code: 'message-not-queued' }));
    await expect(pool.run('crash', { beforeStart })).rejects.toMatchObject({ code: 'message-not-queued' });
    expect(await runForPid()).toBe(pid);
    expect(replaced).toEqual([]);
  });

  test('a job rejects with the error of the worker process, which continues to run', async () => {
    await open();
    const pid = await runForPid();
    const error: unknown = await pool.run('reject:corrupt').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ImageRejection);
    expect(error).toMatchObject({ code: 'corrupt', message: 'no', retryable: false });
    expect(await runForPid()).toBe(pid);
  });
});

describe('a lost worker process', () => {
  test.each([
    ['crashes', 'crash', {}, { code: 'worker-crashed', message: 'was killed by SIGABRT while it rendered crash' }],
    ['exits', 'exit', {}, { code: 'worker-crashed', message: 'exited with code 3 while it rendered exit' }],
    ['hangs', 'hang', { jobTimeoutMs: 300 }, { code: 'timeout', message: 'rendering hang exceeded 300 ms' }],
    [
      'exceeds its memory limit',
      'grow',
      { memoryLimitBytes: 300 * 2 ** 20 },
      { code: 'out-of-memory', message: 'more than MEMORY_LIMIT_MIB=300' },
    ],
  ])(
    'a worker process that %s fails its job and is replaced, while all other worker processes continue',
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
      await eventually(() => replaced[0], 'the log entry');
      await refilled(2);
      expect(replaced).toMatchObject([{ reason: error.code, key }]);
      expect(isAlive(replaced[0]!.pid)).toBe(false);
      expect(new Set(await Promise.all([runForPid('wait:50'), runForPid('wait:50')])).size).toBe(2);
    },
  );

  test('the loss of an idle worker process does not cause a failed job', async () => {
    await open();
    const [pid] = pool.pids;
    process.kill(pid!, 'SIGKILL');
    await eventually(() => replaced[0], 'a replacement');
    expect(await runForPid()).not.toBe(pid);
    expect(replaced).toEqual([{ pid, completedJobs: 0, reason: 'worker-crashed' }]);
  });

  test('the pool replaces every crashed worker process, and only the jobs of crashed worker processes fail', async () => {
    await open({ size: 2 });
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => pool.run(`${index % 3 === 0 ? 'crash' : 'made'}:${index}`)),
    );
    expect(results.map(({ status }) => status)).toEqual(
      results.map((_, index) => (index % 3 === 0 ? 'rejected' : 'fulfilled')),
    );
    await refilled(2);
  });
});

describe('a worker process is recycled', () => {
  test('the pool replaces a worker process if its memory exceeds memoryLimitBytes after a job', async () => {
    await open({ memoryLimitBytes: 260 * 2 ** 20 });
    const pid = await runForPid('swell');
    expect(await runForPid()).not.toBe(pid);
    expect(replaced).toMatchObject([{ pid, reason: 'recycled', key: 'swell', completedJobs: 1 }]);
  });

  test('the pool replaces a worker process after an error that may leave a decoder thread running', async () => {
    await open();
    const pid = await runForPid();
    await expect(pool.run('reject:timeout')).rejects.toBeInstanceOf(ImageRejection);
    expect(await runForPid()).not.toBe(pid);
    expect(replaced).toMatchObject([{ pid, reason: 'recycled' }]);
  });
});

describe('start', () => {
  test.each([
    ['unable', 'SOURCE_BUCKET: is not set'],
    ['exit', 'the process exited with code 7'],
    ['late', 'not ready after 300 ms'],
  ])('start() rejects if a worker process is %s, and kills the others', async (how, why) => {
    const environment = { ...process.env, START: how };
    await expect(open({ size: 3, environment, startTimeoutMs: how === 'late' ? 300 : 30_000 })).rejects.toThrow(
      `cannot start a worker process (${fake.script}): ${why}`,
    );
    await eventually(() => pool.pids.every((pid) => !isAlive(pid)) || undefined, 'all worker processes to end');
  });

  test('the pool repeats the start of a replacement process until the start succeeds', async () => {
    const environment: Record<string, string | undefined> = { ...process.env };
    await open({ environment });
    environment['START'] = 'exit';
    await expect(pool.run('crash')).rejects.toMatchObject({ code: 'worker-crashed' });
    await eventually(() => startFailures.length > 2 || undefined, 'failed starts');
    expect(startFailures[0]).toContain('the process exited with code 7');
    delete environment['START'];
    expect(await runForPid()).toBeGreaterThan(0);
    expect(exhausted).toEqual([]);
  });

  test('the pool calls onExhausted if no worker process starts within exhaustionTimeoutMs', async () => {
    const environment: Record<string, string | undefined> = { ...process.env };
    await open({ environment, exhaustionTimeoutMs: 100 });
    environment['START'] = 'exit';
    await expect(pool.run('crash')).rejects.toMatchObject({ code: 'worker-crashed' });
    expect(await eventually(() => exhausted[0], 'onExhausted')).toContain('the process exited with code 7');
  });
});

describe('stop', () => {
  test('stopBackgroundJobs() rejects background jobs and completes urgent jobs', async () => {
    await open();
    const running = pool.run('wait:100');
    const background = [pool.run('made:a'), pool.run('made:b')];
    const urgent = pool.run('made:c', { urgent: true });
    pool.stopBackgroundJobs();
    for (const job of [...background, pool.run('made:d')]) {
      await expect(job).rejects.toMatchObject({ code: 'shutting-down' });
    }
    await Promise.all([running, urgent, pool.run('made:e', { urgent: true })]);
  });

  test('close() kills all worker processes and rejects all jobs', async () => {
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
