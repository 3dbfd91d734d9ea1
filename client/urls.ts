import { imageUrl as imagePath, thumbnailUrl as thumbnailPath } from '../runtime/http/api-urls';
import type { ClientConfig, ImageFormat } from './config';

/** Format and version of a thumbnail in its URL. */
export interface ThumbnailUrlOptions {
  /** Format of the response. @default - the API selects the format by the `Accept` header */
  readonly format?: ImageFormat;
  /**
   * Version of the thumbnail: the first 16 characters of its ETag. Clients can cache a URL that contains the current version
   * permanently.
   *
   * @default - no version
   */
  readonly version?: string;
}

/**
 * Returns the URL of a thumbnail. The key is part of the path. A key that proxies would change in a path, such as `a//b.jpg`,
 * is in the query instead.
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
 * Returns the URL of the manifest of an image. The key is part of the path. A key that proxies would change in a path, such as
 * `a//b.jpg`, is in the query instead.
 *
 * @param key key of the source, not encoded
 */
export function imageUrl(config: Pick<ClientConfig, 'url'>, key: string): string {
  return absoluteUrl(config, imagePath(key));
}

/**
 * Returns the absolute URL for a `url` in a manifest, which is a path of the API or already an absolute URL.
 *
 * @internal
 */
export function absoluteUrl({ url }: Pick<ClientConfig, 'url'>, path: string): string {
  return path.startsWith('/') ? url.replace(/\/+$/, '') + path : path;
}
