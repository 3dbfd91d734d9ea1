import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { BASE_PATH_PATTERN, DISTRIBUTION_HEADER, DISTRIBUTION_KEY_ID, PREFIX_HEADER } from '../../contract';
import type { HttpApiContext, HttpApiEnvironment } from '../http-api-options';
import { Problem } from '../problems/problem';
import { queryOf } from '../request-keys';
import type { Links } from './links';
import type { SigningKeySource } from './signing-keys';

/** Maximum length of {@link PREFIX_HEADER}. */
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
 * Returns middleware that rejects requests without the key of the distribution. Without `keys`, allows all requests or, if
 * `isRequired` is true, no requests.
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
 * Returns the base path from {@link PREFIX_HEADER}; undefined if the request has no valid header. Clients can also send this
 * header. Therefore, the header affects only the links in the response. Signatures include the path that the API receives.
 */
export function forwardedPrefixOf(context: HttpApiContext): string | undefined {
  const prefix = context.req.header(PREFIX_HEADER);
  return prefix !== undefined && prefix.length <= MAX_PREFIX_LENGTH && BASE_PATH_PATTERN.test(prefix)
    ? prefix
    : undefined;
}

/** Returns the public path prefix of this API. The environment is missing if `fetch` is called without bindings. */
export function basePathOf(context: HttpApiContext): string {
  return (context.env as HttpApiEnvironment['Bindings'] | undefined)?.basePath ?? '';
}

/**
 * Compares two strings in a time that does not depend on their contents. Hashes both strings, because the comparison requires
 * equal lengths.
 */
export function equalInConstantTime(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
