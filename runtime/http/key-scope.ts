import type { MiddlewareHandler } from 'hono';
import { claimReferencesOf, CLAIMS_HEADER, CLAIMS_REQUEST_HEADER, fillKeyPrefix } from '../contract';
import type { HttpApiContext, HttpApiEnvironment, KeyScope } from './http-api-options';
import { Problem } from './problems/problem';
import { decodeKey, keyOfQuery } from './request-keys';
import { restOfPath } from './routes/route-handlers';

/**
 * Pattern of claims that a key prefix can contain. The pattern excludes:
 *
 * - the separator of keys
 * - characters that URLs, headers or Unicode normalization change
 * - `-` as the first character, because API Gateway replaces missing values in logs with `-`
 */
const USABLE_CLAIM = /^[A-Za-z0-9][\w.~@=:|+-]{0,127}$/;
/** Pattern of the texts that represent a missing value. */
const MISSING = /^(?:null|undefined)$/i;
const DOT_SEGMENT = /(?:^|[\\/])\.{1,2}(?:[\\/]|$)/;

/**
 * Returns middleware that determines the key prefix of the user.
 *
 * If a claim is missing or unusable, the middleware rejects the request with the code `unusable-claims`. Without a scope, a
 * user can access every key.
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
 * Returns the key in the path of a request.
 *
 * @param segments number of path segments before the key
 * @throws Problem with code `invalid-key` if the key is invalid
 * @throws Problem with code `key-not-allowed` if the user cannot access the key
 */
export function pathKeyOf(context: HttpApiContext, segments: number): string {
  return keyInScope(context.get('keyPrefix'), decodeKey(restOfPath(context, segments)));
}

/**
 * Returns the key in the query of a request.
 *
 * @throws Problem with code `invalid-key` if the key is missing or invalid
 * @throws Problem with code `key-not-allowed` if the user cannot access the key
 */
export function queryKeyOf(context: HttpApiContext): string {
  return keyInScope(context.get('keyPrefix'), keyOfQuery(context.req.raw.url));
}

/**
 * Returns a key unchanged if the user can access the key. Without a prefix, a user can access every key.
 *
 * @param prefix key prefix of the user
 * @throws Problem with code `key-not-allowed` if the key has another prefix
 * @throws Problem with code `key-not-allowed` if the key contains a dot segment, which proxies could resolve
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

/** Returns the claims of the user in the order of the template's placeholders. */
function claimsOf(context: HttpApiContext, template: string): readonly string[] {
  const references = claimReferencesOf(template);
  // The environment is undefined if a server calls `fetch` without bindings.
  const { authorizer } = (context.env as HttpApiEnvironment['Bindings'] | undefined) ?? {};
  const values = authorizer ? references.map(({ kind, name }) => authorizer[kind][name]) : claimsOfHeader(context);
  return references.map(({ kind, name }, index) => {
    const value = values.length === references.length ? textOf(values[index]) : '';
    if (!USABLE_CLAIM.test(value) || MISSING.test(value)) {
      // The detail omits the value, because a claim can be confidential.
      const expected = '1 to 128 letters, digits and _.~@=:|+-, starting with a letter or digit';
      throw new Problem('unusable-claims', `The ${kind} ${name} is missing or unusable; expected ${expected}.`);
    }
    return value;
  });
}

/** Returns the claims in the header of API Gateway. Returns no claims if the header does not originate in API Gateway. */
function claimsOfHeader({ req }: HttpApiContext): readonly string[] {
  const requestId = req.header(CLAIMS_REQUEST_HEADER);
  const [claimsId, ...claims] = (req.header(CLAIMS_HEADER) ?? '').split(' ');
  return requestId !== undefined && requestId !== '' && claimsId === requestId ? claims : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' || Number.isSafeInteger(value) ? String(value) : '';
}
