import fc from 'fast-check';
import { FORMATS } from '../../../../runtime/contract';
import {
  fileName,
  isThumbnailFile,
  thumbnailSetFolder,
  sourceKeyOf,
} from '../../../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import { sourceKey } from '../arbitraries';

fc.configureGlobal({ seed: 1 });

const PARAMETERS = { seed: 7, numRuns: 1000 };
const LONGEST_FILE = `${'n'.repeat(64)}.webp`;
const SHORTENED = /~[0-9a-f]{64}$/;

const prefix = fc.constantFrom('', 'thumbs/', 'ü-', 'p'.repeat(512));

describe('thumbnailSetFolder', () => {
  test('thumbnailSetFolder() joins the prefix and the key', () => {
    expect(thumbnailSetFolder('thumbs/', 'a/cat.jpg')).toBe('thumbs/a/cat.jpg');
  });

  test('thumbnailSetFolder() shortens a folder that leaves less than 128 bytes for a file name', () => {
    expect(thumbnailSetFolder('', 'k'.repeat(896))).toBe('k'.repeat(896));
    expect(thumbnailSetFolder('', 'k'.repeat(897))).toMatch(/^k{856}~[0-9a-f]{64}$/);
    expect(thumbnailSetFolder('p', 'k'.repeat(896))).toMatch(/^pk{855}~[0-9a-f]{64}$/);
  });

  test('thumbnailSetFolder() never splits a character', () => {
    const folder = thumbnailSetFolder('', `a${'😀'.repeat(255)}`);
    expect(folder).toMatch(/^a(?:😀)+~[0-9a-f]{64}$/u);
    expect(Buffer.from(folder).toString()).toBe(folder);
  });

  test('the result of thumbnailSetFolder() starts with the prefix and leaves enough bytes for every file name', () => {
    fc.assert(
      fc.property(prefix, sourceKey, (start, key) => {
        const folder = thumbnailSetFolder(start, key);
        expect(folder.startsWith(start)).toBe(true);
        expect(Buffer.byteLength(`${folder}/${LONGEST_FILE}`)).toBeLessThanOrEqual(1024);
        expect(Buffer.from(folder).toString()).toBe(folder);
      }),
      PARAMETERS,
    );
  });

  test('thumbnailSetFolder() returns a unique folder, even for a key that equals a shortened folder', () => {
    fc.assert(
      fc.property(prefix, sourceKey, sourceKey, (start, one, another) => {
        const keys = new Set([one, another]);
        // Keys that could result in equal folders: a shortened folder, and its truncated, changed and shortened forms.
        for (const key of [one, another]) {
          const folder = thumbnailSetFolder(start, key);
          [folder, folder.slice(start.length), `${key}a`, thumbnailSetFolder('', folder)].forEach((close) =>
            keys.add(close),
          );
        }
        const folders = new Set(Array.from(keys, (key) => thumbnailSetFolder(start, key)));
        expect(folders.size).toBe(keys.size);
      }),
      PARAMETERS,
    );
  });

  test('the key can be derived from a folder that is not shortened', () => {
    fc.assert(
      fc.property(prefix, sourceKey, (start, key) => {
        const folder = thumbnailSetFolder(start, key);
        const isShortened = SHORTENED.test(folder) && folder !== start + key;
        expect(sourceKeyOf(start, folder)).toBe(isShortened ? undefined : key);
      }),
      PARAMETERS,
    );
    expect(sourceKeyOf('thumbs/', 'other/a.jpg')).toBeUndefined();
  });
});

describe('file names', () => {
  test('file names consist of name and extension', () => {
    expect(FORMATS.map((format) => fileName('small', format))).toEqual([
      'small.jpg',
      'small.png',
      'small.webp',
      'small.avif',
      'small.gif',
    ]);
  });

  test.each(['small.webp', 'a.jpg', '2x-large.avif', LONGEST_FILE])('isThumbnailFile() accepts %s', (file) => {
    expect(isThumbnailFile(file)).toBe(true);
  });

  test.each([
    'manifest.json',
    'small.webp.bak',
    'Small.webp',
    'small.jpeg',
    '-small.webp',
    'small-.webp',
    '.webp',
    'x/small.webp',
    `${'n'.repeat(65)}.webp`,
    'small.webp\n',
  ])('isThumbnailFile() rejects %j', (file) => {
    expect(isThumbnailFile(file)).toBe(false);
  });
});
