import type { Format } from '../../contract';
import { contentTypeOf } from '../../engine';

/** A thumbnail as a page shows it. */
export interface PictureCandidate {
  readonly format: Format;
  readonly width: number;
  readonly height: number;
  readonly url: string;
}

/** Best for those who take it first: a browser takes the first source that it knows. */
const SOURCE_ORDER: readonly Format[] = ['avif', 'webp', 'png', 'gif', 'jpeg'];

/**
 * A ready `<picture>` element: a source for each format that has a srcset, and for those who know none of these an `<img>`
 * in the one that is known best. What it shows and how wide is the page's to say: `alt` is empty, `sizes` the whole width.
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
  const set = (format: Format): string => `srcset="${escape(srcset[format] ?? '')}" sizes="100vw"`;
  const sources = formats.slice(0, -1).map((format) => `<source type="${contentTypeOf(format)}" ${set(format)}>`);
  const { url, width, height } = largest;
  return `<picture>${sources.join('')}<img src="${escape(url)}" ${set(last)} width="${width}" height="${height}" alt=""></picture>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
