/** Longest name in bytes: as in most file systems, with room for what is put to it. */
const MAX_BYTES = 200;
/** What every front door, shell and file system takes as it is. Combining marks stay with their letters. */
const UNSAFE = /[^\p{L}\p{N}\p{M}._()-]+/gu;

/**
 * What can be kept of the name that a file has on somebody's machine: the last part of a path, in Unicode's composed
 * form, `-` for what means something elsewhere, no dots at its ends, its extension kept where it is cut.
 */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .normalize('NFC')
    .replace(UNSAFE, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  const [, stem = '', extension = ''] = /^(.*?)(\.[^.]{1,10})?$/u.exec(clean) ?? [];
  return cut(stem, MAX_BYTES - Buffer.byteLength(extension)) + extension || 'image';
}

/** As many whole characters as fit. */
function cut(text: string, bytes: number): string {
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) {
      break;
    }
    end += character.length;
  }
  return text.slice(0, end);
}
