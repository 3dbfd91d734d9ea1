/** Source of signing keys: the name of a secret, or a JSON object with the keys. */
export type SigningSettings = { readonly secret: string } | { readonly keys: string };

/** Returns the source of signing keys. A secret has precedence over keys. Returns undefined if neither is set. */
export function signingOf(secret: string | undefined, keys: string | undefined): SigningSettings | undefined {
  if (secret !== undefined) {
    return { secret };
  }
  return keys === undefined ? undefined : { keys };
}
