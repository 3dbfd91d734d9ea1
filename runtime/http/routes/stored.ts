import type { MiddlewareHandler } from 'hono';
import { DISTRIBUTION_HEADER, DISTRIBUTION_KEY_ID, type Format, type ThumbnailSettings } from '../../contract';
import { extensionOf } from '../../engine';
import type { HttpApiEnvironment } from '../http-api-options';
import { equalInConstantTime } from '../links/same-text';
import type { SigningKeySource } from '../links/signing-keys';
import { Problem } from '../problems/problem';

/** Thumbnails by the keys that they are stored under, as a distribution asks that has not found them in the bucket. */
export interface StoredRouteOptions {
  /** Start of the key of every thumbnail. */
  readonly prefix: string;
  /** What a distribution shows to be let in. Default: everybody is. */
  readonly keys?: SigningKeySource;
}

/** What the key of a stored thumbnail says. */
export interface StoredName {
  readonly name: string;
  /** Of the source. */
  readonly key: string;
  readonly format: Format;
}

/**
 * Reads the key of a stored thumbnail: `{prefix}a/cat.jpg/small.webp`.
 *
 * @throws Problem `unknown-thumbnail` where no thumbnail can have it
 */
export function readStoredKey(storedKey: string, prefix: string, thumbnails: readonly ThumbnailSettings[]): StoredName {
  const slash = storedKey.lastIndexOf('/');
  const file = storedKey.slice(slash + 1);
  if (storedKey.startsWith(prefix) && slash > prefix.length) {
    for (const { name, formats } of thumbnails) {
      const format = formats.find(({ type }) => file === `${name}.${extensionOf(type)}`);
      if (format) {
        return { name, key: storedKey.slice(prefix.length, slash), format: format.type };
      }
    }
  }
  throw new Problem('unknown-thumbnail', 'no thumbnail is stored under such a key');
}

/** The same request as one that names its format in the query, and keeps the version that it names there. */
export function requestInFormat(request: Request, format: Format): Request {
  const { origin, search } = new URL(request.url);
  return new Request(`${origin}/?format=${format}&${search.slice(1)}`, request);
}

/** Lets only requests through that show the key, in a time that does not tell how much of it was right. */
export function guardDistribution(keys: SigningKeySource | undefined): MiddlewareHandler<HttpApiEnvironment> {
  return async (context, next) => {
    if (keys) {
      const shown = context.req.header(DISTRIBUTION_HEADER) ?? '';
      const key = await keys.find(DISTRIBUTION_KEY_ID);
      if (!equalInConstantTime(shown, key?.key ?? '') || !key) {
        throw new Problem('unauthorized', 'this path is for the distribution in front of this service');
      }
    }
    await next();
  };
}
