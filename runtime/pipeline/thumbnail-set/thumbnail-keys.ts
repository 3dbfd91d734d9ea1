import { createHash } from 'node:crypto';
import { FORMATS, NAME_PATTERN, type Format } from '../../contract';
import { extensionOf } from '../../engine';
import { MAX_KEY_BYTES } from '../../storage';

/** File of a set that holds its manifest. */
export const MANIFEST_FILE = 'manifest.json';

/**
 * Longest name of a folder that stands as it is: 128 bytes are left for the slash and a file name, which has at most 69
 * (64 of the thumbnail's name, a dot, an extension).
 */
const MAX_FOLDER_BYTES = MAX_KEY_BYTES - 128;
/**
 * What a shortened folder keeps of its name. With `~` and 64 digits it is longer than {@link MAX_FOLDER_BYTES} even where a
 * four-byte character is cut off, so that no key can be called like the shortened folder of another; and short enough
 * for a file name after it.
 */
const KEPT_BYTES = MAX_FOLDER_BYTES - 40;

const EXTENSION_PATTERN = new RegExp(`\\.(?:${FORMATS.map(extensionOf).join('|')})$`);

/** File of a set that holds a thumbnail: its name and the extension of its format. */
export function fileName(name: string, format: Format): string {
  return `${name}.${extensionOf(format)}`;
}

/** Whether a file of a set can be a thumbnail that this library made, now or with other settings. */
export function isThumbnailFile(file: string): boolean {
  return EXTENSION_PATTERN.test(file) && NAME_PATTERN.test(file.replace(EXTENSION_PATTERN, ''));
}

/**
 * Where the set of a source lies, without a slash at the end: the prefix and the source's key. Where that leaves no room
 * for file names, as much of it as fits, `~` and the SHA-256 of the key. No two keys share a folder.
 *
 * @param prefix start of every key in the thumbnail store, at most {@link ../contract!MAX_PREFIX_BYTES}
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

/** The source whose set lies in a folder; undefined where the folder is shortened or lies outside of the prefix. */
export function sourceKeyOf(prefix: string, folder: string): string | undefined {
  const isWhole = Buffer.byteLength(folder) <= MAX_FOLDER_BYTES;
  return isWhole && folder.startsWith(prefix) ? folder.slice(prefix.length) : undefined;
}

/** Whether a byte of UTF-8 goes on with a character that began before it. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
