/** Maximum length of a file name in bytes. Most file systems allow 255 bytes, and the key template can add text to the name. */
const MAX_BYTES = 200;
/** Pattern of characters with a special meaning in URLs, shells or file systems. Combining marks of letters are safe. */
const UNSAFE = /[^\p{L}\p{N}\p{M}._()-]+/gu;

/**
 * Converts a file name of a client to a safe part of a key. If the file name is a path, the function uses the last segment.
 *
 * The function normalizes the name to Unicode's composed form (NFC), replaces unsafe characters with `-`, and removes leading
 * and trailing dots. The function shortens a long name, but keeps its extension.
 */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .normalize('NFC')
    .replace(UNSAFE, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  const [, stem = '', extension = ''] = /^(.*?)(\.[^.]{1,10})?$/u.exec(clean) ?? [];
  return truncate(stem, MAX_BYTES - Buffer.byteLength(extension)) + extension || 'image';
}

/** Truncates a text to a maximum number of UTF-8 bytes, without splitting a character. */
function truncate(text: string, maxBytes: number): string {
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > maxBytes) {
      break;
    }
    end += character.length;
  }
  return text.slice(0, end);
}
