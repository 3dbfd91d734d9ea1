import { Readiness, type ReadinessOptions } from '../../../container/readiness';
import { ObjectStoreError } from '../../../runtime/storage';
import { eventually } from '../../support/eventually';

const down = new ObjectStoreError('storage-unavailable', 'no response');

/** Creates object stores whose checks return the given results in order. Further checks return the last result. */
function stores(results: readonly (Error | undefined)[], options: ReadinessOptions) {
  let checks = 0;
  const check = jest.fn(() => {
    const result = results[Math.min(checks, results.length - 1)];
    checks += 1;
    return result ? Promise.reject(result) : Promise.resolve();
  });
  return { check, readiness: new Readiness([{ check }, { check: () => Promise.resolve() }], options) };
}

test('concurrent and repeated calls share one check, which resolves if all object stores are available', async () => {
  const { check, readiness } = stores([undefined], {});
  await Promise.all([readiness.check(), readiness.check()]);
  await readiness.check();
  expect(check).toHaveBeenCalledTimes(1);
});

test('the readiness check calls the object stores again after cacheMs', async () => {
  const { check, readiness } = stores([undefined, down], { cacheMs: 5 });
  await readiness.check();
  await eventually(
    () =>
      readiness.check().then(
        () => undefined,
        (error: unknown) => error,
      ),
    'the failure',
  );
  expect(check).toHaveBeenCalledTimes(2);
});

test('the readiness check rejects while an object store is unavailable, and caches this result', async () => {
  const { check, readiness } = stores([down, undefined], {});
  await expect(readiness.check()).rejects.toBe(down);
  await expect(readiness.check()).rejects.toBe(down);
  expect(check).toHaveBeenCalledTimes(1);
});

test('the readiness check rejects with storage-unavailable after timeoutMs', async () => {
  const readiness = new Readiness([{ check: () => new Promise(() => undefined) }], { timeoutMs: 10 });
  await expect(readiness.check()).rejects.toMatchObject({
    code: 'storage-unavailable',
  });
});

describe('untilReady', () => {
  const { signal } = new AbortController();

  test('untilReady() resolves without a check before the first reported failure', async () => {
    const { check, readiness } = stores([down], {});
    await readiness.untilReady(signal);
    expect(check).not.toHaveBeenCalled();
  });

  test('untilReady() repeats the check after a failure until the stores are available', async () => {
    const { check, readiness } = stores([down, down, undefined], { cacheMs: 0, initialRetryDelayMs: 5 });
    readiness.reportFailure();
    await readiness.untilReady(signal);
    expect(check).toHaveBeenCalledTimes(3);
    await readiness.untilReady(signal);
    expect(check).toHaveBeenCalledTimes(3);
  });

  test('untilReady() resolves after the signal is aborted', async () => {
    const { check, readiness } = stores([down], {});
    const end = new AbortController();
    readiness.reportFailure();
    const wait = readiness.untilReady(end.signal);
    await eventually(() => check.mock.calls[0], 'the first check');
    end.abort();
    await wait;
    expect(check).toHaveBeenCalledTimes(1);
  });
});
