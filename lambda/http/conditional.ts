/** What a client may ask a cached answer to be compared with. */
export interface Validators {
  /** Strong entity tag, in its quotes. */
  readonly etag: string;
  readonly lastModified?: Date;
}

/** Entity tags of a list, weak marks dropped: https://www.rfc-editor.org/rfc/rfc9110#field.etag */
const ENTITY_TAGS = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/**
 * Whether the client has what it would be sent: If-None-Match by weak comparison, and only where there is none
 * If-Modified-Since, as https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2 orders them.
 */
export function isNotModified(headers: Headers, current: Validators): boolean {
  const noneMatch = headers.get('If-None-Match');
  if (noneMatch !== null) {
    const tags = Array.from(noneMatch.matchAll(ENTITY_TAGS), ([, tag]) => tag);
    return noneMatch.trim() === '*' || tags.includes(current.etag);
  }
  const modifiedSince = Date.parse(headers.get('If-Modified-Since') ?? '');
  // A date in HTTP has whole seconds; not a number compares as false.
  return (
    current.lastModified !== undefined && Math.trunc(current.lastModified.getTime() / 1000) * 1000 <= modifiedSince
  );
}
