import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { HttpApiContext, HttpApiEnvironment, HttpApiOptions } from './http-api-options';
import { Problem } from './problems/problem';
import { pathOf } from './request-keys';
import { Timings } from './timings';

/**
 * Headers of every response. These headers prevent browsers from rendering responses as documents, and permit pages of any
 * origin to embed thumbnails.
 */
const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
} as const;
/** Header with the id of a request, in requests of proxies and in every response. */
const REQUEST_ID = 'X-Request-Id';
/**
 * Pattern of accepted request ids: ids of proxies and the root of an AWS trace id. Other values could forge log lines.
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
/** Maximum length of a URL in characters: more than a percent-encoded key of 1024 bytes and a signature. */
const MAX_URL_LENGTH = 8192;

/** Passes the id of each request to `correlate`, and adds the id to the response. */
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

/** Sets the headers of every response, and passes each response to `report`. */
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

/** Returns the id of a request: the id from the gateway, from a proxy or from the trace. Otherwise creates an id. */
function requestIdOf({ env, req }: HttpApiContext): string {
  // Undefined for requests without bindings, as in tests.
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

/** Allows cross-origin requests from the given origins. */
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

/** Rejects requests whose URL is too long. */
export const limitUrlLength: MiddlewareHandler<HttpApiEnvironment> = async ({ req }, next) => {
  const length = req.path.length + req.raw.url.length - pathOf(req.raw.url).length;
  if (length > MAX_URL_LENGTH) {
    throw new Problem('url-too-long', `The URL has ${length} characters; the maximum is ${MAX_URL_LENGTH}.`);
  }
  await next();
};
