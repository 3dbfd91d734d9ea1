import { resolve, sep } from 'node:path';
import { MAX_PREFIX_BYTES, type CoreSettings, type StorageKind } from '../contract';
import { isLegalKey } from '../storage';

/** Settings that determine the source keys that the pipeline serves. */
export type KeySettings = Pick<CoreSettings, 'storage' | 'sourceLocation' | 'thumbnailLocation'>;

/**
 * Returns a function that returns whether the pipeline serves a source key. The pipeline serves a key that meets all these
 * conditions:
 *
 * - The key starts with the source prefix.
 * - The key ends with one of the suffixes, ignoring case.
 * - Every kind of object store supports the key.
 * - The key does not end with a slash. Folders of the S3 console end with a slash.
 * - The key is outside of the thumbnail location.
 *
 * @throws Error if every source is inside the thumbnail location
 * @throws Error if the thumbnail prefix is longer than {@link MAX_PREFIX_BYTES}
 */
export function servedKeys(settings: KeySettings): (key: string) => boolean {
  const prefixBytes = Buffer.byteLength(settings.thumbnailLocation.prefix);
  if (prefixBytes > MAX_PREFIX_BYTES) {
    throw new Error(`thumbnail prefix: received ${prefixBytes} bytes; expected at most ${MAX_PREFIX_BYTES} bytes`);
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

/**
 * Returns the key prefix of the thumbnails in the object store of the sources. Returns undefined if the thumbnails are in
 * another bucket or directory.
 */
function outputPrefix({ storage, sourceLocation, thumbnailLocation }: KeySettings): string | undefined {
  const sources = rootOf(storage, sourceLocation.name);
  const thumbnails = rootOf(storage, thumbnailLocation.name) + thumbnailLocation.prefix;
  if ((sources + sourceLocation.prefix).startsWith(thumbnails)) {
    throw new Error(
      `source location: ${sources}${sourceLocation.prefix} is inside the thumbnail location ${thumbnails}; ` +
        'expected another bucket, directory or thumbnail prefix',
    );
  }
  return thumbnails.startsWith(sources) ? thumbnails.slice(sources.length) : undefined;
}

/**
 * Returns the bucket name or the absolute path of the directory, with a trailing slash. Callers compare locations by prefix.
 */
function rootOf(storage: StorageKind, name: string): string {
  const root = storage === 'directory' ? resolve(name).split(sep).join('/') : name;
  return root.endsWith('/') ? root : `${root}/`;
}
