/**
 * Header with the claims of a caller, for runtimes behind a VPC link. Contains the request id and the claims in the order of
 * the template, separated by spaces. API Gateway overwrites the header.
 */
export const CLAIMS_HEADER = 'x-thumbnails-claims';
/**
 * Header with the request id of API Gateway. A client cannot predict the id. If API Gateway omits {@link CLAIMS_HEADER},
 * the runtime therefore detects a forged header.
 */
export const CLAIMS_REQUEST_HEADER = 'x-thumbnails-claims-request';

/**
 * Pattern of key prefix templates: path segments with at most one placeholder each, and a trailing slash. Adjacent
 * placeholders could produce the same prefix for different users. API Gateway supports only letters, digits and
 * underscores in the names of context variables.
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

/** Returns the placeholders of a template in their order. */
export function claimReferencesOf(template: string): readonly ClaimReference[] {
  return [...template.matchAll(/\{(claim|context):(\w+)\}/g)].map(([, kind, name]) => ({
    kind: kind as ClaimKind,
    name: name!,
  }));
}

/** Replaces the placeholders of a template in their order. */
export function fillKeyPrefix(template: string, values: readonly string[]): string {
  let index = 0;
  return template.replace(/\{(?:claim|context):\w+\}/g, () => values[index++]!);
}
