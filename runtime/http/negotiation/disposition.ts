import type { Format } from '../../contract';
import { extensionOf } from '../../engine';

/** Longest name of a file without its extension, in characters. */
const MAX_NAME = 100;
/** What a quoted name may be of without being misread by anybody. */
const NOT_PLAIN = /[^A-Za-z0-9 ._()-]/gu;
/** What `encodeURIComponent` leaves and https://www.rfc-editor.org/rfc/rfc8187 wants encoded. */
const NOT_IN_EXTENDED = /['()*]/g;

/**
 * The Content-Disposition of a thumbnail: shown in place, and called after its source and itself by who saves it. Twice:
 * in ASCII for everybody, and in UTF-8.
 */
export function contentDisposition(sourceKey: string, name: string, format: Format): string {
  const file = sourceKey.slice(sourceKey.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  const stem =
    Array.from(file.replace(/[\p{C}\\]/gu, ''))
      .slice(0, MAX_NAME)
      .join('') || 'image';
  const fileName = `${stem}-${name}.${extensionOf(format)}`;
  const plain = fileName.replace(NOT_PLAIN, '_');
  const extended = encodeURIComponent(fileName).replace(
    NOT_IN_EXTENDED,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `inline; filename="${plain}"; filename*=UTF-8''${extended}`;
}
