import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { mapParallel } from '../../../../runtime/pipeline';

/** A call that the test completes. */
interface Call {
  readonly item: string;
  readonly resolve: (result: string) => void;
  readonly reject: (error: Error) => void;
}

function calls(): { readonly begun: Call[]; readonly call: (item: string) => Promise<string> } {
  const begun: Call[] = [];
  const call = (item: string) => new Promise<string>((resolve, reject) => begun.push({ item, resolve, reject }));
  return { begun, call };
}

test('mapParallel() returns results in order and respects the limit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(3), { maxLength: 20 }),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      async (turns, limit, isAsynchronous) => {
        let running = 0;
        let most = 0;
        const items = turns.map((count, index) => ({ count, index }));
        const results = await mapParallel(isAsynchronous ? fromEach(items) : items, limit, async ({ count, index }) => {
          most = Math.max(most, (running += 1));
          for (let turn = 0; turn < count; turn++) {
            await setImmediate();
          }
          running -= 1;
          return index;
        });
        expect(results).toEqual(items.map(({ index }) => index));
        expect(most).toBeLessThanOrEqual(limit);
      },
    ),
    { seed: 37, numRuns: 100 },
  );
});

async function* fromEach<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await setImmediate();
    yield item;
  }
}

test('mapParallel() uses the full concurrency', async () => {
  const { begun, call } = calls();
  const all = mapParallel(['a', 'b', 'c'], 2, call);
  await setImmediate();
  expect(begun.map(({ item }) => item)).toEqual(['a', 'b']);
  begun[1]!.resolve('B');
  await setImmediate();
  expect(begun.map(({ item }) => item)).toEqual(['a', 'b', 'c']);
  begun[2]!.resolve('C');
  begun[0]!.resolve('A');
  expect(await all).toEqual(['A', 'B', 'C']);
});

test('mapParallel() starts no calls after a failure and waits for all started calls', async () => {
  const { begun, call } = calls();
  let ended: unknown;
  const all = mapParallel(['a', 'b', 'c', 'd'], 2, call).catch((error: unknown) => (ended = error));
  await setImmediate();
  const failure = new Error('a failed');
  begun[0]!.reject(failure);
  await setImmediate();
  expect(begun.map(({ item }) => item)).toEqual(['a', 'b']);
  expect(ended).toBeUndefined();
  begun[1]!.reject(new Error('b failed too'));
  await all;
  expect(ended).toBe(failure);
});

test('mapParallel() waits for started calls if the iterable throws', async () => {
  const { begun, call } = calls();
  let ended: unknown;
  const items = (async function* () {
    yield 'a';
    await setImmediate();
    throw new Error('no more items');
  })();
  const all = mapParallel(items, 2, call).catch((error: unknown) => (ended = error));
  await setImmediate();
  await setImmediate();
  await setImmediate();
  expect(ended).toBeUndefined();
  begun[0]!.resolve('A');
  await all;
  expect(ended).toEqual(new Error('no more items'));
});
