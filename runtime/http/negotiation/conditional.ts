/** Validators of the current representation. */
export interface Validators {
  /** Strong entity tag, with quotes. */
  readonly etag: string;
  readonly lastModified?: Date;
}

/**
 * Result of the conditions of a request.
 *
 * - `proceed`: respond as without conditions
 * - `not-modified`: respond with 304, because the client has the current representation
 * - `failed`: respond with 412, because a precondition is false
 */
export type ConditionOutcome = 'proceed' | 'not-modified' | 'failed';

/** Entity tags of a list, with their weakness indicators: https://www.rfc-editor.org/rfc/rfc9110#field.etag */
const ENTITY_TAGS = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** Evaluates the conditions of a request in the order of https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2 */
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

/** Evaluates `If-None-Match` by weak comparison. Without this header, evaluates `If-Modified-Since`. */
export function isNotModified(headers: Headers, current: Validators): boolean {
  const noneMatch = headers.get('If-None-Match');
  if (noneMatch !== null) {
    return isListed(noneMatch, current.etag, { strong: false });
  }
  return current.lastModified !== undefined && seconds(current.lastModified) <= dateOf(headers, 'If-Modified-Since');
}

/**
 * Returns whether a list of entity tags contains the strong tag, or is `*`. A weak tag in the list matches only if
 * `strong` is false.
 */
function isListed(list: string, etag: string, { strong }: { readonly strong: boolean }): boolean {
  const tags = Array.from(list.matchAll(ENTITY_TAGS));
  return list.trim() === '*' || tags.some(([, weak, tag]) => tag === etag && !(strong && weak));
}

/** Truncates to seconds, the resolution of HTTP dates. */
function seconds(date: Date): number {
  return Math.trunc(date.getTime() / 1000) * 1000;
}

/** Returns NaN for a missing or invalid date. Comparisons with NaN are false. */
function dateOf(headers: Headers, name: string): number {
  return Date.parse(headers.get(name) ?? '');
}
