import type { HonoRequest, MiddlewareHandler } from 'hono';
import type { HttpApiEnvironment } from '../../../runtime/http';

/**
 * Host names of this machine. The server rejects all other host names, because an attacker can resolve any domain to this
 * machine (DNS rebinding).
 */
const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/** Addresses that other machines cannot reach. */
export const LOOPBACK_ADDRESSES: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** Rejects requests whose host name is not a name of this machine. */
export const requireLoopbackHost: MiddlewareHandler<HttpApiEnvironment> = async (context, next) => {
  if (!LOOPBACK_HOST.test(hostOf(context.req))) {
    return context.text('Forbidden: the studio accepts requests to localhost, 127.0.0.1 and [::1] only.\n', 403);
  }
  return next();
};

/** Rejects requests from pages of other origins. */
export const requireSameOrigin: MiddlewareHandler<HttpApiEnvironment> = async (context, next) => {
  const { req } = context;
  const host = hostOf(req);
  const origin = req.header('Origin');
  const site = req.header('Sec-Fetch-Site') ?? 'same-origin';
  const isSameOrigin = origin === undefined || origin === `http://${host}`;
  if (!isSameOrigin || !['same-origin', 'none'].includes(site)) {
    return context.text(`Forbidden: the studio accepts requests only from its own page.\n`, 403);
  }
  return next();
};

function hostOf(req: HonoRequest): string {
  return req.header('Host') ?? new URL(req.url).host;
}
