import type { Format } from '../../contract';
import type { ManifestThumbnail } from './manifest';

/** Properties of a thumbnail in a `srcset`. */
export type SrcsetCandidate = Pick<ManifestThumbnail, 'format' | 'width' | 'height' | 'key'>;

/** Width and height in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Returns a `srcset` attribute per format, such as `/a/cat.jpg/small.webp 200w, …`. The widths are distinct and ascending.
 *
 * A browser selects a candidate by its width. Therefore, all candidates must have the same aspect ratio. The function includes
 * only thumbnails with the ratio of the source, or, if no thumbnail has this ratio, with the ratio of the first thumbnail.
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

/** Returns whether two sizes have the same aspect ratio, except for rounding to whole pixels. */
function isScaled(size: Size, original: Size): boolean {
  const proportion = original.width / original.height;
  return Math.abs(size.width / proportion - size.height) <= 1 || Math.abs(size.height * proportion - size.width) <= 1;
}

/** Returns the path of a key with percent-encoded segments. Commas are also encoded, because commas separate candidates. */
function pathOf(key: string): string {
  return `/${key.split('/').map(encodeURIComponent).join('/')}`;
}
