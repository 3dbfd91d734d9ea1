import { VersionCache } from '../../../../runtime/storage/directory/version-cache';

test('the cache returns a value only for its key and its version', () => {
  const cache = new VersionCache<string>(2);
  cache.set('a', 'v1', 'one');
  expect(cache.get('a', 'v1')).toBe('one');
  expect(cache.get('a', 'v2')).toBeUndefined();
  expect(cache.get('b', 'v1')).toBeUndefined();
  cache.set('a', 'v2', 'two');
  expect(cache.get('a', 'v1')).toBeUndefined();
  expect(cache.get('a', 'v2')).toBe('two');
});

test('the cache discards the least recently used value', () => {
  const cache = new VersionCache<number>(2);
  cache.set('a', 'v', 1);
  cache.set('b', 'v', 2);
  cache.get('a', 'v');
  cache.set('c', 'v', 3);
  expect(['a', 'b', 'c'].map((key) => cache.get(key, 'v'))).toEqual([1, undefined, 3]);
});
