import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { BASE_PATH_PATTERN, DISTRIBUTION_HEADER, DISTRIBUTION_KEY_ID, PREFIX_HEADER } from '../../contract';
import type { HttpApiContext, HttpApiEnvironment } from '../http-api-options';
import { Problem } from '../problems/problem';
import { queryOf } from '../request-keys';
import type { Links } from './links';
import type { SigningKeySource } from './signing-keys';

/** Maximum length of the value of {@link PREFIX_HEADER} in characters. */
const MAX_PREFIX_LENGTH = 256;

/** Returns middleware that rejects requests without a valid signed link. Allows all requests if `links` is undefined. */
export function requireSignedLink(links: Links | undefined): MiddlewareHandler<HttpApiEnvironment> {
  return async (context, next) => {
    if (links) {
      const { url, method } = context.req.raw;
      const link = await links.check({
        method,
        host: new URL(url).host,
        path: basePathOf(context) + context.req.path,
        query: queryOf(url),
      });
      context.set('link', link);
    }
    await next();
  };
}

/**
 * Returns middleware that rejects requests without the key of the CloudFront distribution.
 *
 * Without `keys`, `isRequired` determines the result. If `isRequired` is true, the middleware rejects all requests. If
 * `isRequired` is false, the middleware allows all requests.
 */
export function requireDistributionKey(
  keys: SigningKeySource | undefined,
  { isRequired = false }: { readonly isRequired?: boolean } = {},
): MiddlewareHandler<HttpApiEnvironment> {
  return async (context, next) => {
    if (keys || isRequired) {
      const received = context.req.header(DISTRIBUTION_HEADER) ?? '';
      const key = await keys?.find(DISTRIBUTION_KEY_ID);
      if (!equalInConstantTime(received, key?.key ?? '') || !key) {
        throw new Problem('unauthorized', 'This path serves the CloudFront distribution only.');
      }
    }
    await next();
  };
}

/**
 * Returns the base path in {@link PREFIX_HEADER}. Returns undefined if the request has no valid header.
 *
 * Clients can forge the header. Therefore, the header affects only the links in the response. Signatures are independent of the
 * header, because signatures include the path that the API receives.
 */
export function forwardedPrefixOf(context: HttpApiContext): string | undefined {
  const prefix = context.req.header(PREFIX_HEADER);
  return prefix !== undefined && prefix.length <= MAX_PREFIX_LENGTH && BASE_PATH_PATTERN.test(prefix)
    ? prefix
    : undefined;
}

/** Returns the public path prefix of this API. Without bindings, the environment is undefined and the prefix is empty. */
export function basePathOf(context: HttpApiContext): string {
  return (context.env as HttpApiEnvironment['Bindings'] | undefined)?.basePath ?? '';
}

/**
 * Compares two strings. The duration does not depend on the contents of the strings. The function compares hashes of the
 * strings, because `timingSafeEqual` requires buffers of equal length.
 */
export function equalInConstantTime(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
