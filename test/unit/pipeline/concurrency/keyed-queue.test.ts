import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { KeyedQueue, type KeyedQueueOptions } from '../../../../runtime/pipeline';
import { ObjectStoreError } from '../../../../runtime/storage';
import { chosenBy, Interleaver } from '../../../robustness/schedules/interleaver';

afterEach(() => jest.useRealTimers());

/** A pending call of the processing function. The test completes the call. */
interface Run {
  readonly key: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function queueWith(options: Partial<KeyedQueueOptions> = {}) {
  const runs: Run[] = [];
  const givenUp: [key: string, error: unknown][] = [];
  const queue = new KeyedQueue({
    process: (key) => new Promise<void>((resolve, reject) => runs.push({ key, resolve, reject })),
    onGivenUp: (key, error) => givenUp.push([key, error]),
    ...options,
  });
  return { queue, runs, givenUp, keys: () => runs.map(({ key }) => key) };
}

/** Runs all pending callbacks without advancing the clock. */
async function settle(): Promise<void> {
  await jest.advanceTimersByTimeAsync(0);
}

describe('a queue', () => {
  beforeEach(() => jest.useFakeTimers());

  test('the queue processes up to `concurrency` keys at once, in order', async () => {
    const { queue, runs, keys } = queueWith({ concurrency: 2 });
    ['a', 'b', 'c', 'd'].forEach((key) => queue.add(key));
    expect(keys()).toEqual(['a', 'b']);
    runs[1]!.resolve();
    await settle();
    expect(keys()).toEqual(['a', 'b', 'c']);
    expect(queue.size).toBe(3);
  });

  test('the queue ignores a key that is already queued', async () => {
    const { queue, runs, keys } = queueWith({ concurrency: 1 });
    ['a', 'b', 'b', 'c', 'b'].forEach((key) => queue.add(key));
    for (let index = 0; index < 3; index++) {
      runs[index]!.resolve();
      await settle();
    }
    expect(keys()).toEqual(['a', 'b', 'c']);
    expect(queue.size).toBe(0);
  });

  test('the queue processes a key again if a caller adds the key during its processing', async () => {
    const { queue, runs, keys } = queueWith();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(keys()).toEqual(['a']);
    runs[0]!.resolve();
    await settle();
    expect(keys()).toEqual(['a', 'a']);
    runs[1]!.resolve();
    await settle();
    expect(keys()).toEqual(['a', 'a']);
    expect(queue.size).toBe(0);
  });

  test('the queue retries with increasing delays and then reports the last failure', async () => {
    const { queue, runs, givenUp } = queueWith({ attempts: 4, firstDelay: 100, maxDelay: 250 });
    queue.add('a');
    for (const [index, delay] of [100, 200, 250].entries()) {
      runs[index]!.reject(new Error(`failure ${index}`));
      await jest.advanceTimersByTimeAsync(delay - 1);
      expect(runs).toHaveLength(index + 1);
      await jest.advanceTimersByTimeAsync(1);
      expect(runs).toHaveLength(index + 2);
      expect(givenUp).toEqual([]);
    }
    runs[3]!.reject(new Error('failure 3'));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(givenUp).toEqual([['a', new Error('failure 3')]]);
    expect([runs.length, queue.size]).toEqual([4, 0]);
  });

  test('the queue does not retry permanent failures', async () => {
    const { queue, runs, givenUp } = queueWith();
    queue.add('a');
    const error = new ObjectStoreError('invalid-key', 'no');
    runs[0]!.reject(error);
    await settle();
    expect(givenUp).toEqual([['a', error]]);
  });

  test('the queue processes a delayed key at once if the key is added again, and resets its attempts', async () => {
    const { queue, runs, givenUp } = queueWith({ attempts: 2 });
    queue.add('a');
    runs[0]!.reject(new Error('first'));
    await settle();
    queue.add('a');
    expect(runs).toHaveLength(2);
    runs[1]!.reject(new Error('second'));
    await settle();
    expect(givenUp).toEqual([]);
    await jest.advanceTimersByTimeAsync(500);
    expect(runs).toHaveLength(3);
    runs[2]!.reject(new Error('third'));
    await settle();
    expect(givenUp).toEqual([['a', new Error('third')]]);
  });

  test('the queue processes a failed key at once if a caller adds the key during its processing', async () => {
    const { queue, runs, givenUp } = queueWith({ attempts: 1 });
    queue.add('a');
    queue.add('a');
    runs[0]!.reject(new Error('old'));
    await settle();
    expect([runs.length, givenUp]).toEqual([2, []]);
  });

  test('the queue treats a synchronous exception as a failure', async () => {
    const givenUp: unknown[] = [];
    const queue = new KeyedQueue({
      process: () => {
        throw new Error('at once');
      },
      attempts: 1,
      onGivenUp: (_, error) => givenUp.push(error),
    });
    queue.add('a');
    await queue.drain();
    expect(givenUp).toEqual([new Error('at once')]);
  });

  test('drain() resolves when no key is queued, running or delayed', async () => {
    const { queue, runs } = queueWith({ firstDelay: 100 });
    let isDrained = false;
    queue.add('a');
    const drained = queue.drain().then(() => (isDrained = true));
    runs[0]!.reject(new Error('once'));
    await jest.advanceTimersByTimeAsync(99);
    expect(isDrained).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    runs[1]!.resolve();
    await drained;
    await queue.drain();
    expect(isDrained).toBe(true);
  });

  test('close() waits for running keys and discards queued keys', async () => {
    const { queue, runs, keys, givenUp } = queueWith({ concurrency: 2 });
    ['a', 'b', 'c'].forEach((key) => queue.add(key));
    queue.add('a');
    runs[1]!.reject(new Error('later'));
    await settle();
    runs[2]!.reject(new Error('later'));
    await settle();
    expect(keys()).toEqual(['a', 'b', 'c']);
    let isClosed = false;
    const closed = queue.close().then(() => (isClosed = true));
    queue.add('d');
    await jest.advanceTimersByTimeAsync(60_000);
    expect([isClosed, queue.size]).toEqual([false, 1]);
    runs[0]!.resolve();
    await closed;
    expect([keys(), queue.size, givenUp]).toEqual([['a', 'b', 'c'], 0, []]);
  });

  test('the queue reports a key that fails during close', async () => {
    const { queue, runs, givenUp } = queueWith();
    queue.add('a');
    const closed = queue.close();
    runs[0]!.reject(new Error('at the end'));
    await closed;
    expect(givenUp).toEqual([['a', new Error('at the end')]]);
  });
});

test('a delayed retry does not prevent the process from ending', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const { queue, runs } = queueWith();
  queue.add('a');
  runs[0]!.reject(new Error('once'));
  await setImmediate();
  expect([queue.size, timers()]).toEqual([1, before]);
  await queue.close();
});

test('the queue processes every change and never runs a key concurrently, for any order of events', async () => {
  const keys = ['a', 'b', 'c'];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...keys), { maxLength: 20, size: 'max' }),
      fc.integer({ min: 1, max: 3 }),
      fc.uint8Array({ maxLength: 100, size: 'max' }),
      fc.constantFrom(0, 200),
      async (changes, concurrency, choices, loyalty) => {
        const interleaver = new Interleaver(chosenBy(choices, loyalty));
        const values = new Map(keys.map((key) => [key, 0]));
        const seen = new Map(values);
        const running = new Set<string>();
        let most = 0;
        const queue = new KeyedQueue({
          concurrency,
          onGivenUp: (_, error) => {
            throw error;
          },
          process: async (key) => {
            expect(running.has(key)).toBe(false);
            most = Math.max(most, running.add(key).size);
            await interleaver.pause(key);
            const value = values.get(key)!;
            await interleaver.pause(key);
            seen.set(key, value);
            running.delete(key);
          },
        });
        void (async () => {
          for (const key of changes) {
            await interleaver.pause('user');
            values.set(key, values.get(key)! + 1);
            queue.add(key);
          }
        })();
        await interleaver.run();
        expect(seen).toEqual(values);
        expect(queue.size).toBe(0);
        expect(most).toBeLessThanOrEqual(concurrency);
      },
    ),
    { seed: 41, numRuns: 300 },
  );
});
