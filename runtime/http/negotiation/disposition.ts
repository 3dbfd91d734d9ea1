import type { Format } from '../../contract';
import { extensionOf } from '../../engine';

/** Maximum length of a file name without its extension, in characters. */
const MAX_NAME_LENGTH = 100;
/** Characters that are replaced in the ASCII file name. */
const UNSAFE = /[^A-Za-z0-9 ._()-]/gu;
/** Characters to encode in addition to `encodeURIComponent`: https://www.rfc-editor.org/rfc/rfc8187 */
const NOT_IN_EXTENDED = /['()*]/g;

/**
 * Returns the `Content-Disposition` header of a thumbnail: `inline` with a file name that combines the names of source and
 * thumbnail. The header contains the file name in ASCII and, for clients that support RFC 8187, in UTF-8.
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
