import fc from 'fast-check';
import { MemorySemaphore, type ReleaseMemory } from '../../../../runtime/engine';

const BUDGET = 100;

/** Lets everything that was resolved be acted on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('lets in what fits, and the next when something is given back', async () => {
  const memorySemaphore = new MemorySemaphore(BUDGET);
  const entered: string[] = [];
  const enter = async (name: string, bytes: number): Promise<ReleaseMemory> => {
    const giveBack = await memorySemaphore.enter({ bytes, held: 0 });
    entered.push(name);
    return giveBack;
  };
  const first = enter('first', 60);
  const second = enter('second', 60);
  const small = enter('small', 10);
  await settled();
  // The small one would fit, but nothing passes those who came before.
  expect(entered).toEqual(['first']);
  expect(memorySemaphore.waiting).toBe(2);
  const giveBack = await first;
  giveBack();
  // A second time gives nothing more back.
  giveBack();
  await Promise.all([second, small]);
  expect(entered).toEqual(['first', 'second', 'small']);
  void enter('third', 31);
  await settled();
  expect(memorySemaphore.waiting).toBe(1);
});

test('gives what is larger than the budget all of it, alone', async () => {
  const memorySemaphore = new MemorySemaphore(BUDGET);
  const first = await memorySemaphore.enter({ bytes: 1, held: 0 });
  const large = memorySemaphore.enter({ bytes: 500, held: 0 });
  const after = memorySemaphore.enter({ bytes: 1, held: 0 });
  await settled();
  expect(memorySemaphore.waiting).toBe(2);
  first();
  (await large)();
  (await after)();
  expect(memorySemaphore.waiting).toBe(0);
});

test('refuses what can never fit, by name and at once', async () => {
  const memorySemaphore = new MemorySemaphore(BUDGET, 3 * 2 ** 20);
  await memorySemaphore.enter({ bytes: 3 * 2 ** 20, held: 0 });
  await expect(memorySemaphore.enter({ bytes: 3 * 2 ** 20 + 1, held: 0 })).rejects.toMatchObject({
    name: 'ImageRejection',
    code: 'out-of-memory',
    retryable: true,
    message: expect.stringContaining('may take 4 MiB of memory, and there are 3 MiB') as unknown,
  });
});

test.each([
  [25, 0],
  [30, 2],
])('counts the %i that somebody in line holds already', async (held, waiting) => {
  const memorySemaphore = new MemorySemaphore(BUDGET);
  await memorySemaphore.enter({ bytes: 30, held: 0 });
  const second = await memorySemaphore.enter({ bytes: 50, held: 0 });
  void memorySemaphore.enter({ bytes: 45, held: 0 });
  void memorySemaphore.enter({ bytes: 25, held });
  second();
  await settled();
  expect(memorySemaphore.waiting).toBe(waiting);
});

test.each([0, -1, Number.NaN])('has a budget that is more than nothing, not %p', (budget) => {
  expect(() => new MemorySemaphore(budget)).toThrow('more than nothing');
});

test('is never over its budget but for one alone, keeps the order, and lets everybody in', async () => {
  const job = fc.record({ bytes: fc.integer({ min: 1, max: 150 }), rounds: fc.integer({ min: 0, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(job, { maxLength: 30 }), fc.boolean(), async (jobs, fails) => {
      const memorySemaphore = new MemorySemaphore(BUDGET);
      const order: number[] = [];
      let taken = 0;
      let inside = 0;
      const work = jobs.map(async ({ bytes, rounds }, index) => {
        // Not all come at once.
        for (let round = 0; round < index % 3; round++) {
          await Promise.resolve();
        }
        const turn = memorySemaphore.enter({ bytes, held: Math.min(bytes, 10) });
        const giveBack = await turn;
        order.push(index);
        taken += bytes;
        inside += 1;
        expect(taken <= BUDGET || inside === 1).toBe(true);
        try {
          for (let round = 0; round < rounds; round++) {
            await settled();
          }
          if (fails && index % 2 === 0) {
            throw new Error('the work failed');
          }
        } finally {
          taken -= bytes;
          inside -= 1;
          giveBack();
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
