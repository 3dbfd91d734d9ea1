import fc from 'fast-check';
import { invalidationPaths } from '../../../lambda/invalidation-paths';

fc.configureGlobal({ seed: 1 });

const paths = (keys: readonly string[], maxPaths = 5, thumbnailPrefix = ''): readonly string[] =>
  invalidationPaths(keys, { thumbnailPrefix, maxPaths });

test('the function returns one path for each key, below the thumbnail prefix', () => {
  expect(paths(['a/cat.jpg', 'dog.jpg', 'a/cat.jpg'], 5, 'out/')).toEqual(['/out/a/cat.jpg/*', '/out/dog.jpg/*']);
});

test('the function encodes keys like the CloudFront function of viewer requests', () => {
  expect(paths(["ü (1)*'!.jpg"])).toEqual(["/%C3%BC%20(1)*'!.jpg/*"]);
});

test('the function ends a path before a tilde, which CloudFront does not support', () => {
  expect(paths(['a/b~c/d.jpg'])).toEqual(['/a/b*']);
});

test.each(['a?b.jpg', '50%.jpg', 'a//b.jpg', 'a/../b.jpg', '#.jpg', 'a'.repeat(1000)])(
  'the function invalidates thumbnails with the key in the query for %s',
  (key) => {
    expect(paths([key, 'cat.jpg'])).toEqual(['/cat.jpg/*', '/thumbnails/*']);
  },
);

test('the function replaces too many paths by the paths of their folders', () => {
  const keys = ['u/1/a/1.jpg', 'u/1/a/2.jpg', 'u/1/b/3.jpg', 'u/2/4.jpg'];
  expect(paths(keys, 4)).toHaveLength(4);
  expect(paths(keys, 3)).toEqual(['/u/1/a/*', '/u/1/b/*', '/u/2/4.jpg/*']);
  expect(paths(keys, 2)).toEqual(['/u/1/*', '/u/2/*']);
  expect(paths(keys, 1)).toEqual(['/u/*']);
});

test('the function returns only paths below the thumbnail prefix', () => {
  expect(paths(['a.jpg', 'b/c.jpg'], 1, 'out/x/')).toEqual(['/out/x/*']);
});

test('the function omits paths that another path includes', () => {
  expect(paths(['a~1.jpg', 'a/b.jpg'])).toEqual(['/a*']);
});

test('the function keeps the widest of two paths with asterisks in their keys', () => {
  expect(paths(['*~', '~a'], 2, 'out/')).toEqual(['/out/*']);
});

test('without keys, the function returns no paths', () => {
  expect(paths([])).toEqual([]);
});

test('the paths include every key, and their number has a limit', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '~', '.', 'ü', '%', '*'), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 7 }), (keys, maxPaths) => {
      const all = paths(keys, maxPaths, 'out/');
      expect(all.length).toBeGreaterThan(0);
      expect(all.length).toBeLessThanOrEqual(maxPaths);
      for (const path of all) {
        expect(path).toMatch(/^\/[^~]*\*$/);
      }
      for (const each of keys) {
        const own = `/${`out/${each}`.split('/').map(encodeURIComponent).join('/')}/small.webp`;
        const wanted = [own, '/thumbnails/small?key='];
        expect(wanted.some((uri) => all.some((path) => uri.startsWith(path.slice(0, -1))))).toBe(true);
      }
    }),
  );
});
