import { createHash } from 'node:crypto';
import { FORMATS, NAME_PATTERN, type Format } from '../../contract';
import { extensionOf } from '../../engine';
import { MAX_KEY_BYTES } from '../../storage';

/** File name of the manifest. */
export const MANIFEST_FILE = 'manifest.json';

/**
 * Maximum length in bytes of an unshortened folder. An object key also contains a slash and a file name, which together are
 * much shorter than the remaining 128 bytes.
 */
const MAX_FOLDER_BYTES = MAX_KEY_BYTES - 128;
/**
 * Maximum number of bytes that a shortened folder has before `~` and the 64 digits of the hash.
 *
 * Therefore, every shortened folder is longer than {@link MAX_FOLDER_BYTES}, even if {@link thumbnailSetFolder} omits an
 * incomplete UTF-8 character. A shortened folder thus never equals the unshortened folder of another key.
 */
const KEPT_BYTES = MAX_FOLDER_BYTES - 40;

const EXTENSION_PATTERN = new RegExp(`\\.(?:${FORMATS.map(extensionOf).join('|')})$`);

/** Returns the file name of a thumbnail. The file name consists of the thumbnail's name and the extension of the format. */
export function fileName(name: string, format: Format): string {
  return `${name}.${extensionOf(format)}`;
}

/** Returns whether a file name can be that of a thumbnail. The thumbnail need not be in the current settings. */
export function isThumbnailFile(file: string): boolean {
  return EXTENSION_PATTERN.test(file) && NAME_PATTERN.test(file.replace(EXTENSION_PATTERN, ''));
}

/** Returns whether the last segment of an object key can be the file name of a manifest or of a thumbnail. */
export function isSetFile(objectKey: string): boolean {
  const slash = objectKey.lastIndexOf('/');
  const file = objectKey.slice(slash + 1);
  return slash >= 0 && (file === MANIFEST_FILE || isThumbnailFile(file));
}

/**
 * Returns the folder of the thumbnail set of a source, without a trailing slash. The folder consists of the prefix and the
 * source key.
 *
 * The function shortens a folder that is longer than {@link MAX_FOLDER_BYTES}. A shortened folder consists of the first bytes
 * of the folder, `~` and the SHA-256 hash of the source key. Therefore, each source key has a different folder.
 *
 * @param prefix prefix of the thumbnail location, at most `MAX_PREFIX_BYTES`
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

/** Returns the source key of a folder. Returns undefined if the folder is shortened or does not start with the prefix. */
export function sourceKeyOf(prefix: string, folder: string): string | undefined {
  const isWhole = Buffer.byteLength(folder) <= MAX_FOLDER_BYTES;
  return isWhole && folder.startsWith(prefix) ? folder.slice(prefix.length) : undefined;
}

/** Returns whether a byte continues a UTF-8 character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
