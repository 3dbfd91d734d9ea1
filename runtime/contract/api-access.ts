/**
 * Read access of the HTTP API. `open` accepts every request and leaves access control to IAM, an authorizer or the
 * network. `signed` requires a signed link.
 */
export const READ_ACCESS = ['open', 'signed'] as const;
/** One of {@link READ_ACCESS}. */
export type ReadAccess = (typeof READ_ACCESS)[number];

/**
 * Access for uploads and deletion. `none` disables the routes. The other values have the meaning of {@link
 * READ_ACCESS}.
 */
export const WRITE_ACCESS = ['none', 'open', 'signed'] as const;
/** One of {@link WRITE_ACCESS}. */
export type WriteAccess = (typeof WRITE_ACCESS)[number];

/** Request header that contains the key of the distribution. */
export const DISTRIBUTION_HEADER = 'x-thumbnails-distribution';

/** Header with the base path under which a distribution exposes the API. Links in responses start with this path. */
export const PREFIX_HEADER = 'x-forwarded-prefix';
/** Pattern of the base path of a distribution: empty, or a path such as `/media` without a trailing slash. */
export const BASE_PATH_PATTERN = /^(?:\/[\w.~-]+)*$/;
/** Id of the key that the distribution sends. */
export const DISTRIBUTION_KEY_ID = 'k1';
