/**
 * Rules for the keys of signed links.
 *
 * The secret is a JSON object of 1 to 4 keys by their ids, such as `{"k1":"0a1b…","k2":"9f8e…"}`. The last key signs links.
 * A link is valid if any of these keys signed the link. Therefore, you can rotate the keys one by one.
 *
 * The query of a signed link ends with `expires=<seconds since 1970>&keyid=<id>&signature=<64 hexadecimal digits>`. The HMAC
 * key is the text of the signing key in UTF-8. The signature is an HMAC-SHA256 of three lines:
 * - the method, which is GET also for HEAD requests
 * - the host
 * - the URL from its path up to `&signature=`
 *
 * Example of the three lines:
 *
 *     GET\nimg.example.com\n/thumbnails/small/a/my%20cat.jpg?format=webp&expires=1789000000&keyid=k2
 *
 * The host is in lower case. The host includes a port that is not the default port of the scheme. The path is in canonical
 * form: decoded once, then encoded segment by segment with `encodeURIComponent`.
 */
export const SIGNING_KEYS = {
  /** Pattern of key ids. An id starts with a letter, because JavaScript changes the order of properties with numeric names. */
  idPattern: /^[a-zA-Z][\w-]{0,31}$/,
  /** Minimum length of a key in characters. A key of 32 hexadecimal digits has 128 bits. */
  minLength: 32,
  /** Maximum number of keys. */
  max: 4,
} as const;
/** Maximum difference in seconds between the clock of the signer and the clock of the API. */
export const CLOCK_SKEW_SECONDS = 60;
/** Default maximum lifetime of a signed link in seconds: one week, which is also the maximum of presigned S3 URLs. */
export const DEFAULT_MAX_LINK_LIFETIME_SECONDS = 604_800;
