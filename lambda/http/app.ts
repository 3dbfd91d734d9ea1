import { Hono, type Context } from 'hono';
import { decodeKey, keyOfQuery, pathOf } from './keys';
import { imageAnswer } from './images';
import { maker } from './make';
import type { AppEnvironment, AppOptions } from './options';
import { Problem, problemResponse } from './problem';
import { problemOf } from './problem-of';
import { thumbnailAnswer } from './thumbnails';

/** On every answer: nothing here is a page, and pages anywhere may show the pictures. */
const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
} as const;

/**
 * The web face of the pipeline, without a server of its own: the same app answers in Lambda, in a container and locally.
 *
 * - `GET /thumbnails/{name}/{key}` or `GET /thumbnails/{name}?key={key}`: a thumbnail, made on the spot if need be
 * - `GET /images/{key}` or `GET /images?key={key}`: the manifest of an image, made on the spot if need be
 * - `GET /health`: whether the program answers
 *
 * Every failure is a problem document.
 */
export function createApp(options: AppOptions): Hono<AppEnvironment> {
  // Hono's own way decodes a part of the path before routing; keys need every byte as it was sent.
  const app = new Hono<AppEnvironment>({ getPath: (request, context) => context?.env?.path ?? pathOf(request.url) });
  const make = maker(options.pipeline);
  const answerProblem = (problem: Problem, context: Context<AppEnvironment>): Response => {
    context.set('problem', problem);
    return problemResponse(problem, context.req.path);
  };

  app.use(async (context, next) => {
    const start = performance.now();
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      context.res.headers.set(name, value);
    }
    const problem = context.get('problem');
    options.report?.({
      method: context.req.method,
      path: context.req.path,
      status: context.res.status,
      milliseconds: Math.round(performance.now() - start),
      ...(problem && { code: problem.code, error: problem.cause instanceof Error ? problem.cause : problem }),
    });
  });

  const thumbnail = (context: Context<AppEnvironment>, name: string, key: string): Promise<Response> =>
    thumbnailAnswer(options, make, context.req.raw, name, key);
  const image = (context: Context<AppEnvironment>, key: string): Promise<Response> =>
    imageAnswer(options, make, context.req.raw, key, basePathOf(context));

  app.get('/thumbnails/:name', (context) => thumbnail(context, context.req.param('name'), keyOfQuery(context.req.url)));
  app.get('/thumbnails/:name/:key{.+}', (context) =>
    thumbnail(context, context.req.param('name'), decodeKey(rest(context.req.path, 2))),
  );
  app.get('/images', (context) => image(context, keyOfQuery(context.req.url)));
  app.get('/images/:key{.+}', (context) => image(context, decodeKey(rest(context.req.path, 1))));
  app.get('/health', (context) =>
    context.json({ status: 'ok', version: options.version }, 200, { 'Cache-Control': 'no-store' }),
  );

  for (const path of ['/thumbnails/:name', '/thumbnails/:name/:key{.+}', '/images', '/images/:key{.+}', '/health']) {
    app.all(path, (context) => {
      const detail = `${context.req.method} is not among the methods of this path: GET, HEAD`;
      throw new Problem('method-not-allowed', detail, { headers: { Allow: 'GET, HEAD' } });
    });
  }
  app.notFound((context) => {
    const paths = '/thumbnails/{name}/{key}, /images/{key} and /health';
    return answerProblem(new Problem('no-such-route', `there is nothing at this path; there are ${paths}`), context);
  });
  app.onError((error, context) => answerProblem(problemOf(error), context));
  return app;
}

/** What follows the first segments of a path, still encoded. */
function rest(path: string, segments: number): string {
  return path
    .split('/')
    .slice(segments + 1)
    .join('/');
}

/** What a door says of the request; a request that comes by no door has no environment, whatever Hono's types say. */
function basePathOf(context: Context<AppEnvironment>): string {
  return (context.env as AppEnvironment['Bindings'] | undefined)?.basePath ?? '';
}
