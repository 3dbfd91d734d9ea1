import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { HttpApiContext, HttpApiEnvironment, HttpApiOptions } from './http-api-options';
import { Problem } from './problems/problem';
import { pathOf } from './request-keys';
import { Timings } from './timings';

/**
 * Security headers of every response. Browsers then do not render responses as documents, but pages of any origin can still
 * embed thumbnails.
 */
const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
} as const;
/** Header with the request id. Proxies can send this header. Every response contains this header. */
const REQUEST_ID = 'X-Request-Id';
/**
 * Pattern of accepted request ids: ids of proxies, and the root of an AWS trace id. Other values could forge log lines.
 */
const REQUEST_ID_PATTERN = /^[\w=.:-]{1,128}$/;
const TRACE_ROOT = /(?:^|;)\s*Root=([\w-]{1,64})/;

/** Response headers that CORS exposes in addition to the CORS-safelisted headers. */
const EXPOSED_HEADERS = [
  'ETag',
  'Location',
  'Retry-After',
  'Content-Disposition',
  'Server-Timing',
  'Problem-Code',
  REQUEST_ID,
];
/** Maximum age of a preflight response in seconds. */
const PREFLIGHT_MAX_AGE = 7200;
/** Maximum length of a URL in characters. A URL with a percent-encoded key of 1024 bytes and a signature is shorter. */
const MAX_URL_LENGTH = 8192;

/** Returns middleware that passes the request id to `correlate`. The middleware also adds the request id to the response. */
export function identifying({
  correlate = (_, work) => work(),
}: Pick<HttpApiOptions, 'correlate'>): MiddlewareHandler<HttpApiEnvironment> {
  return (context, next) => {
    const requestId = requestIdOf(context);
    return correlate(requestId, async () => {
      await next();
      context.res.headers.set(REQUEST_ID, requestId);
    });
  };
}

/** Returns middleware that sets the headers of every response, and calls `report` with a description of the response. */
export function reporting({ report }: Pick<HttpApiOptions, 'report'>): MiddlewareHandler<HttpApiEnvironment> {
  return async (context, next) => {
    const timings = new Timings();
    context.set('timings', timings);
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      context.res.headers.set(name, value);
    }
    context.res.headers.set('Server-Timing', timings.header);
    const problem = context.get('problem');
    report?.({
      method: context.req.method,
      path: context.req.path,
      status: context.res.status,
      milliseconds: Math.round(timings.total),
      ...formatOf(context.res),
      ...(problem && { code: problem.code, error: problem.cause instanceof Error ? problem.cause : problem }),
    });
  };
}

/** Returns the request id of the gateway or of a proxy, or the root of the trace id. Creates an id if the request has none. */
function requestIdOf({ env, req }: HttpApiContext): string {
  // The environment is undefined if a server calls `fetch` without bindings.
  const { requestId } = (env as HttpApiEnvironment['Bindings'] | undefined) ?? {};
  const [, root] = TRACE_ROOT.exec(req.header('X-Amzn-Trace-Id') ?? '') ?? [];
  return (
    [requestId, req.header(REQUEST_ID), root].find((id) => id !== undefined && REQUEST_ID_PATTERN.test(id)) ??
    randomUUID()
  );
}

function formatOf({ status, headers }: Response): { readonly format?: string } {
  const [, format] = /^image\/([a-z]+)$/.exec(headers.get('Content-Type') ?? '') ?? [];
  return status === 200 && format !== undefined ? { format } : {};
}

/** Returns middleware that allows cross-origin requests from a list of origins. */
export function crossOrigin(
  origins: readonly string[],
  { writing }: { readonly writing: boolean },
): MiddlewareHandler<HttpApiEnvironment> {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', ...(writing ? ['POST', 'DELETE'] : [])],
    allowHeaders: ['Content-Type', 'Prefer', 'If-None-Match'],
    exposeHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_MAX_AGE,
  });
}

/** Rejects requests whose URL has more than {@link MAX_URL_LENGTH} characters. */
export const limitUrlLength: MiddlewareHandler<HttpApiEnvironment> = async ({ req }, next) => {
  const length = req.path.length + req.raw.url.length - pathOf(req.raw.url).length;
  if (length > MAX_URL_LENGTH) {
    throw new Problem('url-too-long', `The URL has ${length} characters; the maximum is ${MAX_URL_LENGTH}.`);
  }
  await next();
};
