import { resolve } from 'node:path';
import { servedKeys, type KeySettings } from '../../../runtime/pipeline/served-keys';

function settings(changes: {
  readonly storage?: KeySettings['storage'];
  readonly sourceLocation?: Partial<KeySettings['sourceLocation']>;
  readonly thumbnailLocation?: Partial<KeySettings['thumbnailLocation']>;
}): KeySettings {
  return {
    storage: changes.storage ?? 's3',
    sourceLocation: { name: 'photos', prefix: '', suffixes: [], ...changes.sourceLocation },
    thumbnailLocation: { name: 'thumbnails', prefix: '', ...changes.thumbnailLocation },
  };
}

function served(changes: Parameters<typeof settings>[0], ...keys: string[]): string[] {
  return keys.filter(servedKeys(settings(changes)));
}

test('all keys are served where nothing else is said', () => {
  expect(served({}, 'a', 'a/b.jpg', 'ü 😀+%.png', '/', 'k'.repeat(1024))).toEqual([
    'a',
    'a/b.jpg',
    'ü 😀+%.png',
    'k'.repeat(1024),
  ]);
});

test.each(['', 'folder/', 'a/folder/', 'k'.repeat(1025), 'half of an emoji \ud83d'])('%j is no source', (key) => {
  expect(served({}, key)).toEqual([]);
});

test('a prefix leaves out all other keys', () => {
  expect(served({ sourceLocation: { prefix: 'in/' } }, 'in/a.jpg', 'in', 'IN/a.jpg', 'xin/a.jpg')).toEqual([
    'in/a.jpg',
  ]);
});

test('suffixes are compared without regard to case', () => {
  const suffixes = ['.jpg', '.PNG'];
  expect(served({ sourceLocation: { suffixes } }, 'a.jpg', 'a.JPG', 'a.png', 'a.gif', 'jpg', 'a.jpg.txt')).toEqual([
    'a.jpg',
    'a.JPG',
    'a.png',
  ]);
});

describe('in one bucket', () => {
  const thumbnailLocation = { name: 'photos', prefix: 'thumbs/' };

  test('what lies among the thumbnails is not served', () => {
    expect(served({ thumbnailLocation }, 'a.jpg', 'thumbs/a.jpg/small.webp', 'thumbs/own.jpg', 'thumbs')).toEqual([
      'a.jpg',
      'thumbs',
    ]);
  });

  test('thumbnails within the sources are not served', () => {
    const prefix = 'in/';
    const inside = { name: 'photos', prefix: 'in/thumbs/' };
    expect(
      served({ sourceLocation: { prefix }, thumbnailLocation: inside }, 'in/a.jpg', 'in/thumbs/a.jpg/small.webp'),
    ).toEqual(['in/a.jpg']);
  });

  test.each([
    ['no prefix at all', '', ''],
    ['sources within the thumbnails', 'thumbs/in/', 'thumbs/'],
    ['the same prefix', 'in/', 'in/'],
    ['the beginning of a name', 'thumbnails/', 'thumb'],
  ])('%s is refused', (_, sourcePrefix, prefix) => {
    const wrong = settings({ sourceLocation: { prefix: sourcePrefix }, thumbnailLocation: { name: 'photos', prefix } });
    expect(() => servedKeys(wrong)).toThrow('is inside the thumbnail location');
  });
});

describe('in directories', () => {
  const inDirectories = (source: string, thumbnailLocation: string) =>
    settings({
      storage: 'directory',
      sourceLocation: { name: source },
      thumbnailLocation: { name: thumbnailLocation },
    });

  test('thumbnails in a folder of the sources are not served', () => {
    const isServed = servedKeys(inDirectories('images', resolve('images/made/thumbnails')));
    expect(['a.jpg', 'made/b.jpg', 'made/thumbnails/a.jpg/small.webp'].filter(isServed)).toEqual([
      'a.jpg',
      'made/b.jpg',
    ]);
  });

  test('neighbours are no part of one another', () => {
    expect(servedKeys(inDirectories('images', 'images-small'))('a.jpg')).toBe(true);
  });

  test.each([
    ['images', './images/'],
    ['data/images', 'data'],
    ['images', '/'],
  ])('sources in %s and thumbnails in %s are refused', (source, thumbnailLocation) => {
    expect(() => servedKeys(inDirectories(source, thumbnailLocation))).toThrow('is inside the thumbnail location');
  });
});

test('a bucket called like the beginning of another is another', () => {
  expect(served({ sourceLocation: { name: 'photos-2' }, thumbnailLocation: { name: 'photos' } }, 'a.jpg')).toEqual([
    'a.jpg',
  ]);
});

test('a prefix that leaves no room for keys is refused', () => {
  expect(() => servedKeys(settings({ thumbnailLocation: { prefix: 'ü'.repeat(257) } }))).toThrow(
    'thumbnail prefix: 514 bytes are too long',
  );
});
