import { imageUrl as imagePath, thumbnailUrl as thumbnailPath } from '../runtime/http/api-urls';
import type { ClientConfig, ImageFormat } from './config';

/** Format and version of a thumbnail in its URL. */
export interface ThumbnailUrlOptions {
  /** Format of the response. @default - the API selects the format by the `Accept` header */
  readonly format?: ImageFormat;
  /**
   * Version of the thumbnail: the first 16 characters of its ETag. The API permits clients to cache a URL with the current
   * version without a time limit.
   *
   * @default - no version
   */
  readonly version?: string;
}

/**
 * Returns the URL of a thumbnail. The path of the URL contains the key. For a key that proxies normalize in a path, such as
 * `a//b.jpg`, the query contains the key instead.
 *
 * @param name name of the thumbnail
 * @param key key of the source, not encoded
 */
export function thumbnailUrl(
  config: Pick<ClientConfig, 'url'>,
  name: string,
  key: string,
  options: ThumbnailUrlOptions = {},
): string {
  return absoluteUrl(config, thumbnailPath(name, key, options));
}

/**
 * Returns the URL of the manifest of an image. The path of the URL contains the key. For a key that proxies normalize in a
 * path, such as `a//b.jpg`, the query contains the key instead.
 *
 * @param key key of the source, not encoded
 */
export function imageUrl(config: Pick<ClientConfig, 'url'>, key: string): string {
  return absoluteUrl(config, imagePath(key));
}

/**
 * Returns the complete URL of a path of the API, such as the field `url` in a manifest. Returns a complete URL unchanged.
 *
 * @internal
 */
export function absoluteUrl({ url }: Pick<ClientConfig, 'url'>, path: string): string {
  return path.startsWith('/') ? url.replace(/\/+$/, '') + path : path;
}
