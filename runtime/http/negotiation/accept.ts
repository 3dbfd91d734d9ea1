/** How much a client likes one media type. */
export interface MediaTypeQuality {
  /** Quality value, 0 to 1; 0 is a refusal. */
  readonly quality: number;
  /** Whether the type itself is named, and not only a range such as `image/*`. */
  readonly isNamed: boolean;
}

/** What a client takes: its {@link MediaTypeQuality} of a media type. */
export type Accepted = (mediaType: string) => MediaTypeQuality;

/** `q=` and its value, 0 to 1 with at most three decimals: https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2 */
const QUALITY = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;
/** A type and a subtype, either of which can be `*`; tokens as in https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const RANGE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/;

/**
 * Reads an Accept header: the most specific range that a type falls into counts, whatever the order is in. Parts that
 * break the grammar are left out, as if they had not been sent. The time is in proportion to the header's length.
 */
export function readAccept(header: string): Accepted {
  const qualities = new Map<string, number>();
  for (const element of header.split(',')) {
    const [range = '', ...parameters] = element.split(';').map((part) => part.trim());
    const quality = qualityOf(parameters);
    if (RANGE.test(range) && quality !== undefined) {
      const name = range.toLowerCase();
      qualities.set(name, Math.max(quality, qualities.get(name) ?? 0));
    }
  }
  // Who says nothing takes everything.
  const others = qualities.size === 0 ? 1 : 0;
  return (mediaType) => {
    const named = qualities.get(mediaType);
    if (named !== undefined) {
      return { quality: named, isNamed: true };
    }
    const [type] = mediaType.split('/');
    return { quality: qualities.get(`${type}/*`) ?? qualities.get('*/*') ?? others, isNamed: false };
  };
}

/** The quality among the parameters of a range, 1 where there is none; undefined where it is not one. */
function qualityOf(parameters: readonly string[]): number | undefined {
  const parameter = parameters.find((each) => /^q\s*=/i.test(each));
  if (parameter === undefined) {
    return 1;
  }
  const [, value] = QUALITY.exec(parameter) ?? [];
  return value === undefined ? undefined : Number(value);
}
