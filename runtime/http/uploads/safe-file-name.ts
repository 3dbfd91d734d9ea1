/** Maximum length in bytes. Most file systems allow 255 bytes. The remaining bytes are for additions. */
const MAX_BYTES = 200;
/** Characters that URLs, shells and file systems do not treat literally. Letters keep their combining marks. */
const UNSAFE = /[^\p{L}\p{N}\p{M}._()-]+/gu;

/**
 * Converts a file name of a client into a safe part of a key: the last segment of a path in Unicode's composed form. Replaces
 * unsafe characters with `-`, and removes leading and trailing dots. Long names are truncated before the extension.
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

/** Truncates to a number of UTF-8 bytes without splitting a character. */
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
