import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { loader } from '../../../client';
import { root } from './blocks';

const file = join(root, 'docs/migrating/dit-redirect.js');
const code = readFileSync(file, 'utf8');

interface Result {
  readonly uri?: string;
  readonly statusCode?: number;
  readonly headers?: { readonly location: { readonly value: string } };
}

/** Runs the function with the globals of cloudfront-js-2.0, and returns the target of the redirect. */
function redirect(uri: string): string | undefined {
  const context = createContext({
    Buffer,
    console: { log: () => undefined },
    event: { request: { uri, querystring: {}, headers: {} } },
  });
  const result = runInContext(`${code}\nhandler(event)`, context) as Result;
  if (result.statusCode === undefined) {
    expect(result.uri).toBe(uri);
    return undefined;
  }
  expect(result.statusCode).toBe(301);
  return result.headers!.location.value;
}

const base64 = (request: object): string => `/${Buffer.from(JSON.stringify(request)).toString('base64')}`;

describe('the function for URLs of AWS Dynamic Image Transformation', () => {
  test.each([
    ['/fit-in/300x0/trip/cat.jpg', '/thumbnails/medium/trip/cat.jpg'],
    ['/fit-in/200x200/cat.jpg', '/thumbnails/small/cat.jpg'],
    ['/fit-in/200x201/cat.jpg', '/thumbnails/medium/cat.jpg'],
    ['/fit-in/9000x9000/cat.jpg', '/thumbnails/large/cat.jpg'],
    ['/filters:grayscale()/cat.jpg', '/thumbnails/large/cat.jpg'],
    ['/100x100/smart/cat.jpg', '/thumbnails/square/cat.jpg'],
    ['/300x100/cat.jpg', '/thumbnails/medium/cat.jpg'],
    ['/fit-in/300x0/filters:quality(80):format(webp)/cat.jpg', '/thumbnails/medium/cat.jpg?format=webp'],
    ['/s3:my-images/fit-in/10x10/my%20cat.jpg', '/thumbnails/small/my%20cat.jpg'],
    ['/fit-in/10x10/100%25.jpg', '/thumbnails/small?key=100%25.jpg'],
    ['/fit-in/10x10/a+b/%C3%A9.jpg', '/thumbnails/small?key=a%2Bb%2F%C3%A9.jpg'],
  ])('the function redirects the Thumbor path %s', (uri, expected) => {
    expect(redirect(uri)).toBe(expected);
  });

  test.each([
    [
      { bucket: 'my-images', key: 'cat.jpg', edits: { resize: { width: 640, fit: 'inside' } } },
      '/thumbnails/medium/cat.jpg',
    ],
    [
      { bucket: 'my-images', key: 'cat.jpg', edits: { resize: { width: 50, height: 50 } } },
      '/thumbnails/square/cat.jpg',
    ],
    [{ key: 'é/cat.jpg', outputFormat: 'jpg' }, '/thumbnails/large/%C3%A9/cat.jpg?format=jpeg'],
  ])('the function redirects the base64 request %j', (request, expected) => {
    expect(redirect(base64(request))).toBe(expected);
  });

  test.each([
    '/',
    '/cat.jpg',
    '/thumbnails/small/cat.jpg',
    '/fit-in/10x10/%E0%A4%A.jpg',
    '/s3:other/10x10/cat.jpg',
    '/eyJub3QganNvbg==',
    base64({ bucket: 'other', key: 'cat.jpg' }),
    base64({ bucket: 'my-images' }),
  ])('the function passes %s to the origin', (uri) => {
    expect(redirect(uri)).toBeUndefined();
  });

  test('the function selects the same thumbnails as the client', () => {
    const thumbnails = runInContext(`${code}\nTHUMBNAILS`, createContext({})) as { name: string }[];
    const config = { url: '', thumbnails: thumbnails.map((thumbnail) => ({ ...thumbnail, formats: [] })) };
    const load = loader(config as never);
    for (const width of [1, 200, 201, 640, 1600, 1601]) {
      expect(redirect(`/fit-in/${width}x0/cat.jpg`)).toBe(load({ src: 'cat.jpg', width }));
    }
  });

  test('the function is smaller than the size limit of CloudFront Functions', () => {
    expect(Buffer.byteLength(code)).toBeLessThan(10 * 1024);
  });
});
