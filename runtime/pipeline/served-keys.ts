import { resolve, sep } from 'node:path';
import { MAX_PREFIX_BYTES, type CoreSettings, type StorageKind } from '../contract';
import { isLegalKey } from '../storage';

/** What decides which keys are served. */
export type KeySettings = Pick<CoreSettings, 'storage' | 'sourceLocation' | 'thumbnailLocation'>;

/**
 * Makes the function that tells whether a source key is served: it has the source's prefix and one of its suffixes (in
 * upper or lower case), is a key that a store can hold, is no folder marker of the S3 console (`photos/`, no bytes), and
 * does not lie where this pipeline puts its thumbnails.
 *
 * @throws Error when every source would lie among the thumbnails, or the destination's prefix is too long
 */
export function servedKeys(settings: KeySettings): (key: string) => boolean {
  const prefixBytes = Buffer.byteLength(settings.thumbnailLocation.prefix);
  if (prefixBytes > MAX_PREFIX_BYTES) {
    throw new Error(`the prefix of the thumbnails has ${prefixBytes} bytes, allowed are ${MAX_PREFIX_BYTES}`);
  }
  const { prefix } = settings.sourceLocation;
  const suffixes = settings.sourceLocation.suffixes.map((suffix) => suffix.toLowerCase());
  const output = outputPrefix(settings);
  return (key) =>
    key.startsWith(prefix) &&
    !key.endsWith('/') &&
    isLegalKey(key) &&
    (suffixes.length === 0 || suffixes.some((suffix) => key.toLowerCase().endsWith(suffix))) &&
    (output === undefined || !key.startsWith(output));
}

/** How the keys of the thumbnails begin when seen from the source store; undefined when they are not in it. */
function outputPrefix({ storage, sourceLocation, thumbnailLocation }: KeySettings): string | undefined {
  const sources = rootOf(storage, sourceLocation.name);
  const thumbnails = rootOf(storage, thumbnailLocation.name) + thumbnailLocation.prefix;
  if ((sources + sourceLocation.prefix).startsWith(thumbnails)) {
    throw new Error(
      `the sources (${sources}${sourceLocation.prefix}*) lie among the thumbnails (${thumbnails}*), which are never made into ` +
        'thumbnails again: give the thumbnails a place or a prefix of their own',
    );
  }
  return thumbnails.startsWith(sources) ? thumbnails.slice(sources.length) : undefined;
}

/** A place as a prefix that can be compared: directories can lie in one another, buckets are the same or are not. */
function rootOf(store: StorageKind, name: string): string {
  const root = store === 'directory' ? resolve(name).split(sep).join('/') : name;
  return root.endsWith('/') ? root : `${root}/`;
}
