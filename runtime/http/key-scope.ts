import type { MiddlewareHandler } from 'hono';
import { claimReferencesOf, CLAIMS_HEADER, CLAIMS_REQUEST_HEADER, fillKeyPrefix } from '../contract';
import type { HttpApiContext, HttpApiEnvironment, KeyScope } from './http-api-options';
import { Problem } from './problems/problem';
import { decodeKey, keyOfQuery } from './request-keys';
import { restOfPath } from './routes/route-handlers';

/**
 * Claims that a key prefix can contain. Such a claim contains neither separators of keys nor characters that URLs, headers or
 * Unicode normalization change. The first character excludes `-`, the placeholder of API Gateway for missing values in logs.
 */
const USABLE_CLAIM = /^[A-Za-z0-9][\w.~@=:|+-]{0,127}$/;
/** Texts of missing values. */
const MISSING = /^(?:null|undefined)$/i;
const DOT_SEGMENT = /(?:^|[\\/])\.{1,2}(?:[\\/]|$)/;

/**
 * Returns middleware that determines the key prefix of the caller.
 *
 * The middleware rejects requests with code `unusable-claims` if claims are missing or unusable. Without a scope, a caller can
 * use every key.
 */
export function requireClaims(scope: KeyScope | undefined): MiddlewareHandler<HttpApiEnvironment> {
  return async (context, next) => {
    if (scope) {
      const claims = claimsOf(context, scope.template);
      context.set('keyPrefix', scope.sourcePrefix + fillKeyPrefix(scope.template, claims));
    }
    await next();
  };
}

/**
 * Returns the key in the path of a request, after a number of segments.
 *
 * @throws Problem with code `invalid-key` if the key is invalid
 * @throws Problem with code `key-not-allowed` if the caller cannot use the key
 */
export function pathKeyOf(context: HttpApiContext, segments: number): string {
  return keyInScope(context.get('keyPrefix'), decodeKey(restOfPath(context, segments)));
}

/**
 * Returns the key in the query of a request.
 *
 * @throws Problem with code `invalid-key` if the key is missing or invalid
 * @throws Problem with code `key-not-allowed` if the caller cannot use the key
 */
export function queryKeyOf(context: HttpApiContext): string {
  return keyInScope(context.get('keyPrefix'), keyOfQuery(context.req.raw.url));
}

/**
 * Returns a key unchanged if it has the prefix of the caller. Callers without a prefix can use every key.
 *
 * @throws Problem with code `key-not-allowed` if the key has another prefix, or contains a dot segment that proxies could
 *   resolve
 */
export function keyInScope(prefix: string | undefined, key: string): string {
  if (prefix !== undefined && (!key.startsWith(prefix) || key === prefix || DOT_SEGMENT.test(key))) {
    throw new Problem(
      'key-not-allowed',
      `Received key ${JSON.stringify(key)}; allowed keys start with ${JSON.stringify(prefix)} and have no dot segments.`,
    );
  }
  return key;
}

/** Returns the claims of the caller in the order of the template. */
function claimsOf(context: HttpApiContext, template: string): readonly string[] {
  const references = claimReferencesOf(template);
  // The environment is missing if `fetch` is called without bindings.
  const { authorizer } = (context.env as HttpApiEnvironment['Bindings'] | undefined) ?? {};
  const values = authorizer ? references.map(({ kind, name }) => authorizer[kind][name]) : claimsOfHeader(context);
  return references.map(({ kind, name }, index) => {
    const value = values.length === references.length ? textOf(values[index]) : '';
    if (!USABLE_CLAIM.test(value) || MISSING.test(value)) {
      // The detail omits the value: a claim can be confidential.
      const expected = '1 to 128 letters, digits and _.~@=:|+-, starting with a letter or digit';
      throw new Problem('unusable-claims', `The ${kind} ${name} is missing or unusable; expected ${expected}.`);
    }
    return value;
  });
}

/** Returns the claims that API Gateway sends in a header. Returns no claims if API Gateway did not set the header. */
function claimsOfHeader({ req }: HttpApiContext): readonly string[] {
  const requestId = req.header(CLAIMS_REQUEST_HEADER);
  const [claimsId, ...claims] = (req.header(CLAIMS_HEADER) ?? '').split(' ');
  return requestId !== undefined && requestId !== '' && claimsId === requestId ? claims : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' || Number.isSafeInteger(value) ? String(value) : '';
}
