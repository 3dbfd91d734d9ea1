import type { Format } from '../../contract';
import { extensionOf } from '../../engine';

/** Maximum length of a file name without its extension, in characters. */
const MAX_NAME_LENGTH = 100;
/** Pattern of the characters that {@link contentDisposition} replaces in the ASCII file name. */
const UNSAFE = /[^A-Za-z0-9 ._()-]/gu;
/**
 * Pattern of characters that `encodeURIComponent` does not encode, but that RFC 8187 requires in encoded form.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8187
 */
const NOT_IN_EXTENDED = /['()*]/g;

/**
 * Returns the `Content-Disposition` header of a thumbnail: `inline` with a file name. The file name consists of the name of the
 * source file and the name of the thumbnail.
 *
 * The header contains the file name twice: in ASCII for all clients, and in UTF-8 for clients that support RFC 8187.
 */
export function contentDisposition(sourceKey: string, name: string, format: Format): string {
  const file = sourceKey.slice(sourceKey.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  const stem =
    Array.from(file.replace(/[\p{C}\\]/gu, ''))
      .slice(0, MAX_NAME_LENGTH)
      .join('') || 'image';
  const fileName = `${stem}-${name}.${extensionOf(format)}`;
  const ascii = fileName.replace(UNSAFE, '_');
  const extended = encodeURIComponent(fileName).replace(
    NOT_IN_EXTENDED,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `inline; filename="${ascii}"; filename*=UTF-8''${extended}`;
}
