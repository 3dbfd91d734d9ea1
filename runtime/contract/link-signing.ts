/**
 * Rules for the keys of signed links.
 *
 * The secret is a JSON object of 1 to 4 keys by their ids, such as `{"k1":"0a1b…","k2":"9f8e…"}`. The last key signs links.
 * Links of every key are valid. Therefore, you can rotate the keys one by one.
 *
 * The query of a signed link ends with `expires=<seconds since 1970>&keyid=<id>&signature=<64 hexadecimal digits>`. The HMAC
 * key is the text of the signing key in UTF-8. The signature is an HMAC-SHA256 over three lines: the method (GET for HEAD
 * requests), the host, and the URL from its path up to `&signature=`. Example:
 *
 *     GET\nimg.example.com\n/thumbnails/small/a/my%20cat.jpg?format=webp&expires=1789000000&keyid=k2
 *
 * The host is in lower case and includes the port unless the port is the default of the scheme. The path is in canonical form:
 * decoded once, then every segment encoded with `encodeURIComponent`.
 */
export const SIGNING_KEYS = {
  /** Pattern of ids. The leading letter preserves the order of the JSON object. */
  idPattern: /^[a-zA-Z][\w-]{0,31}$/,
  /** Minimum length of a key in characters: 32 hexadecimal digits are 128 bits. */
  minLength: 32,
  /** Maximum number of keys. */
  max: 4,
} as const;
/** Tolerated difference in seconds between the clocks of the signer and the API. */
export const CLOCK_SKEW_SECONDS = 60;
/** Default maximum lifetime of a signed link in seconds: one week, as for presigned S3 URLs. */
export const DEFAULT_MAX_LINK_LIFETIME_SECONDS = 604_800;
