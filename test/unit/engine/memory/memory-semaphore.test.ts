import fc from 'fast-check';
import { MemorySemaphore, type ReleaseMemory } from '../../../../runtime/engine';

const BUDGET = 100;

/** Waits until all pending promise callbacks have run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the semaphore grants memory in order of arrival', async () => {
  const memorySemaphore = new MemorySemaphore(BUDGET);
  const granted: string[] = [];
  const acquire = async (name: string, bytes: number): Promise<ReleaseMemory> => {
    const release = await memorySemaphore.acquire({ bytes, held: 0 });
    granted.push(name);
    return release;
  };
  const first = acquire('first', 60);
  const second = acquire('second', 60);
  const small = acquire('small', 10);
  await settled();
  // The free memory suffices for the small task, but the second task precedes the small task.
  expect(granted).toEqual(['first']);
  expect(memorySemaphore.waiting).toBe(2);
  const release = await first;
  release();
  // A second call has no effect.
  release();
  await Promise.all([second, small]);
  expect(granted).toEqual(['first', 'second', 'small']);
  void acquire('third', 31);
  await settled();
  expect(memorySemaphore.waiting).toBe(1);
});

test('a task that exceeds the budget runs without concurrent tasks', async () => {
  const memorySemaphore = new MemorySemaphore(BUDGET);
  const first = await memorySemaphore.acquire({ bytes: 1, held: 0 });
  const large = memorySemaphore.acquire({ bytes: 500, held: 0 });
  const after = memorySemaphore.acquire({ bytes: 1, held: 0 });
  await settled();
  expect(memorySemaphore.waiting).toBe(2);
  first();
  (await large)();
  (await after)();
  expect(memorySemaphore.waiting).toBe(0);
});

test('the semaphore rejects a task that exceeds the maximum', async () => {
  const memorySemaphore = new MemorySemaphore(BUDGET, 3 * 2 ** 20);
  await memorySemaphore.acquire({ bytes: 3 * 2 ** 20, held: 0 });
  await expect(memorySemaphore.acquire({ bytes: 3 * 2 ** 20 + 1, held: 0 })).rejects.toMatchObject({
    name: 'ImageRejection',
    code: 'out-of-memory',
    retryable: true,
    message: expect.stringContaining('requires up to 4 MiB of memory, but the process has 3 MiB') as unknown,
  });
});

test.each([
  [25, 0],
  [30, 2],
])('the semaphore counts %i bytes held by a waiter', async (held, waiting) => {
  const memorySemaphore = new MemorySemaphore(BUDGET);
  await memorySemaphore.acquire({ bytes: 30, held: 0 });
  const second = await memorySemaphore.acquire({ bytes: 50, held: 0 });
  void memorySemaphore.acquire({ bytes: 45, held: 0 });
  void memorySemaphore.acquire({ bytes: 25, held });
  second();
  await settled();
  expect(memorySemaphore.waiting).toBe(waiting);
});

test.each([0, -1, Number.NaN])('the constructor throws an error if the budget is %p', (budget) => {
  expect(() => new MemorySemaphore(budget)).toThrow('is out of range');
});

test('the semaphore grants every request in order and within the budget', async () => {
  const job = fc.record({ bytes: fc.integer({ min: 1, max: 150 }), rounds: fc.integer({ min: 0, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(job, { maxLength: 30 }), fc.boolean(), async (jobs, fails) => {
      const memorySemaphore = new MemorySemaphore(BUDGET);
      const order: number[] = [];
      let acquired = 0;
      let holders = 0;
      const work = jobs.map(async ({ bytes, rounds }, index) => {
        // Tasks arrive in three groups.
        for (let round = 0; round < index % 3; round++) {
          await Promise.resolve();
        }
        const release = await memorySemaphore.acquire({ bytes, held: Math.min(bytes, 10) });
        order.push(index);
        acquired += bytes;
        holders += 1;
        expect(acquired <= BUDGET || holders === 1).toBe(true);
        try {
          for (let round = 0; round < rounds; round++) {
            await settled();
          }
          if (fails && index % 2 === 0) {
            throw new Error('the work failed');
          }
        } finally {
          acquired -= bytes;
          holders -= 1;
          release();
        }
      });
      await Promise.allSettled(work);
      expect(order).toHaveLength(jobs.length);
      const byArrival = [0, 1, 2].map((late) => jobs.flatMap((_, index) => (index % 3 === late ? [index] : [])));
      for (const lane of byArrival) {
        expect(order.filter((index) => lane.includes(index))).toEqual(lane);
      }
      expect(memorySemaphore.waiting).toBe(0);
    }),
    { numRuns: 150, seed: 31 },
  );
});
