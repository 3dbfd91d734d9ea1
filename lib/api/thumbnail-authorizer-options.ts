/** Options of `ThumbnailAccess.authorizer`. */
export interface ThumbnailAuthorizerOptions {
  /**
   * Prefix of the source keys that a caller can use, with placeholders for values of the authorizer. The runtime prepends
   * `sourcePrefix`. The prefix has at most 256 characters and ends with a slash. A path segment contains at most one
   * placeholder.
   *
   * | Placeholder | Value |
   * |---|---|
   * | `{claim:NAME}` | claim of a JSON Web Token |
   * | `{context:NAME}` | value in the context of a Lambda authorizer |
   *
   * A name has 1 to 64 letters, digits and underscores. The API rejects requests for other keys with status 403 and code
   * `key-not-allowed`. If a value is missing or invalid, the API rejects the request with code `unusable-claims`. A value has 1
   * to 128 characters: letters, digits and `_.~@=:|+-`, starting with a letter or digit. Use a value that is unique and never
   * changes.
   *
   * A runtime behind a `ThumbnailApi` without a pipeline requires the environment variables `READ_KEY_PREFIX` and
   * `WRITE_KEY_PREFIX`.
   *
   * @default - the caller can use every key
   */
  readonly keyPrefix?: string;
}
