/** Quality of a media type for a client. */
export interface MediaTypeQuality {
  /** Quality value from 0 to 1; 0 means not acceptable. */
  readonly quality: number;
  /** Whether the header lists the type itself, and not only a range such as `image/*`. */
  readonly isListed: boolean;
}

/** Returns the {@link MediaTypeQuality} of a media type. */
export type QualityOf = (mediaType: string) => MediaTypeQuality;

/** `q` parameter, 0 to 1 with at most three decimals: https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2 */
const QUALITY = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;
/** Media range: tokens as in https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const RANGE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/;

/**
 * Parses an `Accept` header. The most specific range that matches a media type determines its quality, regardless of the order
 * of ranges. Elements with invalid syntax are ignored. The running time is linear in the length of the header.
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
  // A missing or empty header accepts every type.
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

/** Returns the quality from the parameters of a range, 1 if there is no `q`, and undefined if `q` is invalid. */
function qualityOf(parameters: readonly string[]): number | undefined {
  const parameter = parameters.find((each) => /^q\s*=/i.test(each));
  if (parameter === undefined) {
    return 1;
  }
  const [, value] = QUALITY.exec(parameter) ?? [];
  return value === undefined ? undefined : Number(value);
}
