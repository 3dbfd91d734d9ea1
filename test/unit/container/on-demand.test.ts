import { boundedForRequests, inWorkerProcesses, repeatedAfterLoss } from '../../../container/on-demand';
import type { JobOptions } from '../../../container/workers/job-queue';
import { WorkerError } from '../../../container/workers/worker-error';
import type { Outcome } from '../../../runtime/pipeline';
import { FakePipeline } from '../http/fake-pipeline';

/** Worker pool that runs each job by a call of a function. */
class FakePool {
  public urgentJobs = 0;
  public readonly calls: [string, JobOptions | undefined][] = [];

  public constructor(
    private readonly work: (key: string) => Outcome = (key) => ({ status: 'deleted', key, removed: 0 }),
  ) {}

  public async run(key: string, options?: JobOptions): Promise<Outcome> {
    this.calls.push([key, options]);
    return Promise.resolve(this.work(key));
  }
}

const pipeline = new FakePipeline(undefined, (key) => key !== 'foreign');

describe('inWorkerProcesses', () => {
  test('inWorkerProcesses() runs the job in a worker process', async () => {
    const pool = new FakePool();
    const reconcile = inWorkerProcesses(pipeline, pool, { urgent: true });
    expect(await reconcile('b', { force: true })).toEqual({ status: 'deleted', key: 'b', removed: 0 });
    expect(pool.calls).toEqual([['b', { force: true, urgent: true }]]);
  });

  test('inWorkerProcesses() calls beforeStart with the key at the start of the job', async () => {
    const pool = new FakePool();
    const started: string[] = [];
    const beforeStart = (key: string) => Promise.resolve(void started.push(key));
    await inWorkerProcesses(pipeline, pool, { urgent: true, beforeStart })('b');
    expect(started).toEqual([]);
    await pool.calls[0]![1]!.beforeStart!();
    expect(started).toEqual(['b']);
  });

  test('inWorkerProcesses() ignores a key that is not a source key of the pipeline', async () => {
    const pool = new FakePool();
    const outcome = await inWorkerProcesses(pipeline, pool, { urgent: false })('foreign');
    expect([outcome, pool.calls]).toEqual([{ status: 'ignored', key: 'foreign' }, []]);
  });
});

describe('boundedForRequests', () => {
  const bounded = (pool: FakePool, maxQueuedRenders = 2) =>
    boundedForRequests(inWorkerProcesses(pipeline, pool, { urgent: true }), pool, maxQueuedRenders);

  test('boundedForRequests() rejects requests that exceed maxQueuedRenders', async () => {
    const pool = new FakePool();
    const reconcile = bounded(pool);
    pool.urgentJobs = 1;
    await reconcile('b');
    pool.urgentJobs = 2;
    await expect(reconcile('b')).rejects.toMatchObject({ code: 'too-many-requests', status: 429 });
    pool.urgentJobs = 0;
    await reconcile('b');
  });

  test.each(['worker-crashed', 'timeout', 'out-of-memory', 'shutting-down'] as const)(
    'boundedForRequests() throws a problem for a lost job (%s)',
    async (code) => {
      const error = new WorkerError(code, 'process 17 is gone');
      const reconcile = bounded(
        new FakePool(() => {
          throw error;
        }),
      );
      const problem: unknown = await reconcile('b').catch((thrown: unknown) => thrown);
      expect(problem).toMatchObject({ name: 'Problem', code, status: 503, cause: error });
      expect(String(problem)).not.toContain('17');
    },
  );

  test('boundedForRequests() rethrows an error that is not a WorkerError', async () => {
    const error = new TypeError('x');
    const pool = new FakePool(() => {
      throw error;
    });
    await expect(bounded(pool)('b')).rejects.toBe(error);
  });
});

describe('repeatedAfterLoss', () => {
  const failing = (error: Error, changed?: (key: string) => void) =>
    repeatedAfterLoss(() => Promise.reject(error), changed)('b');

  test.each([
    ['worker-crashed', ['b']],
    ['timeout', ['b']],
    ['out-of-memory', ['b']],
    ['shutting-down', []],
  ] as const)('after a lost job (%s) reports %j', async (code, expected) => {
    const reported: string[] = [];
    const error = new WorkerError(code, 'lost');
    await expect(failing(error, (key) => reported.push(key))).rejects.toBe(error);
    expect(reported).toEqual(expected);
  });

  test('repeatedAfterLoss() does not report the key after an error of the job itself', async () => {
    const reported: string[] = [];
    const error = new TypeError('x');
    await expect(failing(error, (key) => reported.push(key))).rejects.toBe(error);
    expect(reported).toEqual([]);
  });

  test('repeatedAfterLoss() rethrows the error if no callback for the key is given', async () => {
    const error = new WorkerError('timeout', 'lost');
    await expect(failing(error)).rejects.toBe(error);
  });
});
