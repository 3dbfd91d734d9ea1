import type { Format, ThumbnailSettings } from '../../contract';
import { contentTypeOf } from '../../engine';
import { Problem } from '../problems/problem';
import { parseAccept, type QualityOf } from './accept';

/** Inputs of a format choice. */
export interface FormatPreference {
  /** Requested format. @default - the format is negotiated by `accept` */
  readonly format?: string | undefined;
  /** `Accept` header. @default - every format is acceptable */
  readonly accept?: string | null;
}

/** Format of a response. */
export interface FormatChoice {
  readonly format: Format;
  /** Whether another `Accept` header can lead to another format. */
  readonly varies: boolean;
}

/** Formats with the smallest files, in order of preference. */
const SMALLEST_FIRST: readonly Format[] = ['avif', 'webp'];

/**
 * Chooses the format of a thumbnail: the requested format, or the format with the highest quality in the `Accept` header.
 *
 * If formats have equal quality, listed formats precede formats that only match a range such as `image/*`. Browsers send this
 * range, but do not support all its formats. Among listed formats, AVIF comes first, then WebP, then all other formats in the
 * order of the configuration. If no format is acceptable, the result is the first format of the configuration.
 *
 * @throws Problem with code `unknown-format` if the thumbnail does not have the requested format
 */
export function chooseFormat(
  thumbnail: ThumbnailSettings,
  { format: requested, accept }: FormatPreference,
): FormatChoice {
  const formats = thumbnail.formats.map(({ type }) => type);
  if (requested === undefined) {
    return { format: negotiate(formats, parseAccept(accept ?? '')), varies: formats.length > 1 };
  }
  const format = formats.find((type) => type === requested);
  if (format === undefined) {
    const detail = `Received format ${JSON.stringify(requested)}; formats of ${thumbnail.name}: ${formats.join(', ')}.`;
    throw new Problem('unknown-format', detail);
  }
  return { format, varies: false };
}

function negotiate(formats: readonly Format[], qualityOf: QualityOf): Format {
  const candidates = formats
    .map((format, index) => {
      const { quality, isListed } = qualityOf(contentTypeOf(format));
      const rank = SMALLEST_FIRST.indexOf(format);
      return { format, index, quality, isListed, size: isListed && rank >= 0 ? rank : SMALLEST_FIRST.length };
    })
    .filter(({ quality }) => quality > 0)
    .sort(
      (a, b) =>
        b.quality - a.quality || Number(b.isListed) - Number(a.isListed) || a.size - b.size || a.index - b.index,
    );
  // Every thumbnail has at least one format.
  return candidates[0]?.format ?? formats[0]!;
}
