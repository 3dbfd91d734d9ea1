/**
 * Kinds of read access to the HTTP API. With `open`, the API accepts every request, and IAM, an authorizer or the network
 * must control access. With `signed`, the API requires a signed link. With `none`, the API has no routes for reading.
 */
export const READ_ACCESS = ['open', 'signed', 'none'] as const;
/** One of {@link READ_ACCESS}. */
export type ReadAccess = (typeof READ_ACCESS)[number];

/**
 * Kinds of access for uploads and deletion. With `none`, the API has no routes for uploads and deletion. `open` and `signed`
 * have the same meaning as in {@link READ_ACCESS}.
 */
export const WRITE_ACCESS = ['none', 'open', 'signed'] as const;
/** One of {@link WRITE_ACCESS}. */
export type WriteAccess = (typeof WRITE_ACCESS)[number];

/** Request header with the secret key by which the API recognizes requests from its CloudFront distribution. */
export const DISTRIBUTION_HEADER = 'x-thumbnails-distribution';

/** Request header with the base path of the API in a CloudFront distribution. Links in responses start with this path. */
export const PREFIX_HEADER = 'x-forwarded-prefix';
/** Pattern of the base path in a CloudFront distribution: empty, or a path such as `/media` without a trailing slash. */
export const BASE_PATH_PATTERN = /^(?:\/[\w.~-]+)*$/;
/** Id of the key that a CloudFront distribution sends in {@link DISTRIBUTION_HEADER}. */
export const DISTRIBUTION_KEY_ID = 'k1';
