/** Preference of a client for a media type. */
export interface MediaTypeQuality {
  /** Quality value from 0 to 1. A client does not accept a media type with the quality 0. */
  readonly quality: number;
  /** Whether the header contains the exact media type. False if only a range such as `image/*` matches the media type. */
  readonly isListed: boolean;
}

/** Returns the {@link MediaTypeQuality} of a media type. */
export type QualityOf = (mediaType: string) => MediaTypeQuality;

/**
 * Pattern of the `q` parameter: a number from 0 to 1 with at most three decimals.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2
 */
const QUALITY = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;
/** Pattern of a media range, such as `image/*`. @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const RANGE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/;

/**
 * Parses an `Accept` header. The most specific range that matches a media type determines the quality of the media type. The
 * order of the ranges has no effect. The function ignores elements with invalid syntax.
 *
 * The running time is linear in the length of the header.
 */
export function parseAccept(header: string): QualityOf {
  const qualities = new Map<string, number>();
  for (const element of header.split(',')) {
    const [range = '', ...parameters] = element.split(';').map((part) => part.trim());
    const quality = qualityOf(parameters);
    if (RANGE.test(range) && quality !== undefined) {
      const name = range.toLowerCase();
      qualities.set(name, Math.max(quality, qualities.get(name) ?? 0));
    }
  }
  // A client with a missing or empty header accepts every media type.
  const others = qualities.size === 0 ? 1 : 0;
  return (mediaType) => {
    const listed = qualities.get(mediaType);
    if (listed !== undefined) {
      return { quality: listed, isListed: true };
    }
    const [type] = mediaType.split('/');
    return { quality: qualities.get(`${type}/*`) ?? qualities.get('*/*') ?? others, isListed: false };
  };
}

/** Returns the value of `q` in the parameters of a range. A missing `q` counts as 1. Returns undefined for an invalid `q`. */
function qualityOf(parameters: readonly string[]): number | undefined {
  const parameter = parameters.find((each) => /^q\s*=/i.test(each));
  if (parameter === undefined) {
    return 1;
  }
  const [, value] = QUALITY.exec(parameter) ?? [];
  return value === undefined ? undefined : Number(value);
}
