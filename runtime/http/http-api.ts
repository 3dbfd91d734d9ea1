import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import type * as z from 'zod';
import { STORED_PATH } from '../contract';
import type { HttpApiEnvironment, HttpApiOptions, WritingOptions } from './http-api-options';
import { decodeKey, keyOfQuery, pathOf } from './keys';
import { basePathOf, guard } from './links/access';
import { openApiDocument } from './openapi';
import { Problem, problemResponse } from './problems/problem';
import { problemOf } from './problems/problem-of';
import { Images } from './routes/images';
import { renderOnce, throwIfNotServed } from './routes/render-once';
import { guardDistribution, readStoredKey, requestInFormat } from './routes/stored';
import { Thumbnails } from './routes/thumbnails';
import type { health } from './schemas';
import { Timings } from './timings';
import { FORM_OVERHEAD_BYTES, FORM_PATH } from './uploads/form-uploads';
import { uploadFormFor } from './uploads/uploads';

/** On every answer: nothing here is a page, and pages anywhere may show the pictures. */
const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
} as const;
/** What pages of other origins may read besides what they always may. */
const EXPOSED_HEADERS = ['ETag', 'Location', 'Retry-After', 'Content-Disposition', 'Server-Timing', 'Problem-Code'];
/** Seconds in which a browser need not ask again whether it may. */
const PREFLIGHT_SECONDS = 7200;
/** Characters of the longest URL: more than a key of 1024 bytes, all of them encoded, and a signature need. */
const MAX_URL = 8192;
/** More than a request to upload needs. */
const MAX_UPLOAD_REQUEST_BYTES = 16 * 1024;

const READ = 'GET, HEAD';

/**
 * The web face of the pipeline, without a server of its own: the same app answers in Lambda, in a container and locally.
 *
 * - `GET /thumbnails/{name}/{key}` or `GET /thumbnails/{name}?key={key}`: a thumbnail, made on the spot if need be
 * - `GET /images/{key}` or `GET /images?key={key}`: the manifest of an image, or that it is not made yet
 * - `POST /uploads`, `DELETE /images/{key}` and `DELETE /images?key={key}`: where writing is allowed
 * - `GET /health`: whether the program answers; `GET /openapi.json`: all of this for programs
 *
 * Every failure is a problem document.
 */
export function createHttpApi(options: HttpApiOptions): Hono<HttpApiEnvironment> {
  // Hono's own way decodes a part of the path before routing; keys need every byte as it was sent.
  const app = new Hono<HttpApiEnvironment>({
    getPath: (request, context) => context?.env?.path ?? pathOf(request.url),
  });
  const answerProblem = (problem: Problem, context: Context<HttpApiEnvironment>): Response => {
    context.set('problem', problem);
    return problemResponse(problem, context.req.path);
  };

  onEveryAnswer(app, options);
  const allowed = new Map<string, string>();
  addReading(app, options, allowed);
  if (options.writing) {
    addWriting(app, options, options.writing, allowed);
  }
  addAbout(app, options, allowed);
  for (const [path, methods] of allowed) {
    app.all(path, (context) => {
      const detail = `${context.req.method} is not among the methods of this path: ${methods}`;
      throw new Problem('method-not-allowed', detail, { headers: { Allow: methods } });
    });
  }
  app.notFound((context) => {
    const paths = `/thumbnails/{name}/{key}, /images/{key}, ${options.writing ? '/uploads, ' : ''}/health and /openapi.json`;
    return answerProblem(new Problem('route-not-found', `there is nothing at this path; there are ${paths}`), context);
  });
  app.onError((error, context) => answerProblem(problemOf(error), context));
  return app;
}

function onEveryAnswer(app: Hono<HttpApiEnvironment>, { report, corsOrigins = [], writing }: HttpApiOptions): void {
  app.use(async (context, next) => {
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
      ...(problem && { code: problem.code, error: problem.cause instanceof Error ? problem.cause : problem }),
    });
  });
  if (corsOrigins.length > 0) {
    app.use(
      cors({
        origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
        allowMethods: ['GET', 'HEAD', ...(writing ? ['POST', 'DELETE'] : [])],
        allowHeaders: ['Content-Type', 'Prefer', 'If-None-Match'],
        exposeHeaders: EXPOSED_HEADERS,
        maxAge: PREFLIGHT_SECONDS,
      }),
    );
  }
  app.use(async ({ req }, next) => {
    if (req.path.length + req.raw.url.length - pathOf(req.raw.url).length > MAX_URL) {
      throw new Problem('url-too-long', `the URL has more than ${MAX_URL} characters`);
    }
    await next();
  });
}

function addReading(app: Hono<HttpApiEnvironment>, options: HttpApiOptions, allowed: Map<string, string>): void {
  const make = renderOnce(options.reconcile);
  const thumbnails = new Thumbnails(options, make);
  const images = new Images(options, make);
  const read = guard(options.readLinks);

  const thumbnail = async (
    context: Context<HttpApiEnvironment>,
    name: string,
    key: string,
    request = context.req.raw,
  ): Promise<Response> => {
    const asked = { request, name, key, timings: context.get('timings') };
    try {
      return await thumbnails.answer(asked);
    } catch (error) {
      const problem = problemOf(error);
      context.set('problem', problem);
      const fallback = await thumbnails.fallback(asked, problem);
      if (fallback) {
        return fallback;
      }
      throw problem;
    }
  };
  const image = (context: Context<HttpApiEnvironment>, key: string): Promise<Response> => {
    const link = context.get('link');
    const toUrl = (path: string): Promise<string> | string => {
      const target = basePathOf(context) + path;
      // Who may read this may read the thumbnails, and for as long.
      return link && options.readLinks ? options.readLinks.sign(target, link) : target;
    };
    return images.answer({ request: context.req.raw, key, timings: context.get('timings'), toUrl });
  };

  app.get('/thumbnails/:name', read, (context) =>
    thumbnail(context, context.req.param('name'), keyOfQuery(context.req.url)),
  );
  app.get('/thumbnails/:name/:key{.+}', read, (context) =>
    thumbnail(context, context.req.param('name'), decodeKey(rest(context.req.path, 2))),
  );
  const { stored } = options;
  if (stored) {
    const path = `${STORED_PATH}/:key{.+}`;
    app.get(path, guardDistribution(stored.keys), (context) => {
      const { name, key, format } = readStoredKey(
        decodeKey(rest(context.req.path, 1)),
        stored.prefix,
        options.thumbnails,
      );
      return thumbnail(context, name, key, requestInFormat(context.req.raw, format));
    });
    allowed.set(path, READ);
  }
  app.get('/images', read, (context) => image(context, keyOfQuery(context.req.url)));
  app.get('/images/:key{.+}', read, (context) => image(context, decodeKey(rest(context.req.path, 1))));
  for (const path of ['/thumbnails/:name', '/thumbnails/:name/:key{.+}', '/images', '/images/:key{.+}']) {
    allowed.set(path, READ);
  }
}

function addWriting(
  app: Hono<HttpApiEnvironment>,
  { pipeline, source }: HttpApiOptions,
  writing: WritingOptions,
  allowed: Map<string, string>,
): void {
  const write = guard(writing.links);
  const tooLarge = (): never => {
    throw new Problem('file-too-large', 'the request has more bytes than are read');
  };
  const remove = async (context: Context<HttpApiEnvironment>, key: string): Promise<Response> => {
    throwIfNotServed(pipeline, key);
    await source.delete([key]);
    writing.changed?.(key);
    return context.body(null, 204);
  };

  app.post('/uploads', write, bodyLimit({ maxSize: MAX_UPLOAD_REQUEST_BYTES, onError: tooLarge }), async (context) => {
    const { url } = context.req.raw;
    const answer = await uploadFormFor(writing, pipeline, {
      body: await jsonOf(context.req.raw),
      url,
      origin: new URL(url).origin + basePathOf(context),
    });
    return context.json(answer, 201, { 'Cache-Control': 'no-store' });
  });
  const { take } = writing;
  if (take) {
    const maxSize = writing.uploads.maxSizeBytes + FORM_OVERHEAD_BYTES;
    // The form is what gives leave, as with a presigned POST.
    app.post(FORM_PATH, bodyLimit({ maxSize, onError: tooLarge }), async (context) => {
      await take(await formOf(context.req.raw));
      return context.body(null, 204);
    });
    allowed.set(FORM_PATH, 'POST');
  }
  app.delete('/images', write, (context) => remove(context, keyOfQuery(context.req.url)));
  app.delete('/images/:key{.+}', write, (context) => remove(context, decodeKey(rest(context.req.path, 1))));
  allowed.set('/uploads', 'POST');
  allowed.set('/images', `${READ}, DELETE`).set('/images/:key{.+}', `${READ}, DELETE`);
}

function addAbout(
  app: Hono<HttpApiEnvironment>,
  { version, writing }: HttpApiOptions,
  allowed: Map<string, string>,
): void {
  let description: string | undefined;
  app.get('/health', (context) => {
    const body: z.infer<typeof health> = { status: 'ok', version };
    return context.json(body, 200, { 'Cache-Control': 'no-store' });
  });
  app.get('/openapi.json', (context) => {
    description ??= JSON.stringify(openApiDocument({ version, writing: writing !== undefined }));
    return context.body(description, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' });
  });
  allowed.set('/health', READ).set('/openapi.json', READ);
}

async function jsonOf(request: Request): Promise<unknown> {
  const text = await request.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('invalid-upload', 'the body is not JSON', { cause: error });
  }
}

async function formOf(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch (error) {
    throw new Problem('invalid-upload-form', 'the body is no multipart/form-data', { cause: error });
  }
}

/** What follows the first segments of a path, still encoded. */
function rest(path: string, segments: number): string {
  return path
    .split('/')
    .slice(segments + 1)
    .join('/');
}
