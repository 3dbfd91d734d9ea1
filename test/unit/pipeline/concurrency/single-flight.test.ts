import { singleFlight } from '../../../../runtime/pipeline';

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
