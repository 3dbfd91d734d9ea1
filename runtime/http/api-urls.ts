import type { Format } from '../contract';

/**
 * Path segments that proxies pass on unchanged. An API Gateway HTTP API decodes a path twice, truncates it at a decoded `?`
 * and rejects a lone `%`. URL parsers remove `.` and `..` and replace `\` with `/`.
 */
const SAFE_SEGMENT = /^(?!\.{1,2}$)[\p{L}\p{N}\p{M} \-._~!$&'()*,=:@]+$/u;

/** Number of characters of an ETag in a versioned URL. */
const VERSION_LENGTH = 16;

/** Representation of a thumbnail that a URL selects. */
export interface ThumbnailVariant {
  /** @default - the format is negotiated by the `Accept` header */
  readonly format?: Format;
  /** Version from {@link versionOf}. Responses to a URL with the current version are immutable. @default - no version */
  readonly version?: string;
}

/**
 * Returns the path and query of a thumbnail. The path contains the key if proxies pass the key on unchanged. Otherwise, the
 * query contains the key.
 */
export function thumbnailUrl(name: string, key: string, { format, version }: ThumbnailVariant = {}): string {
  return url(`/thumbnails/${name}`, key, [format && `format=${format}`, version && `v=${version}`]);
}

/**
 * Returns the path and query of an image's manifest. The path contains the key if proxies pass the key on unchanged. Otherwise,
 * the query contains the key.
 */
export function imageUrl(key: string): string {
  return url('/images', key, []);
}

/** Returns the version that URLs contain for bytes with this ETag. */
export function versionOf(etag: string): string {
  return encodeURIComponent(etag.slice(0, VERSION_LENGTH));
}

/** Percent-encodes each segment of a key. */
export function encodePath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

function url(route: string, key: string, parameters: readonly (string | undefined)[]): string {
  const isInPath = key.split('/').every((segment) => SAFE_SEGMENT.test(segment));
  const query = [isInPath ? undefined : `key=${encodeURIComponent(key)}`, ...parameters].filter(Boolean).join('&');
  return `${route}${isInPath ? `/${encodePath(key)}` : ''}${query && `?${query}`}`;
}
