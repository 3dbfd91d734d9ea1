import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Settings } from '../../contract';
import { decodeKey, imageUrl, pathOf, Problem, problemResponse, type AppEnvironment } from '../../http';
import type { Pipeline } from '../../pipeline';
import type { Store } from '../../store';
import { galleryPage } from './gallery';

/** What the local app works with. */
export interface LocalAppOptions {
  /** The app of a deployment. */
  readonly deployed: Hono<AppEnvironment>;
  readonly settings: Settings;
  readonly pipeline: Pick<Pipeline, 'serves' | 'manifest'>;
  /** The store that stands for the source bucket. */
  readonly source: Store;
  /** Told of a key whose source was written or removed here. */
  readonly changed: (key: string) => void;
}

/**
 * The app of a deployment, and what the own machine has besides: uploads and deletion without signatures, and a page that
 * shows what is there. Whoever can reach it can use it, which is why it listens on 127.0.0.1.
 */
export function createLocalApp(options: LocalAppOptions): Hono<AppEnvironment> {
  const { deployed, settings, pipeline, source } = options;
  const app = new Hono<AppEnvironment>({ getPath: (request, context) => context?.env?.path ?? pathOf(request.url) });

  const served = (path: string): string => {
    const key = decodeKey(path.slice('/images/'.length));
    if (!pipeline.serves(key)) {
      const { prefix, suffixes } = settings.source;
      const rules = [prefix && `begins with ${prefix}`, suffixes.length > 0 && `ends with ${suffixes.join(' or ')}`];
      throw new Problem(
        'not-served',
        `no thumbnails are made of this key: it ${rules.filter(Boolean).join(' and ') || 'cannot be one'}`,
      );
    }
    return key;
  };

  const limit = bodyLimit({
    maxSize: settings.limits.maxBytes,
    onError: (context) => {
      const problem = new Problem('too-many-bytes', `an image has at most ${settings.limits.maxBytes} bytes`);
      return problemResponse(problem, context.req.path);
    },
  });
  app.put('/images/:key{.+}', limit, async (context) => {
    const key = served(context.req.path);
    const body = Buffer.from(await context.req.arrayBuffer());
    const focalPoint = context.req.header('x-amz-meta-focal-point');
    const { etag } = await source.put(key, body, {
      contentType: context.req.header('content-type') ?? 'application/octet-stream',
      ...(focalPoint !== undefined && { metadata: { 'focal-point': focalPoint } }),
    });
    options.changed(key);
    return context.json({ key, etag, bytes: body.length, url: imageUrl(key) }, 201, { Location: imageUrl(key) });
  });
  app.delete('/images/:key{.+}', async (context) => {
    const key = served(context.req.path);
    await source.delete([key]);
    options.changed(key);
    return context.body(null, 204);
  });
  app.get('/', (context) => galleryPage(context, options));
  app.all('*', (context) => deployed.fetch(context.req.raw, context.env));
  app.onError((error, context) => {
    if (error instanceof Problem) {
      return problemResponse(error, context.req.path);
    }
    throw error;
  });
  return app;
}
