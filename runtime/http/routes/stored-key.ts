import type { Format, ThumbnailSettings } from '../../contract';
import { extensionOf } from '../../engine';
import { Problem } from '../problems/problem';

/** Thumbnail that the key of a stored object identifies. */
export interface StoredThumbnail {
  readonly name: string;
  /** Key of the source. */
  readonly key: string;
  readonly format: Format;
}

/**
 * Parses the key of a stored thumbnail: `{prefix}cats/tom.jpg/small.webp`.
 *
 * @throws Problem with code `unknown-thumbnail` if no configured thumbnail has this key
 */
export function parseStoredKey(
  storedKey: string,
  prefix: string,
  thumbnails: readonly ThumbnailSettings[],
): StoredThumbnail {
  const slash = storedKey.lastIndexOf('/');
  const file = storedKey.slice(slash + 1);
  if (storedKey.startsWith(prefix) && slash > prefix.length) {
    for (const { name, formats } of thumbnails) {
      const format = formats.find(({ type }) => file === `${name}.${extensionOf(type)}`);
      if (format) {
        return { name, key: storedKey.slice(prefix.length, slash), format: format.type };
      }
    }
  }
  throw new Problem('unknown-thumbnail', 'The key is not the key of a configured thumbnail.');
}
