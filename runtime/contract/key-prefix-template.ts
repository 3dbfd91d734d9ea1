/**
 * Header with the token claims of the user, for runtimes behind a VPC link of API Gateway. API Gateway overwrites the header.
 *
 * The value contains the request id, followed by the claims in the order of the template. Spaces separate these values.
 */
export const CLAIMS_HEADER = 'x-thumbnails-claims';
/**
 * Header with the request id of API Gateway. The runtime rejects a {@link CLAIMS_HEADER} with another request id: a client
 * cannot predict the request id, so such a header is forged.
 */
export const CLAIMS_REQUEST_HEADER = 'x-thumbnails-claims-request';

/**
 * Pattern of key prefix templates. A template consists of path segments with a trailing slash. Each segment contains at most
 * one placeholder, because adjacent placeholders could result in the same prefix for different users. API Gateway supports
 * only letters, digits and underscores in the names of context variables.
 */
export const KEY_PREFIX_TEMPLATE =
  /^(?=.*\{)(?!(?:.*\/)?\.{1,2}\/)(?:(?=[^/])[\w.~@=-]*(?:\{(?:claim|context):\w{1,64}\}[\w.~@=-]*)?\/)+$/;
/** Maximum length of a key prefix template in characters. */
export const MAX_KEY_PREFIX_TEMPLATE_LENGTH = 256;

/** Origin of a value in a key prefix: a claim of a JSON Web Token, or the context of a Lambda authorizer. */
export type ClaimKind = 'claim' | 'context';

/** A placeholder in a key prefix template. */
export interface ClaimReference {
  readonly kind: ClaimKind;
  readonly name: string;
}

/** Returns the placeholders of a template in the order of the template. */
export function claimReferencesOf(template: string): readonly ClaimReference[] {
  return [...template.matchAll(/\{(claim|context):(\w+)\}/g)].map(([, kind, name]) => ({
    kind: kind as ClaimKind,
    name: name!,
  }));
}

/** Replaces each placeholder of a template with a value. The values have the order of the placeholders. */
export function fillKeyPrefix(template: string, values: readonly string[]): string {
  let index = 0;
  return template.replace(/\{(?:claim|context):\w+\}/g, () => values[index++]!);
}
