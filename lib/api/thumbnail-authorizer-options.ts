/** Options of `ThumbnailAccess.authorizer`. */
export interface ThumbnailAuthorizerOptions {
  /**
   * Prefix of the source keys that a user can use, with placeholders for values of the authorizer. The runtime prepends
   * `sourcePrefix`. The prefix has at most 256 characters and ends with a slash. A path segment contains at most one
   * placeholder.
   *
   * | Placeholder | Value |
   * |---|---|
   * | `{claim:NAME}` | claim of a JSON Web Token |
   * | `{context:NAME}` | value in the context of a Lambda authorizer |
   *
   * A name has 1 to 64 letters, digits and underscores. A value starts with a letter or digit, and has 1 to 128 letters, digits
   * and characters of `_.~@=:|+-`. Choose a claim whose value is unique for each user and never changes.
   *
   * The API rejects requests for keys with another prefix with status 403 and code `key-not-allowed`. If a value is missing or
   * invalid, the API rejects the request with code `unusable-claims`.
   *
   * A runtime behind a `ThumbnailApi` without a pipeline requires the environment variables `READ_KEY_PREFIX` and
   * `WRITE_KEY_PREFIX`.
   *
   * @default - every user can use every key
   */
  readonly keyPrefix?: string;
}
