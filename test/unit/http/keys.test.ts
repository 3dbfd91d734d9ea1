import fc from 'fast-check';
import {
  decodeKey,
  encodePath,
  imageUrl,
  keyOfQuery,
  pathOf,
  queryValue,
  thumbnailUrl,
} from '../../../runtime/http/keys';
import { Problem } from '../../../runtime/http/problems/problem';
import { asHttpApiDecodes, keyArbitrary, RUNS } from './key-arbitrary';

function refusal(encoded: string): Problem {
  try {
    decodeKey(encoded);
  } catch (error) {
    if (error instanceof Problem) {
      return error;
    }
    throw error;
  }
  throw new Error(`${encoded} was taken`);
}

describe('decodeKey', () => {
  test.each([
    ['cat.jpg', 'cat.jpg'],
    ['a/b/cat.jpg', 'a/b/cat.jpg'],
    ['a%2Fb/cat.jpg', 'a/b/cat.jpg'],
    ['my+cat.jpg', 'my+cat.jpg'],
    ['my%2Bcat.jpg', 'my+cat.jpg'],
    ['my%20cat.jpg', 'my cat.jpg'],
    ['100%25.jpg', '100%.jpg'],
    ['100%2525.jpg', '100%25.jpg'],
    ['%C3%A9t%C3%A9.jpg', 'été.jpg'],
    ['e%CC%81', 'e\u0301'],
    ['%F0%9F%90%88', '🐈'],
    ['/leading', '/leading'],
    ['folder/', 'folder/'],
    ['a//b', 'a//b'],
    ['../up', '../up'],
    ['%5C', '\\'],
    ['a%0Ab', 'a\nb'],
  ])('decodes %s once', (encoded, key) => {
    expect(decodeKey(encoded)).toBe(key);
  });

  test.each(['%', 'a%', '%2', '%zz', '100%.jpg', '%C3', '%C3%28', '%ED%A0%80', '%FF', '%F5%80%80%80'])(
    'refuses %s, which is no percent-encoded UTF-8',
    (encoded) => {
      expect(refusal(encoded)).toMatchObject({
        code: 'invalid-key',
        status: 400,
        detail: expect.stringContaining('UTF-8') as string,
      });
    },
  );

  test('refuses an empty key, NUL, and more than 1024 bytes, each by its name', () => {
    expect(refusal('').detail).toContain('empty');
    expect(refusal('a%00b').detail).toContain('NUL');
    expect(refusal('a'.repeat(1025)).detail).toBe('the key has 1025 bytes, allowed are 1024');
    expect(refusal('%C3%A9'.repeat(513)).detail).toContain('1026 bytes');
    expect(decodeKey('%C3%A9'.repeat(512))).toHaveLength(512);
  });

  test('undoes encodePath for every key', () => {
    fc.assert(
      fc.property(keyArbitrary, (key) => expect(decodeKey(encodePath(key))).toBe(key)),
      RUNS,
    );
  });
});

describe('keyOfQuery', () => {
  test.each([
    ['/images?key=a%2Fb.jpg', 'a/b.jpg'],
    ['/images?key=a/b.jpg', 'a/b.jpg'],
    ['/images?key=a+b', 'a b'],
    ['/images?key=a%2Bb', 'a+b'],
    ['/images?format=webp&key=a%26b%3Dc', 'a&b=c'],
    ['/images?key=a=b', 'a=b'],
    ['/images?key=first&key=second', 'first'],
    ['/images?notkey=x&key=a#?key=b', 'a'],
  ])('reads %s', (url, key) => {
    expect(keyOfQuery(url)).toBe(key);
  });

  test.each(['/images', '/images?', '/images?key', '/images?key=', '/images#?key=a', '/images?Key=a'])(
    'refuses %s, which names no key',
    (url) => {
      expect(() => keyOfQuery(url)).toThrow('the key is empty');
    },
  );
});

describe('pathOf and queryValue', () => {
  test.each([
    ['http://localhost/a%2Fb/../c?d#e', '/a%2Fb/../c'],
    ['https://host:8080/', '/'],
    ['http://host/a#?b', '/a'],
    ['http://host//double//', '//double//'],
  ])('finds the path of %s', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });

  test('leaves a value encoded and tells an absent parameter from an empty one', () => {
    expect(queryValue('/?a=%20&b=', 'a')).toBe('%20');
    expect(queryValue('/?a=%20&b=', 'b')).toBe('');
    expect(queryValue('/?a=%20&b=', 'c')).toBeUndefined();
  });
});

describe('thumbnailUrl and imageUrl', () => {
  test.each([
    ['cat.jpg', '/thumbnails/small/cat.jpg'],
    ['a/b/my cat.jpg', '/thumbnails/small/a/b/my%20cat.jpg'],
    ['日本/été.jpg', '/thumbnails/small/%E6%97%A5%E6%9C%AC/%C3%A9t%C3%A9.jpg'],
    ['IMG_1 (2),@home~.jpg', '/thumbnails/small/IMG_1%20(2)%2C%40home~.jpg'],
  ])('puts the plain key %s into the path', (key, url) => {
    expect(thumbnailUrl('small', key)).toBe(url);
    expect(thumbnailUrl('small', key, { format: 'webp' })).toBe(`${url}?format=webp`);
  });

  test.each([
    '100%.jpg',
    'a+b.jpg',
    'what?.jpg',
    'no#1.jpg',
    'a\\b',
    'a//b',
    '/a',
    'a/',
    '.',
    '..',
    'a/../b',
    'a/./b',
    'a\nb',
  ])('puts %j, which not every front door hands on in a path, into the query', (key) => {
    expect(thumbnailUrl('small', key)).toBe(`/thumbnails/small?key=${encodeURIComponent(key)}`);
    expect(thumbnailUrl('small', key, { format: 'avif', version: '0a1b' })).toBe(
      `/thumbnails/small?key=${encodeURIComponent(key)}&format=avif&v=0a1b`,
    );
    expect(imageUrl(key)).toBe(`/images?key=${encodeURIComponent(key)}`);
  });

  /** The key that a URL names once something has dealt with its path. */
  function keyAfter(url: string, deal: (path: string) => string): string {
    const { pathname, search } = new URL(url, 'https://host');
    return search.includes('key=') ? keyOfQuery(search) : deal(pathname).slice('/images/'.length);
  }

  test('name the same key to a browser', () => {
    fc.assert(
      fc.property(keyArbitrary, (key) => expect(keyAfter(imageUrl(key), decodeKey)).toBe(key)),
      RUNS,
    );
  });

  test('name the same key to an HTTP API, which decodes paths twice', () => {
    fc.assert(
      fc.property(keyArbitrary, (key) => expect(keyAfter(imageUrl(key), asHttpApiDecodes)).toBe(key)),
      RUNS,
    );
  });
});
