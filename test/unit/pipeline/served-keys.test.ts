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

test('the pipeline serves all keys by default', () => {
  expect(served({}, 'a', 'a/b.jpg', 'ü 😀+%.png', '/', 'k'.repeat(1024))).toEqual([
    'a',
    'a/b.jpg',
    'ü 😀+%.png',
    'k'.repeat(1024),
  ]);
});

test.each(['', 'folder/', 'a/folder/', 'k'.repeat(1025), 'half of an emoji \ud83d'])(
  'the pipeline does not serve %j',
  (key) => {
    expect(served({}, key)).toEqual([]);
  },
);

test('the pipeline serves only keys with the prefix', () => {
  expect(served({ sourceLocation: { prefix: 'in/' } }, 'in/a.jpg', 'in', 'IN/a.jpg', 'xin/a.jpg')).toEqual([
    'in/a.jpg',
  ]);
});

test('the pipeline compares suffixes case-insensitively', () => {
  const suffixes = ['.jpg', '.PNG'];
  expect(served({ sourceLocation: { suffixes } }, 'a.jpg', 'a.JPG', 'a.png', 'a.gif', 'jpg', 'a.jpg.txt')).toEqual([
    'a.jpg',
    'a.JPG',
    'a.png',
  ]);
});

describe('in one bucket', () => {
  const thumbnailLocation = { name: 'photos', prefix: 'thumbs/' };

  test('the pipeline does not serve keys inside the thumbnail location', () => {
    expect(served({ thumbnailLocation }, 'a.jpg', 'thumbs/a.jpg/small.webp', 'thumbs/own.jpg', 'thumbs')).toEqual([
      'a.jpg',
      'thumbs',
    ]);
  });

  test('the pipeline does not serve thumbnails inside the source location', () => {
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
  ])('the pipeline rejects %s', (_, sourcePrefix, prefix) => {
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

  test('the pipeline does not serve thumbnails in a subdirectory of the sources', () => {
    const isServed = servedKeys(inDirectories('images', resolve('images/made/thumbnails')));
    expect(['a.jpg', 'made/b.jpg', 'made/thumbnails/a.jpg/small.webp'].filter(isServed)).toEqual([
      'a.jpg',
      'made/b.jpg',
    ]);
  });

  test('the pipeline distinguishes directories with a common name prefix', () => {
    expect(servedKeys(inDirectories('images', 'images-small'))('a.jpg')).toBe(true);
  });

  test.each([
    ['images', './images/'],
    ['data/images', 'data'],
    ['images', '/'],
  ])('the pipeline rejects sources in %s with thumbnails in %s', (source, thumbnailLocation) => {
    expect(() => servedKeys(inDirectories(source, thumbnailLocation))).toThrow('is inside the thumbnail location');
  });
});

test('the pipeline distinguishes buckets with a common name prefix', () => {
  expect(served({ sourceLocation: { name: 'photos-2' }, thumbnailLocation: { name: 'photos' } }, 'a.jpg')).toEqual([
    'a.jpg',
  ]);
});

test('the pipeline rejects a thumbnail prefix that is too long', () => {
  expect(() => servedKeys(settings({ thumbnailLocation: { prefix: 'ü'.repeat(257) } }))).toThrow(
    'thumbnail prefix: received 514 bytes; expected at most 512 bytes',
  );
});
