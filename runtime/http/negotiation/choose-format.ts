import type { Format, ThumbnailSettings } from '../../contract';
import { contentTypeOf } from '../../engine';
import { queryValue } from '../keys';
import { Problem } from '../problems/problem';
import { readAccept, type Accepted } from './accept';

/** Which format answers a request. */
export interface FormatChoice {
  readonly format: Format;
  /** Whether another Accept header could have led to another one. */
  readonly varies: boolean;
}

/** The smaller ones first, among those that a client names and likes as much as each other. All others come after. */
const SMALLEST_FIRST: readonly Format[] = ['avif', 'webp'];

/**
 * Which of a thumbnail's formats answers a request: the one that the query names as `format`, else what the Accept header
 * likes best. Of formats that it likes equally, those that it names go before those that only a range such as `image/*`
 * holds: browsers send that range, and do not mean all that it says. Then AVIF goes before WebP, and those before the
 * others in the order of the thumbnail's own formats. Where nothing fits, it is the thumbnail's first.
 *
 * @throws Problem `unknown-format` when the query names one that the thumbnail is not made in
 */
export function chooseFormat(thumbnail: ThumbnailSettings, request: Request): FormatChoice {
  const formats = thumbnail.formats.map(({ type }) => type);
  const wanted = queryValue(request.url, 'format');
  if (wanted !== undefined) {
    const format = formats.find((type) => type === wanted);
    if (format === undefined) {
      throw new Problem('unknown-format', `${thumbnail.name} is made as ${formats.join(', ')}, got ${wanted}`);
    }
    return { format, varies: false };
  }
  return { format: negotiate(formats, readAccept(request.headers.get('Accept') ?? '')), varies: formats.length > 1 };
}

function negotiate(formats: readonly Format[], accepted: Accepted): Format {
  const candidates = formats
    .map((format, index) => {
      const { quality, isNamed } = accepted(contentTypeOf(format));
      const rank = SMALLEST_FIRST.indexOf(format);
      return { format, index, quality, isNamed, size: isNamed && rank >= 0 ? rank : SMALLEST_FIRST.length };
    })
    .filter(({ quality }) => quality > 0)
    .sort(
      (a, b) => b.quality - a.quality || Number(b.isNamed) - Number(a.isNamed) || a.size - b.size || a.index - b.index,
    );
  // Every thumbnail has a format.
  return candidates[0]?.format ?? formats[0]!;
}
