/** What a client may ask a cached answer to be compared with. */
export interface Validators {
  /** Strong entity tag, in its quotes. */
  readonly etag: string;
  readonly lastModified?: Date;
}

/**
 * What the conditions of a GET come to: `proceed` as without them, `not-modified` since the client has what it would be
 * sent, `failed` because it asked for another state than there is.
 */
export type ConditionOutcome = 'proceed' | 'not-modified' | 'failed';

/** Entity tags of a list with their weak marks: https://www.rfc-editor.org/rfc/rfc9110#field.etag */
const ENTITY_TAGS = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** Evaluates all conditions of a request in the order of https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2 */
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

/**
 * Whether the client has what it would be sent: If-None-Match by weak comparison, and only where there is none
 * If-Modified-Since, as https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2 orders them.
 */
export function isNotModified(headers: Headers, current: Validators): boolean {
  const noneMatch = headers.get('If-None-Match');
  if (noneMatch !== null) {
    return isListed(noneMatch, current.etag, { strong: false });
  }
  return current.lastModified !== undefined && seconds(current.lastModified) <= dateOf(headers, 'If-Modified-Since');
}

/** Whether a list of entity tags, or `*`, holds the strong one. A weak one is equal to it only by weak comparison. */
function isListed(list: string, etag: string, { strong }: { readonly strong: boolean }): boolean {
  const tags = Array.from(list.matchAll(ENTITY_TAGS));
  return list.trim() === '*' || tags.some(([, weak, tag]) => tag === etag && !(strong && weak));
}

/** A date in HTTP has whole seconds. */
function seconds(date: Date): number {
  return Math.trunc(date.getTime() / 1000) * 1000;
}

/** Not a number where there is no date, which compares as false with everything. */
function dateOf(headers: Headers, name: string): number {
  return Date.parse(headers.get(name) ?? '');
}
