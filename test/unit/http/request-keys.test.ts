import fc from 'fast-check';
import { encodePath, imageUrl, thumbnailUrl } from '../../../runtime/http/api-urls';
import { Problem } from '../../../runtime/http/problems/problem';
import { decodeKey, keyOfQuery, pathOf, queryValue } from '../../../runtime/http/request-keys';
import { asHttpApiDecodes, keyArbitrary, RUNS } from './key-arbitrary';

fc.configureGlobal({ seed: 1 });

function rejectionOf(encoded: string): Problem {
  try {
    decodeKey(encoded);
  } catch (error) {
    if (error instanceof Problem) {
      return error;
    }
    throw error;
  }
  throw new Error(`decodeKey accepts ${encoded}`);
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
  ])('decodeKey() decodes %s once', (encoded, key) => {
    expect(decodeKey(encoded)).toBe(key);
  });

  test.each(['%', 'a%', '%2', '%zz', '100%.jpg', '%C3', '%C3%28', '%ED%A0%80', '%FF', '%F5%80%80%80'])(
    'decodeKey() rejects %s, which is not percent-encoded UTF-8',
    (encoded) => {
      expect(rejectionOf(encoded)).toMatchObject({ code: 'invalid-key', status: 400 });
    },
  );

  test('decodeKey() rejects an empty key, NUL and more than 1024 bytes', () => {
    expect(rejectionOf('').detail).toContain('empty');
    expect(rejectionOf('a%00b').detail).toContain('NUL');
    expect(rejectionOf('a'.repeat(1025)).detail).toMatch(/1025.*1024/);
    expect(rejectionOf('%C3%A9'.repeat(513)).detail).toMatch(/1026.*1024/);
    expect(decodeKey('%C3%A9'.repeat(512))).toHaveLength(512);
  });

  test('decodeKey() returns the key that encodePath() has encoded, for every key', () => {
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
  ])('keyOfQuery() reads %s', (url, key) => {
    expect(keyOfQuery(url)).toBe(key);
  });

  test.each(['/images', '/images?', '/images?key', '/images?key=', '/images#?key=a', '/images?Key=a'])(
    'keyOfQuery() rejects %s, which has no key',
    (url) => {
      expect(() => keyOfQuery(url)).toThrow(Problem);
    },
  );
});

describe('pathOf and queryValue', () => {
  test.each([
    ['http://localhost/a%2Fb/../c?d#e', '/a%2Fb/../c'],
    ['https://host:8080/', '/'],
    ['http://host/a#?b', '/a'],
    ['http://host//double//', '//double//'],
  ])('pathOf() returns the path of %s as it was sent', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });

  test('queryValue() returns an encoded value, an empty string for an empty value and undefined for a missing parameter', () => {
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
  ])('the URLs contain the safe key %s in the path', (key, url) => {
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
  ])('the URLs contain %j, which proxies change in a path, in the query', (key) => {
    expect(thumbnailUrl('small', key)).toBe(`/thumbnails/small?key=${encodeURIComponent(key)}`);
    expect(thumbnailUrl('small', key, { format: 'avif', version: '0a1b' })).toBe(
      `/thumbnails/small?key=${encodeURIComponent(key)}&format=avif&v=0a1b`,
    );
    expect(imageUrl(key)).toBe(`/images?key=${encodeURIComponent(key)}`);
  });

  /** Returns the key in a URL after a recipient has decoded the path. */
  function keyAfter(url: string, decodePath: (path: string) => string): string {
    const { pathname, search } = new URL(url, 'https://host');
    return search.includes('key=') ? keyOfQuery(search) : decodePath(pathname).slice('/images/'.length);
  }

  test('a URL parser reads the original key from each URL', () => {
    fc.assert(
      fc.property(keyArbitrary, (key) => expect(keyAfter(imageUrl(key), decodeKey)).toBe(key)),
      RUNS,
    );
  });

  test('an HTTP API, which decodes paths twice, reads the original key from each URL', () => {
    fc.assert(
      fc.property(keyArbitrary, (key) => expect(keyAfter(imageUrl(key), asHttpApiDecodes)).toBe(key)),
      RUNS,
    );
  });
});
