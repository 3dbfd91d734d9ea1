/** Validators of the current representation of a resource. */
export interface Validators {
  /** Strong entity tag, with quotes. */
  readonly etag: string;
  readonly lastModified?: Date;
}

/**
 * Result of the conditions in the headers of a request.
 *
 * - `proceed`: The API responds as to a request without conditions.
 * - `not-modified`: The API responds with 304, because the client already has the current representation.
 * - `failed`: The API responds with 412, because a precondition is false.
 */
export type ConditionOutcome = 'proceed' | 'not-modified' | 'failed';

/** Pattern of an entity tag with an optional weakness indicator. @see https://www.rfc-editor.org/rfc/rfc9110#field.etag */
const ENTITY_TAGS = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** Evaluates the conditions of a request in the standard order. @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2 */
export function evaluateConditions(headers: Headers, current: Validators): ConditionOutcome {
  const match = headers.get('If-Match');
  if (match !== null) {
    if (!isListed(match, current.etag, { strong: true })) {
      return 'failed';
    }
  } else if (current.lastModified && seconds(current.lastModified) > dateOf(headers, 'If-Unmodified-Since')) {
    return 'failed';
  }
  return isNotModified(headers, current) ? 'not-modified' : 'proceed';
}

/** Evaluates `If-None-Match` by weak comparison. Without `If-None-Match`, the function evaluates `If-Modified-Since`. */
export function isNotModified(headers: Headers, current: Validators): boolean {
  const noneMatch = headers.get('If-None-Match');
  if (noneMatch !== null) {
    return isListed(noneMatch, current.etag, { strong: false });
  }
  return current.lastModified !== undefined && seconds(current.lastModified) <= dateOf(headers, 'If-Modified-Since');
}

/**
 * Returns whether a list of entity tags contains a tag. The list `*` contains every tag.
 *
 * @param etag strong entity tag
 * @param options if `strong` is true, the function ignores weak tags in the list
 */
function isListed(list: string, etag: string, { strong }: { readonly strong: boolean }): boolean {
  const tags = Array.from(list.matchAll(ENTITY_TAGS));
  return list.trim() === '*' || tags.some(([, weak, tag]) => tag === etag && !(strong && weak));
}

/** Returns the time in milliseconds since 1970, truncated to whole seconds. HTTP dates have a resolution of one second. */
function seconds(date: Date): number {
  return Math.trunc(date.getTime() / 1000) * 1000;
}

/**
 * Returns the date in a header, in milliseconds since 1970. For a missing or invalid date, returns NaN, so that all comparisons
 * are false.
 */
function dateOf(headers: Headers, name: string): number {
  return Date.parse(headers.get(name) ?? '');
}
