import type { Format } from '../contract';
import { MAX_KEY_BYTES } from '../store';
import { Problem } from './problem';

/**
 * Segments that every front door hands on in a path as they were sent. An API Gateway HTTP API decodes a path twice,
 * cuts it at a `?` that comes out and refuses a lone `%`; URL parsers drop `.` and `..` and turn `\` into `/`.
 */
const PLAIN_SEGMENT = /^(?!\.{1,2}$)[\p{L}\p{N}\p{M} \-._~!$&'()*,=:@]+$/u;

/**
 * The key in a path or a query, decoded exactly once.
 *
 * @throws Problem `invalid-key`
 */
export function decodeKey(encoded: string): string {
  const key = percentDecode(encoded);
  const bytes = Buffer.byteLength(key);
  if (key === '') {
    throw new Problem('invalid-key', 'the key is empty: name an image at the end of the path, or in the query as key');
  }
  if (key.includes('\0')) {
    throw new Problem('invalid-key', 'the key holds a NUL character, which no key can');
  }
  if (bytes > MAX_KEY_BYTES) {
    throw new Problem('invalid-key', `the key has ${bytes} bytes, allowed are ${MAX_KEY_BYTES}`);
  }
  return key;
}

/**
 * The key that the query names as `key`: the way for keys that a path cannot carry everywhere. A `+` is a space here, as in
 * every query.
 *
 * @throws Problem `invalid-key` when it is missing or no key
 */
export function keyOfQuery(url: string): string {
  return decodeKey((queryValue(url, 'key') ?? '').replaceAll('+', '%20'));
}

/** Still encoded value of a parameter in the query of a URL, the first where it stands twice. */
export function queryValue(url: string, name: string): string | undefined {
  const query = /^[^?#]*\?([^#]*)/.exec(url)?.[1] ?? '';
  for (const parameter of query.split('&')) {
    const separator = parameter.indexOf('=');
    if (separator >= 0 && parameter.slice(0, separator) === name) {
      return parameter.slice(separator + 1);
    }
  }
  return undefined;
}

/** Path of a URL as it was sent: still encoded, nothing normalised. */
export function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  return /^[^?#]*/.exec(url.slice(start))![0];
}

/** A key as a path: each segment percent-encoded, the slashes between them left. */
export function encodePath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

/** Where this API serves a thumbnail: from its root, with the key in the path where that is safe, else in the query. */
export function thumbnailUrl(name: string, key: string, format?: Format): string {
  return url(`/thumbnails/${name}`, key, format && `format=${format}`);
}

/** Where this API tells of an image: from its root, with the key in the path where that is safe, else in the query. */
export function imageUrl(key: string): string {
  return url('/images', key);
}

function url(route: string, key: string, parameter?: string): string {
  const isPlain = key.split('/').every((segment) => PLAIN_SEGMENT.test(segment));
  const query = [isPlain ? undefined : `key=${encodeURIComponent(key)}`, parameter].filter(Boolean).join('&');
  return `${route}${isPlain ? `/${encodePath(key)}` : ''}${query && `?${query}`}`;
}

function percentDecode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    const detail = 'the key is not percent-encoded UTF-8: a literal % is written %25';
    throw new Problem('invalid-key', detail, { cause: error });
  }
}
