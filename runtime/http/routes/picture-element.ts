import type { Format } from '../../contract';
import { contentTypeOf } from '../../engine';

/** A thumbnail with its URL. */
export interface PictureCandidate {
  readonly format: Format;
  readonly width: number;
  readonly height: number;
  readonly url: string;
}

/** Order of the formats in `<source>` elements. A browser uses the first format that the browser supports. */
const SOURCE_ORDER: readonly Format[] = ['avif', 'webp', 'png', 'gif', 'jpeg'];

/**
 * Returns a `<picture>` element. The most widely supported format is in `<img>`. Each other format has a `<source>`.
 *
 * The values of `alt` and `sizes` depend on the page of the client. Therefore, `alt` is empty and `sizes` is `100vw`.
 *
 * @param srcset `srcset` attribute of each format
 */
export function pictureElement(
  srcset: Readonly<Partial<Record<Format, string>>>,
  thumbnails: readonly PictureCandidate[],
): string {
  const formats = SOURCE_ORDER.filter((format) => srcset[format] !== undefined);
  const last = formats.at(-1);
  const listed = thumbnails.filter(({ format, url }) => format === last && srcset[format]?.includes(url));
  const largest = listed.reduce<PictureCandidate | undefined>(
    (best, each) => (best && best.width >= each.width ? best : each),
    undefined,
  );
  if (last === undefined || largest === undefined) {
    return '';
  }
  const attributes = (format: Format): string => `srcset="${escape(srcset[format] ?? '')}" sizes="100vw"`;
  const sources = formats
    .slice(0, -1)
    .map((format) => `<source type="${contentTypeOf(format)}" ${attributes(format)}>`);
  const { url, width, height } = largest;
  return `<picture>${sources.join('')}<img src="${escape(url)}" ${attributes(last)} width="${width}" height="${height}" alt=""></picture>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
