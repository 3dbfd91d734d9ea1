import type { Format } from '../contract';
import { MAX_KEY_BYTES } from '../storage';
import { Problem } from './problems/problem';

/**
 * Segments that every front door hands on in a path as they were sent. An API Gateway HTTP API decodes a path twice,
 * cuts it at a `?` that comes out and refuses a lone `%`; URL parsers drop `.` and `..` and turn `\` into `/`.
 */
const PLAIN_SEGMENT = /^(?!\.{1,2}$)[\p{L}\p{N}\p{M} \-._~!$&'()*,=:@]+$/u;

/** Characters of an ETag that tell its bytes from all others of the same thumbnail. */
const VERSION_LENGTH = 16;

/**
 * The key in a path or a query, decoded exactly once.
 *
 * @throws Problem `invalid-key`
 */
export function decodeKey(encoded: string): string {
  return checkKey(percentDecode(encoded));
}

/**
 * A key as it is, where it can be one.
 *
 * @throws Problem `invalid-key`
 */
export function checkKey(key: string): string {
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

/** Which of a thumbnail's bytes a URL names. */
export interface ThumbnailVariant {
  /** Default: what the client likes best. */
  readonly format?: Format;
  /** {@link versionOf} the bytes: the answer to a URL with it can be kept for good. Default: none. */
  readonly version?: string;
}

/** Where this API serves a thumbnail: from its root, with the key in the path where that is safe, else in the query. */
export function thumbnailUrl(name: string, key: string, { format, version }: ThumbnailVariant = {}): string {
  return url(`/thumbnails/${name}`, key, [format && `format=${format}`, version && `v=${version}`]);
}

/** Where this API tells of an image: from its root, with the key in the path where that is safe, else in the query. */
export function imageUrl(key: string): string {
  return url('/images', key, []);
}

/** What a URL calls the bytes of an ETag by. */
export function versionOf(etag: string): string {
  return encodeURIComponent(etag.slice(0, VERSION_LENGTH));
}

function url(route: string, key: string, parameters: readonly (string | undefined)[]): string {
  const isPlain = key.split('/').every((segment) => PLAIN_SEGMENT.test(segment));
  const query = [isPlain ? undefined : `key=${encodeURIComponent(key)}`, ...parameters].filter(Boolean).join('&');
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
