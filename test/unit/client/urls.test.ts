import fc from 'fast-check';
import { imageUrl, thumbnailUrl } from '../../../client';
import { imageUrl as imagePath, thumbnailUrl as thumbnailPath } from '../../../runtime/http/api-urls';
import { decodeKey, keyOfQuery, pathOf } from '../../../runtime/http/request-keys';
import { keyArbitrary } from '../http/key-arbitrary';

fc.configureGlobal({ seed: 1 });

const CONFIG = { url: 'https://img.example.com/photos/' };
const BASE = 'https://img.example.com/photos';

test.each([
  ['trip/cat.jpg', '/images/trip/cat.jpg'],
  ['trip/my cat.jpg', '/images/trip/my%20cat.jpg'],
  ['100%.jpg', '/images?key=100%25.jpg'],
  ['a//b.jpg', '/images?key=a%2F%2Fb.jpg'],
  ['../a.jpg', '/images?key=..%2Fa.jpg'],
])('the client encodes the key %s', (key, path) => {
  expect(imageUrl(CONFIG, key)).toBe(BASE + path);
});

test('the client accepts an API URL without a final slash and an empty API URL', () => {
  expect(imageUrl({ url: BASE }, 'cat.jpg')).toBe(`${BASE}/images/cat.jpg`);
  expect(imageUrl({ url: '' }, 'cat.jpg')).toBe('/images/cat.jpg');
});

test('thumbnailUrl() adds the options `format` and `version` as query parameters', () => {
  expect(thumbnailUrl(CONFIG, 'small', 'cat.jpg', { format: 'webp', version: 'abc' })).toBe(
    `${BASE}/thumbnails/small/cat.jpg?format=webp&v=abc`,
  );
});

test('the client and the runtime return equal URLs for any key', () => {
  fc.assert(
    fc.property(keyArbitrary, (key) => {
      expect(imageUrl(CONFIG, key)).toBe(BASE + imagePath(key));
      expect(thumbnailUrl(CONFIG, 'small', key)).toBe(BASE + thumbnailPath('small', key));
    }),
  );
});

test('the key of an image URL is unchanged after the URL parser of Node.js', () => {
  fc.assert(
    fc.property(keyArbitrary, (key) => {
      const { href } = new URL(imageUrl({ url: 'https://img.example.com' }, key));
      const path = pathOf(href);
      expect(path === '/images' ? keyOfQuery(href) : decodeKey(path.slice('/images/'.length))).toBe(key);
    }),
  );
});
