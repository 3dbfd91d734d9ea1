import { boundedForRequests, inWorkerProcesses } from '../../../container/on-demand';
import { WorkerError } from '../../../container/workers/worker-error';
import type { RunOptions } from '../../../container/workers/worker-pool';
import type { Outcome } from '../../../runtime/pipeline';
import { FakePipeline, readyManifest } from '../http/fake-pipeline';

/** Children that do what the test says. */
class FakePool {
  public waiting = 0;
  public readonly calls: [string, RunOptions | undefined][] = [];

  public constructor(
    private readonly work: (key: string) => Outcome = (key) => ({ status: 'deleted', key, removed: 0 }),
  ) {}

  public async run(key: string, options?: RunOptions): Promise<Outcome> {
    this.calls.push([key, options]);
    return Promise.resolve(this.work(key));
  }
}

const pipeline = new FakePipeline(undefined, (key) => key !== 'foreign');
pipeline.manifests.set('a', readyManifest('a'));
pipeline.store('a', 'small', 'webp', Buffer.from('picture'));

describe('a pipeline whose work is done in children', () => {
  test('gives them the work, and reads for itself', async () => {
    const pool = new FakePool();
    const shared = inWorkerProcesses(pipeline, pool, { urgent: true });
    expect(await shared.reconcile('b', { force: true })).toEqual({ status: 'deleted', key: 'b', removed: 0 });
    expect(pool.calls).toEqual([['b', { force: true, urgent: true }]]);
    expect(await shared.manifest('a')).toMatchObject({ status: 'ready' });
    expect((await shared.thumbnail('a', 'small', 'webp'))?.body.toString()).toBe('picture');
    expect([shared.serves('a'), shared.serves('foreign')]).toEqual([true, false]);
  });

  test('bothers none with a key that is not served', async () => {
    const pool = new FakePool();
    const outcome = await inWorkerProcesses(pipeline, pool, { urgent: false }).reconcile('foreign');
    expect([outcome, pool.calls]).toEqual([{ status: 'ignored', key: 'foreign' }, []]);
  });
});

describe('a pipeline for requests', () => {
  const bounded = (pool: FakePool, maxQueuedRenders = 2) =>
    boundedForRequests(inWorkerProcesses(pipeline, pool, { urgent: true }), pool, maxQueuedRenders);

  test('turns away what would have to wait too long, and nothing that is stored', async () => {
    const pool = new FakePool();
    const requests = bounded(pool);
    pool.waiting = 1;
    await requests.reconcile('b');
    pool.waiting = 2;
    await expect(requests.reconcile('b')).rejects.toMatchObject({ code: 'too-many-requests', status: 429 });
    expect(await requests.manifest('a')).toBeDefined();
    expect(await requests.thumbnail('a', 'small', 'webp')).toBeDefined();
    pool.waiting = 0;
    await requests.reconcile('b');
  });

  test.each(['worker-crashed', 'timeout', 'out-of-memory'] as const)(
    'answers for a child that is lost (%s), and does not lose another to the same image for a while',
    async (code) => {
      jest.useFakeTimers();
      const error = new WorkerError(code, 'process 17 is gone');
      const pool = new FakePool((key) => {
        if (key === 'poison') {
          throw error;
        }
        return { status: 'deleted', key, removed: 0 };
      });
      const requests = bounded(pool);
      for (let request = 0; request < 3; request += 1) {
        const problem: unknown = await requests.reconcile('poison').catch((thrown: unknown) => thrown);
        expect(problem).toMatchObject({ name: 'Problem', code, status: 503, cause: error });
        expect(String(problem)).not.toContain('17');
      }
      await requests.reconcile('good');
      expect(pool.calls.map(([key]) => key)).toEqual(['poison', 'good']);
      jest.advanceTimersByTime(30_001);
      await expect(requests.reconcile('poison')).rejects.toMatchObject({ code });
      expect(pool.calls).toHaveLength(3);
      jest.useRealTimers();
    },
  );

  test('says that the process is about to end, and holds nothing against the image', async () => {
    const pool = new FakePool(() => {
      throw new WorkerError('shutting-down', 'no');
    });
    const requests = bounded(pool);
    await expect(requests.reconcile('b')).rejects.toMatchObject({ code: 'shutting-down', status: 503 });
    await expect(requests.reconcile('b')).rejects.toMatchObject({ code: 'shutting-down' });
    expect(pool.calls).toHaveLength(2);
  });

  test('leaves other errors as they are', async () => {
    const error = new TypeError('x');
    const pool = new FakePool(() => {
      throw error;
    });
    await expect(bounded(pool).reconcile('b')).rejects.toBe(error);
  });
});
