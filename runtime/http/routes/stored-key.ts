import type { Format, ThumbnailSettings } from '../../contract';
import { extensionOf } from '../../engine';
import { Problem } from '../problems/problem';

/** Parts of the object key of a stored thumbnail. */
export interface StoredThumbnail {
  readonly name: string;
  /** Key of the source. */
  readonly key: string;
  readonly format: Format;
}

/**
 * Parses the key of a stored thumbnail, such as `{prefix}cats/tom.jpg/small.webp`.
 *
 * @param thumbnailsOf function that returns the thumbnails of a source key
 * @throws Problem with code `unknown-thumbnail` if no configured thumbnail has this key
 */
export function parseStoredKey(
  storedKey: string,
  prefix: string,
  thumbnailsOf: (key: string) => readonly ThumbnailSettings[],
): StoredThumbnail {
  const slash = storedKey.lastIndexOf('/');
  const file = storedKey.slice(slash + 1);
  if (storedKey.startsWith(prefix) && slash > prefix.length) {
    const key = storedKey.slice(prefix.length, slash);
    for (const { name, formats } of thumbnailsOf(key)) {
      const format = formats.find(({ type }) => file === `${name}.${extensionOf(type)}`);
      if (format) {
        return { name, key, format: format.type };
      }
    }
  }
  throw new Problem('unknown-thumbnail', 'No configured thumbnail has this object key.');
}
