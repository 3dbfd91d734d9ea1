import type { Context, MiddlewareHandler } from 'hono';
import type { HttpApiEnvironment } from '../http-api-options';
import type { Links } from './links';

/** Lets only requests through that are made by a signed link, and all where links are not checked. */
export function guard(links: Links | undefined): MiddlewareHandler<HttpApiEnvironment> {
  return async (context, next) => {
    if (links) {
      const { url, method } = context.req.raw;
      const link = await links.check({
        method,
        host: new URL(url).host,
        path: basePathOf(context) + context.req.path,
        query: /^[^?#]*\?([^#]*)/.exec(url)?.[1] ?? '',
      });
      context.set('link', link);
    }
    await next();
  };
}

/** What a door says of the request; a request that comes by no door has no environment, whatever Hono's types say. */
export function basePathOf(context: Context<HttpApiEnvironment>): string {
  return (context.env as HttpApiEnvironment['Bindings'] | undefined)?.basePath ?? '';
}
