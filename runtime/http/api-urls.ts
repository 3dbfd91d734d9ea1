import type { Format } from '../contract';

/**
 * Pattern of path segments that proxies do not change. Other segments are not safe for these reasons:
 *
 * - An HTTP API of API Gateway decodes a path twice, truncates the path at a decoded `?`, and rejects a lone `%`.
 * - URL parsers remove `.` and `..`, and replace `\` with `/`.
 */
const SAFE_SEGMENT = /^(?!\.{1,2}$)[\p{L}\p{N}\p{M} \-._~!$&'()*,=:@]+$/u;

/** Number of characters of the ETag in the version of a URL. */
const VERSION_LENGTH = 16;

/** Representation of a thumbnail that a URL selects. */
export interface ThumbnailVariant {
  /** Format of the thumbnail. @default - the API selects the format by the `Accept` header */
  readonly format?: Format;
  /** Version from {@link versionOf}. Responses to a URL with the current version are immutable. @default - no version */
  readonly version?: string;
}

/**
 * Returns the path and query of a thumbnail. The query contains the key if proxies could change the key in the path.
 */
export function thumbnailUrl(name: string, key: string, { format, version }: ThumbnailVariant = {}): string {
  return url(`/thumbnails/${name}`, key, [format && `format=${format}`, version && `v=${version}`]);
}

/**
 * Returns the path and query of the manifest of an image. The query contains the key if proxies could change the key in the
 * path.
 */
export function imageUrl(key: string): string {
  return url('/images', key, []);
}

/** Returns the version in the URLs of a thumbnail with this ETag. */
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
