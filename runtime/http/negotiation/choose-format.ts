import type { Format, ThumbnailSettings } from '../../contract';
import { contentTypeOf } from '../../engine';
import { Problem } from '../problems/problem';
import { parseAccept, type QualityOf } from './accept';

/** Format preference of a client. */
export interface FormatPreference {
  /** Format that the client requests explicitly. @default - `accept` determines the format */
  readonly format?: string | undefined;
  /** `Accept` header of the request. @default - the client accepts every format */
  readonly accept?: string | null;
}

/** Format of a response. */
export interface FormatChoice {
  readonly format: Format;
  /** Whether a different `Accept` header can result in a different format. */
  readonly varies: boolean;
}

/** Formats with the smallest files, in order of preference. */
const SMALLEST_FIRST: readonly Format[] = ['avif', 'webp'];

/**
 * Selects the format of a thumbnail. An explicitly requested format has precedence over the `Accept` header.
 *
 * The `Accept` header selects the format with the highest quality. Among formats with equal quality, the order is:
 * 1. AVIF, if the header contains its exact media type
 * 2. WebP, if the header contains its exact media type
 * 3. other formats whose exact media type is in the header, in the order of the configuration
 * 4. formats that match only a range such as `image/*`, in the order of the configuration
 *
 * Formats that match only a range are last, because browsers that send `image/*` do not support all image formats. If the
 * client accepts none of the formats, the function returns the first format of the configuration.
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
  // `formats[0]` is defined, because every thumbnail has at least one format.
  return candidates[0]?.format ?? formats[0]!;
}
