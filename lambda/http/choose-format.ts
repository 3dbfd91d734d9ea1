import type { Format, ThumbnailSettings } from '../contract';
import { queryValue } from './keys';
import { Problem } from './problem';

/**
 * Which of a thumbnail's formats answers a request: the one that the query names as `format`, else the first.
 *
 * @throws Problem `unknown-format` when the query names one that the thumbnail is not made in
 */
export function chooseFormat(thumbnail: ThumbnailSettings, request: Request): Format {
  const formats = thumbnail.formats.map(({ type }) => type);
  const wanted = queryValue(request.url, 'format');
  const format = wanted === undefined ? formats[0] : formats.find((type) => type === wanted);
  if (format === undefined) {
    throw new Problem('unknown-format', `${thumbnail.name} is made as ${formats.join(', ')}, got ${String(wanted)}`);
  }
  return format;
}
