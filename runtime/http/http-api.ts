import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type * as v from 'valibot';
import { ROUTES, type OperationId, type Route, type RouteAccess } from '../contract';
import type { HttpApiContext, HttpApiEnvironment, HttpApiOptions } from './http-api-options';
import { requireClaims } from './key-scope';
import { requireDistributionKey, requireSignedLink } from './links/access';
import { crossOrigin, identifying, limitUrlLength, reporting } from './middleware';
import type { health } from './openapi/schemas';
import type * as served from './openapi/served-document';
import { Problem, problemResponse } from './problems/problem';
import { problemOf } from './problems/problem-of';
import { pathOf } from './request-keys';
import { readHandlers } from './routes/read-handlers';
import type { RouteHandlers } from './routes/route-handlers';
import { writeHandlers } from './routes/write-handlers';

/**
 * Loads the OpenAPI document on demand. This is not an `import()`, whose path would require an extension for the bundler only.
 */
declare function require(path: './openapi/served-document'): typeof served;

/**
 * Creates the HTTP API of a pipeline as a Hono app without a server. Lambda functions, containers and the local studio use the
 * app.
 *
 * Routes for reading, which `reading: false` disables:
 * - `GET /thumbnails/{name}/{key}` and `GET /thumbnails/{name}?key={key}` return a thumbnail. The API first renders a missing
 *   thumbnail.
 * - `GET /images/{key}` and `GET /images?key={key}` return the manifest of an image.
 *
 * Routes for writing, which require the option `writing`:
 * - `POST /uploads` creates an upload form.
 * - `DELETE /images/{key}` and `DELETE /images?key={key}` delete a source.
 *
 * Other routes:
 * - `GET /health` returns the status of the service.
 * - `GET /openapi.json` returns the OpenAPI document.
 *
 * Every error is a problem document (RFC 9457).
 */
export function createHttpApi(options: HttpApiOptions): Hono<HttpApiEnvironment> {
  const { corsOrigins = [], reading = true, writing } = options;
  const app = new Hono<HttpApiEnvironment>({
    // Routes the path as the client sent it. Hono would decode parts of it, so that keys could not be decoded correctly.
    getPath: (request, context) => context?.env?.path ?? pathOf(request.url),
  });
  app.use(identifying(options), reporting(options));
  if (corsOrigins.length > 0) {
    app.use(crossOrigin(corsOrigins, { writing: writing !== undefined }));
  }
  app.use(methodNotAllowed({ app, onMethodNotAllowed }), limitUrlLength);

  const handlers = {
    ...(reading && readHandlers(options)),
    ...(writing && writeHandlers(options, writing)),
    ...infoHandlers(options),
  };
  const guards = guardsOf(options);
  // `/health` is exempt, because health checks of load balancers and containers do not send the key of the distribution.
  const entry = (id: string): MiddlewareHandler<HttpApiEnvironment>[] =>
    options.onlyThroughDistribution && id !== 'getHealth'
      ? [requireDistributionKey(options.stored?.keys, { isRequired: true })]
      : [];
  for (const [id, { path, methods, access }] of Object.entries<Route>(ROUTES)) {
    const handler = handlers[id as OperationId];
    if (handler) {
      // Hono responds to HEAD requests with the handler of GET.
      app.on(
        methods.filter((method) => method !== 'HEAD'),
        [honoPath(path)],
        ...entry(id),
        ...guards[access],
        handler,
      );
    }
  }
  app.notFound((context) => {
    const paths = [
      ...(reading ? ['/thumbnails/{name}/{key}'] : []),
      '/images/{key}',
      ...(writing ? ['/uploads'] : []),
      '/health',
      '/openapi.json',
    ];
    return respondWith(new Problem('route-not-found', `The path does not exist. Paths: ${paths.join(', ')}.`), context);
  });
  app.onError((error, context) => respondWith(problemOf(error), context));
  return app;
}

/** Returns the middleware for each kind of access. The middleware rejects requests without access. */
function guardsOf({
  readLinks,
  readScope,
  writing,
  stored,
}: HttpApiOptions): Readonly<Record<RouteAccess, readonly MiddlewareHandler<HttpApiEnvironment>[]>> {
  return {
    read: [requireSignedLink(readLinks), requireClaims(readScope)],
    write: [requireSignedLink(writing?.links), requireClaims(writing?.scope)],
    distribution: [requireDistributionKey(stored?.keys)],
    // The handler checks the signed policy in the form.
    form: [],
    none: [],
  };
}

function infoHandlers({ version, reading = true, writing }: HttpApiOptions): RouteHandlers {
  return {
    getHealth: (context) => {
      const body: v.InferOutput<typeof health> = { status: 'ok', version };
      return context.json(body, 200, { 'Cache-Control': 'no-store' });
    },
    getOpenApiDocument: (context) => {
      const { servedDocument } = require('./openapi/served-document');
      const document = servedDocument({ version, reading, writing: writing !== undefined });
      return context.json(document, 200, { 'Cache-Control': 'no-cache' });
    },
  };
}

function onMethodNotAllowed(context: Context<HttpApiEnvironment>, methods: string[]): Response {
  const allowed = methods.join(', ');
  const detail = `Received method ${context.req.method}; allowed methods: ${allowed}.`;
  return respondWith(new Problem('method-not-allowed', detail, { headers: { Allow: allowed } }), context);
}

function respondWith(problem: Problem, context: HttpApiContext): Response {
  context.set('problem', problem);
  return problemResponse(problem, context.req.path);
}

/** Converts a path template of API Gateway to a path pattern of Hono. */
function honoPath(path: string): string {
  return path.replace(/\{(\w+)\+\}/g, ':$1{.+}').replace(/\{(\w+)\}/g, ':$1');
}
