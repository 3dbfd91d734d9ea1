import { boundedForRequests, inWorkerProcesses } from '../../../container/on-demand';
import type { JobOptions } from '../../../container/workers/job-queue';
import { WorkerError } from '../../../container/workers/worker-error';
import type { Outcome } from '../../../runtime/pipeline';
import { FakePipeline } from '../http/fake-pipeline';

/** Worker pool whose jobs are a function. */
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
  test('runs the job in a worker process', async () => {
    const pool = new FakePool();
    const reconcile = inWorkerProcesses(pipeline, pool, { urgent: true });
    expect(await reconcile('b', { force: true })).toEqual({ status: 'deleted', key: 'b', removed: 0 });
    expect(pool.calls).toEqual([['b', { force: true, urgent: true }]]);
  });

  test('ignores a key that the pipeline does not serve', async () => {
    const pool = new FakePool();
    const outcome = await inWorkerProcesses(pipeline, pool, { urgent: false })('foreign');
    expect([outcome, pool.calls]).toEqual([{ status: 'ignored', key: 'foreign' }, []]);
  });
});

describe('boundedForRequests', () => {
  const bounded = (pool: FakePool, maxQueuedRenders = 2) =>
    boundedForRequests(inWorkerProcesses(pipeline, pool, { urgent: true }), pool, maxQueuedRenders);

  test('rejects keys above maxQueuedRenders', async () => {
    const pool = new FakePool();
    const reconcile = bounded(pool);
    pool.urgentJobs = 1;
    await reconcile('b');
    pool.urgentJobs = 2;
    await expect(reconcile('b')).rejects.toMatchObject({ code: 'too-many-requests', status: 429 });
    pool.urgentJobs = 0;
    await reconcile('b');
  });

  test.each(['worker-crashed', 'timeout', 'out-of-memory'] as const)(
    'throws a problem for a lost worker process (%s) and quarantines the key for a time',
    async (code) => {
      jest.useFakeTimers();
      const error = new WorkerError(code, 'process 17 is gone');
      const pool = new FakePool((key) => {
        if (key === 'poison') {
          throw error;
        }
        return { status: 'deleted', key, removed: 0 };
      });
      const reconcile = bounded(pool);
      for (let request = 0; request < 3; request += 1) {
        const problem: unknown = await reconcile('poison').catch((thrown: unknown) => thrown);
        expect(problem).toMatchObject({ name: 'Problem', code, status: 503, cause: error });
        expect(String(problem)).not.toContain('17');
      }
      await reconcile('good');
      expect(pool.calls.map(([key]) => key)).toEqual(['poison', 'good']);
      jest.advanceTimersByTime(30_001);
      await expect(reconcile('poison')).rejects.toMatchObject({ code });
      expect(pool.calls).toHaveLength(3);
      jest.useRealTimers();
    },
  );

  test('throws shutting-down without quarantining the key', async () => {
    const pool = new FakePool(() => {
      throw new WorkerError('shutting-down', 'no');
    });
    const reconcile = bounded(pool);
    await expect(reconcile('b')).rejects.toMatchObject({ code: 'shutting-down', status: 503 });
    await expect(reconcile('b')).rejects.toMatchObject({ code: 'shutting-down' });
    expect(pool.calls).toHaveLength(2);
  });

  test('rethrows other errors', async () => {
    const error = new TypeError('x');
    const pool = new FakePool(() => {
      throw error;
    });
    await expect(bounded(pool)('b')).rejects.toBe(error);
  });
});
