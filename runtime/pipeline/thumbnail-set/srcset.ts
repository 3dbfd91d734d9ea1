import type { Format } from '../../contract';
import type { ManifestThumbnail } from './manifest';

/** What a `srcset` needs to know of a thumbnail. */
export type SrcsetCandidate = Pick<ManifestThumbnail, 'format' | 'width' | 'height' | 'key'>;

/** Width and height in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * A ready `srcset` value per format: `/a/cat.jpg/small.webp 200w, …` in ascending width, no width twice. A browser
 * chooses among the candidates by width alone, so all of them must show the same: only thumbnails in the proportions of
 * the source are taken, or, where none is, those in the proportions of the first one.
 */
export function srcsets(image: Size, thumbnails: readonly SrcsetCandidate[]): Partial<Record<Format, string>> {
  const proportion = thumbnails.some((thumbnail) => isScaled(thumbnail, image)) ? image : thumbnails[0];
  const widths = new Map<Format, Map<number, string>>();
  for (const thumbnail of thumbnails) {
    if (proportion && isScaled(thumbnail, proportion)) {
      const candidates = widths.get(thumbnail.format) ?? new Map<number, string>();
      widths.set(thumbnail.format, candidates);
      if (!candidates.has(thumbnail.width)) {
        candidates.set(thumbnail.width, `${pathOf(thumbnail.key)} ${thumbnail.width}w`);
      }
    }
  }
  return Object.fromEntries(
    Array.from(widths, ([format, candidates]) => [
      format,
      Array.from(candidates)
        .sort(([a], [b]) => a - b)
        .map(([, candidate]) => candidate)
        .join(', '),
    ]),
  );
}

/** Whether one size is the other made smaller or larger, apart from sides that are rounded to whole pixels. */
function isScaled(size: Size, original: Size): boolean {
  const proportion = original.width / original.height;
  return Math.abs(size.width / proportion - size.height) <= 1 || Math.abs(size.height * proportion - size.width) <= 1;
}

/** Path of a key from the root of its store, each segment percent-encoded. Commas too: they separate candidates. */
function pathOf(key: string): string {
  return `/${key.split('/').map(encodeURIComponent).join('/')}`;
}
