import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type * as z from 'zod';
import { ROUTES, type OperationId, type Route, type RouteAccess } from '../contract';
import type { HttpApiContext, HttpApiEnvironment, HttpApiOptions } from './http-api-options';
import { requireClaims } from './key-scope';
import { requireDistributionKey, requireSignedLink } from './links/access';
import { crossOrigin, identifying, limitUrlLength, reporting } from './middleware';
import type { health } from './openapi/schemas';
import { servedDocument } from './openapi/served-document';
import { Problem, problemResponse } from './problems/problem';
import { problemOf } from './problems/problem-of';
import { pathOf } from './request-keys';
import { readHandlers } from './routes/read-handlers';
import type { RouteHandlers } from './routes/route-handlers';
import { writeHandlers } from './routes/write-handlers';

/**
 * Creates the HTTP API of a pipeline as a Hono app without a server. The app serves Lambda functions, containers and the
 * local studio.
 *
 * - `GET /thumbnails/{name}/{key}`, `GET /thumbnails/{name}?key={key}`: a thumbnail, rendered if it is missing; not with
 *   `reading: false`
 * - `GET /images/{key}`, `GET /images?key={key}`: the manifest of an image; not with `reading: false`
 * - `POST /uploads`, `DELETE /images/{key}`, `DELETE /images?key={key}`: only with `writing`
 * - `GET /health`: liveness; `GET /openapi.json`: the OpenAPI document
 *
 * Every error is a problem document (RFC 9457).
 */
export function createHttpApi(options: HttpApiOptions): Hono<HttpApiEnvironment> {
  const { corsOrigins = [], reading = true, writing } = options;
  const app = new Hono<HttpApiEnvironment>({
    // Hono decodes parts of the path before routing. Keys require the path as it was sent.
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
  // Load balancers and containers check the health without the key.
  const entry = (id: string): MiddlewareHandler<HttpApiEnvironment>[] =>
    options.onlyThroughDistribution && id !== 'getHealth'
      ? [requireDistributionKey(options.stored?.keys, { isRequired: true })]
      : [];
  for (const [id, { path, methods, access }] of Object.entries<Route>(ROUTES)) {
    const handler = handlers[id as OperationId];
    if (handler) {
      // Hono serves HEAD with the handler of GET.
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

/** Returns middleware that checks each kind of access. */
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
    // The handler checks the signed policy inside the form.
    form: [],
    none: [],
  };
}

function infoHandlers({ version, reading = true, writing }: HttpApiOptions): RouteHandlers {
  return {
    getHealth: (context) => {
      const body: z.infer<typeof health> = { status: 'ok', version };
      return context.json(body, 200, { 'Cache-Control': 'no-store' });
    },
    getOpenApiDocument: (context) =>
      context.json(servedDocument({ version, reading, writing: writing !== undefined }), 200, {
        'Cache-Control': 'no-cache',
      }),
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

/** Converts a path template of API Gateway into a pattern of Hono. */
function honoPath(path: string): string {
  return path.replace(/\{(\w+)\+\}/g, ':$1{.+}').replace(/\{(\w+)\}/g, ':$1');
}
