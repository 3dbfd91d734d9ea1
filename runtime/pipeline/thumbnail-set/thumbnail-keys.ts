import { createHash } from 'node:crypto';
import { FORMATS, NAME_PATTERN, type Format } from '../../contract';
import { extensionOf } from '../../engine';
import { MAX_KEY_BYTES } from '../../storage';

/** File name of the manifest. */
export const MANIFEST_FILE = 'manifest.json';

/**
 * Maximum length in bytes of a folder that is not shortened. The remaining 128 bytes are for the slash and a file name. A file
 * name has at most 69 bytes: 64 bytes of the thumbnail's name, a dot and an extension.
 */
const MAX_FOLDER_BYTES = MAX_KEY_BYTES - 128;
/**
 * Number of leading bytes that a shortened folder keeps. With `~` and 64 digits, every shortened folder is longer than
 * {@link MAX_FOLDER_BYTES}, even if a four-byte character is cut off. A shortened folder therefore never equals an unshortened
 * folder of another key.
 */
const KEPT_BYTES = MAX_FOLDER_BYTES - 40;

const EXTENSION_PATTERN = new RegExp(`\\.(?:${FORMATS.map(extensionOf).join('|')})$`);

/** Returns the file name of a thumbnail: its name and the extension of its format. */
export function fileName(name: string, format: Format): string {
  return `${name}.${extensionOf(format)}`;
}

/** Returns whether a thumbnail can have this file name, regardless of the current settings. */
export function isThumbnailFile(file: string): boolean {
  return EXTENSION_PATTERN.test(file) && NAME_PATTERN.test(file.replace(EXTENSION_PATTERN, ''));
}

/** Returns whether the last segment of an object key can name a manifest or thumbnail, regardless of the current settings. */
export function isSetFile(objectKey: string): boolean {
  const slash = objectKey.lastIndexOf('/');
  const file = objectKey.slice(slash + 1);
  return slash >= 0 && (file === MANIFEST_FILE || isThumbnailFile(file));
}

/**
 * Returns the folder of a source's thumbnail set, without a trailing slash: the prefix and the source key.
 *
 * If the folder leaves too few bytes for file names, the function shortens the folder. A shortened folder consists of its first
 * bytes, `~` and the SHA-256 of the key. No two keys share a folder.
 *
 * @param prefix prefix of the thumbnail location, at most `MAX_PREFIX_BYTES` of the contract
 */
export function thumbnailSetFolder(prefix: string, sourceKey: string): string {
  const folder = prefix + sourceKey;
  const bytes = Buffer.from(folder);
  if (bytes.length <= MAX_FOLDER_BYTES) {
    return folder;
  }
  let end = KEPT_BYTES;
  while (isContinuation(bytes[end])) {
    end--;
  }
  return `${bytes.toString('utf8', 0, end)}~${createHash('sha256').update(sourceKey).digest('hex')}`;
}

/** Returns the source key of a folder; undefined if the folder is shortened or outside of the prefix. */
export function sourceKeyOf(prefix: string, folder: string): string | undefined {
  const isWhole = Buffer.byteLength(folder) <= MAX_FOLDER_BYTES;
  return isWhole && folder.startsWith(prefix) ? folder.slice(prefix.length) : undefined;
}

/** Returns whether a byte is a continuation byte of UTF-8. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
