import { posix } from 'node:path';
import fc from 'fast-check';
import { toDirectories, toKey, toKeyPath } from '../../../../runtime/storage/directory/key-path';
import { SPECIMENS } from '../contract/specimens';

/** Returns all possible paths of a key's file as names below the root. */
function paths(key: string, windows = false): string[][] {
  const { directories, plain, escaped } = toKeyPath(key, windows);
  return [...(plain === undefined ? [] : [[...directories, plain]]), [...directories, ...escaped]];
}

const segment = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    '',
    '.',
    '..',
    '.%',
    '.%f',
    '.%d',
    '.%c',
    '%',
    '%2E',
    '.a',
    'a.',
    'a ',
    'con',
    'x'.repeat(256),
    '%'.repeat(100),
  ),
  fc.string({ unit: fc.constantFrom('.', '%', 'f', 'd', 'c', '2', 'E', ' ', '\u0000', '\u00e9'), maxLength: 10 }),
);
const key = fc
  .array(
    segment.map((text) => text.replaceAll('/', '')),
    { minLength: 1, maxLength: 4 },
  )
  .map((segments) => segments.join('/'))
  .filter((text) => text !== '');

describe('the path of a key', () => {
  test.each([
    ['cat.jpg', ['cat.jpg']],
    ['a/b c/cat (1)+%20.jpg', ['a', 'b c', 'cat (1)+%20.jpg']],
    ['\u00fc/\u{1f600}.jpg', ['\u00fc', '\u{1f600}.jpg']],
    ['a\\b:c.jpg', ['a\\b:c.jpg']],
    ['%41.jpg', ['%41.jpg']],
    ['x'.repeat(255), ['x'.repeat(255)]],
  ])('the path is the key itself for %j', (each, names) => {
    expect(paths(each)[0]).toEqual(names);
    expect(toKey(names, false)).toBe(each);
  });

  test.each([
    ['..', ['.%f%2E%2E']],
    ['../a', ['.%d%2E%2E', 'a']],
    ['a/', ['a', '.%f']],
    ['a//b', ['a', '.%', 'b']],
    ['/a', ['.%', 'a']],
    ['.hidden/x', ['.%d%2Ehidden', 'x']],
    ['a\u0000b', ['.%fa%00b']],
    ['.%fa', ['.%f%2E%25fa']],
    ['x'.repeat(300), [`.%c${'x'.repeat(252)}`, `.%f${'x'.repeat(48)}`]],
    [`${'\u00e9'.repeat(150)}/a`, [`.%c${'\u00e9'.repeat(126)}`, `.%d${'\u00e9'.repeat(24)}`, 'a']],
  ])('the path is escaped for %j', (each, names) => {
    expect(paths(each)[0]).toEqual(names);
    expect(toKey(names, false)).toBe(each);
  });

  test('the path includes an escaped name for a file whose plain name belongs to a directory', () => {
    expect(toKeyPath('a/cat.jpg', false)).toEqual({ directories: ['a'], plain: 'cat.jpg', escaped: ['.%fcat%2Ejpg'] });
  });

  test.each([
    ['a:b', ['.%fa%3Ab']],
    ['a\\b/c', ['.%da%5Cb', 'c']],
    ['dot.', ['.%fdot%2E']],
    ['nul.jpg', ['.%fnul%2Ejpg']],
    ['COM1', ['.%fCOM1']],
    ['tab\there', ['.%ftab%09here']],
  ])('the path is escaped on Windows for %j', (each, names) => {
    expect(paths(each, true)[0]).toEqual(names);
    expect(toKey(names, true)).toBe(each);
  });

  test.each([
    [['.DS_Store']],
    [['.git', 'config']],
    [['a', '.part']],
    [['.cdk-thumbnails', 'objects']],
    [['.%']],
    [['.%', '.%']],
    [['.%d', 'a']],
    [['.%da', 'b']],
    [['.%fa', 'b']],
    [['.%f%2e']],
    [['.%f.']],
    [['.%f%zz']],
    [['.%f%80']],
    [['.%cx', 'a']],
    [['.%cx', '.%fy']],
    [['.%cx']],
    [['..', 'a']],
    [['']],
  ])('toKey returns undefined for %j', (names) => {
    expect(toKey(names, false)).toBeUndefined();
  });

  test.each([false, true])('the path is below the root and contains only supported names; Windows: %j', (windows) => {
    fc.assert(
      fc.property(key, (each) => {
        for (const names of paths(each, windows)) {
          for (const name of names) {
            expect(name).not.toMatch(/^\.{0,2}$|[/\0]/);
            expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
            if (windows) {
              expect(name).not.toMatch(/[<>:"|?*\\]|[^\x20-\uffff]|[. ]$|^(?:con|nul|aux|prn)(?:\.|$)/i);
            }
          }
          expect(posix.normalize(names.join('/'))).toBe(names.join('/'));
          expect(names.join('/').length).toBeLessThan(3700);
        }
      }),
      { seed: 5, numRuns: 500, examples: SPECIMENS.map((specimen) => [specimen]) },
    );
  });

  test.each([false, true])('the path belongs to exactly one key; Windows: %j', (windows) => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        for (const names of paths(a, windows)) {
          expect(toKey(names, windows)).toBe(a);
        }
        const ofB = paths(b, windows).map((names) => names.join('/'));
        if (a !== b) {
          for (const names of paths(a, windows)) {
            expect(ofB).not.toContain(names.join('/'));
          }
        }
      }),
      { seed: 6, numRuns: 2000 },
    );
  });

  test('the path of a file never equals the escaped name of a directory', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const file = toKeyPath(a, false).escaped;
        const parent = toKeyPath(a, false).directories;
        const whole = [...parent, ...file].join('/');
        const directories = toDirectories(b.split('/'), false);
        for (let depth = 1; depth <= directories.length; depth++) {
          expect(directories.slice(0, depth).join('/')).not.toBe(whole);
        }
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  test('every path that has a key is one of the paths of this key', () => {
    const name = fc.oneof(
      fc.string({
        unit: fc.constantFrom('.', '%', 'f', 'd', 'c', '2', 'E', '5', 'a', ' '),
        minLength: 1,
        maxLength: 8,
      }),
      fc.constantFrom('.%', '.%f', '.%d', '.%cx', '.%fa', '.%f%2E', '.%d%2E'),
    );
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), (names) => {
        const found = toKey(names, false);
        if (found !== undefined) {
          expect(paths(found)).toContainEqual(names);
        }
      }),
      { seed: 8, numRuns: 5000 },
    );
  });
});
