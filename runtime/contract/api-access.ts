/**
 * Read access of the HTTP API: `open` accepts every request, so that IAM, an authorizer or the network decides;
 * `signed` requires a signed link.
 */
export const READ_ACCESS = ['open', 'signed'] as const;
/** One of {@link READ_ACCESS}. */
export type ReadAccess = (typeof READ_ACCESS)[number];

/** Access for uploads and deletion: `none` disables the routes, the other values are those of {@link READ_ACCESS}. */
export const WRITE_ACCESS = ['none', 'open', 'signed'] as const;
/** One of {@link WRITE_ACCESS}. */
export type WriteAccess = (typeof WRITE_ACCESS)[number];

/** Request header that carries the key of the distribution. */
export const DISTRIBUTION_HEADER = 'x-thumbnails-distribution';
/** Id of the key that the distribution sends. */
export const DISTRIBUTION_KEY_ID = 'k1';
