import fc from 'fast-check';
import { singleFlight } from '../../../../runtime/pipeline';
import { nextFlight } from '../../../../runtime/pipeline/concurrency/single-flight';

fc.configureGlobal({ seed: 1 });

test('concurrent calls with one key share one execution', async () => {
  const begun: string[] = [];
  let finish = (): void => undefined;
  const gate = new Promise<void>((resolve) => (finish = resolve));
  const call = singleFlight(async (key: string) => {
    begun.push(key);
    await gate;
    return { key };
  });
  const results = [call('a'), call('b'), call('a')];
  finish();
  const [first, other, second] = await Promise.all(results);
  expect(begun).toEqual(['a', 'b']);
  expect(second).toBe(first);
  expect(other).toEqual({ key: 'b' });
});

test('a call after the end of an execution starts a new execution', async () => {
  let count = 0;
  const call = singleFlight(() => Promise.resolve((count += 1)));
  expect([await call('a'), await call('a')]).toEqual([1, 2]);
});

test('concurrent calls share a failure, which is not cached', async () => {
  let count = 0;
  const call = singleFlight((key: string): Promise<number> => {
    count += 1;
    if (count === 1) {
      throw new Error(`no ${key}`);
    }
    return Promise.resolve(count);
  });
  const failed = await Promise.allSettled([call('a'), call('a')]);
  expect(failed.map((result) => result.status === 'rejected' && String(result.reason))).toEqual([
    'Error: no a',
    'Error: no a',
  ]);
  expect(await call('a')).toBe(2);
});

describe('next flight', () => {
  interface Read {
    readonly key: string;
    /** Number of requests that had arrived when the read started. */
    readonly startedAfter: number;
    readonly end: (succeeds: boolean) => void;
  }

  /** A request for a key, or the end of a running read. */
  const step = fc.oneof(
    fc.record({ kind: fc.constant('request' as const), key: fc.constantFrom('a', 'b') }),
    fc.record({ kind: fc.constant('end' as const), index: fc.nat(3), succeeds: fc.boolean() }),
    fc.record({ kind: fc.constant('wait' as const) }),
  );
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('each request receives the result of one read that starts after its arrival', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const running: Read[] = [];
        const reads = { a: 0, b: 0 };
        const arrivals: { readonly key: string; readonly at: number; readonly result: Promise<Read> }[] = [];
        let isArriving = false;
        const call = nextFlight((key: string) => {
          reads[key as 'a'] += 1;
          expect(running.filter((other) => other.key === key)).toEqual([]);
          return new Promise<Read>((resolve, reject) => {
            const read: Read = {
              key,
              startedAfter: arrivals.length + (isArriving ? 1 : 0),
              end: (succeeds) => {
                running.splice(running.indexOf(read), 1);
                if (succeeds) {
                  resolve(read);
                } else {
                  reject(Object.assign(new Error('failed'), { read }));
                }
              },
            };
            running.push(read);
          });
        });
        const request = (key: 'a' | 'b'): void => {
          isArriving = true;
          const result = call(key).catch((error: Error & { readonly read: Read }) => error.read);
          isArriving = false;
          arrivals.push({ key, at: arrivals.length, result });
        };
        for (const each of steps) {
          if (each.kind === 'request') {
            request(each.key);
          } else if (each.kind === 'end') {
            running[each.index]?.end(each.succeeds);
          } else {
            await turn();
          }
        }
        // At most one further read per key starts, because all requests during the running read share the next read.
        const before = { ...reads };
        for (let round = 0; round < 3; round++) {
          await turn();
          [...running].forEach((read) => read.end(true));
        }
        await turn();
        expect(running).toEqual([]);
        expect(reads.a - before.a).toBeLessThanOrEqual(1);
        expect(reads.b - before.b).toBeLessThanOrEqual(1);
        for (const { key, at, result } of arrivals) {
          const read = await result;
          expect(read.key).toBe(key);
          expect(read.startedAfter).toBeGreaterThan(at);
        }
      }),
    );
  });

  test('100 requests during a read share the next read', async () => {
    let count = 0;
    const call = nextFlight((key: string) => Promise.resolve(key && (count += 1)));
    const results = await Promise.all(Array.from({ length: 101 }, () => call('a')));
    expect(results).toEqual([1, ...Array.from({ length: 100 }, () => 2)]);
    expect(await call('a')).toBe(3);
  });

  test('the error of a read does not reach requests of the next read', async () => {
    let count = 0;
    const call = nextFlight((key: string) => {
      count += 1;
      if (count === 1) {
        throw new Error(`no ${key}`);
      }
      return Promise.resolve(count);
    });
    const results = await Promise.allSettled([call('a'), call('a'), call('a')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  test('calls with different arguments do not share a read', async () => {
    const call = nextFlight((key: string, etag?: string) => Promise.resolve(`${key} ${etag}`));
    expect(await Promise.all([call('a'), call('a', 'x'), call('a', 'y')])).toEqual(['a undefined', 'a x', 'a y']);
  });
});
