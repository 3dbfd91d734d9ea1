import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import * as v from 'valibot';
import type { HttpApiEnvironment } from '../../../runtime/http';
import type { Reconcile } from '../../../runtime/pipeline';
import type { ObjectStore } from '../../../runtime/storage';
import type { ImageIndex } from './image-index';
import type { LiveEvents } from './live-events';
import { keySchema, readJson, readQuery, readSource } from './requests';
import type { Trash } from './trash';

/** Options of {@link imageRoutes}. */
export interface ImageRouteOptions {
  readonly index: ImageIndex;
  readonly events: LiveEvents;
  readonly trash: Trash;
  readonly source: ObjectStore;
  readonly reconcile: Reconcile;
  /** Maximum size of a source in bytes. */
  readonly maxFileSizeBytes: number;
}

/** Interval between two comments in an event stream, in milliseconds. The comments keep the connection open. */
const HEARTBEAT_MS = 15_000;
/** Media type of a file without a stored media type, such as a file that a user has copied into the directory. */
const UNKNOWN_TYPE = 'application/octet-stream';

const listQuery = v.object({
  search: v.optional(v.string(), ''),
  status: v.optional(v.picklist(['ready', 'rejected', 'pending'])),
  offset: v.optional(v.pipe(v.string(), v.toNumber(), v.safeInteger(), v.minValue(0)), '0'),
  limit: v.optional(v.pipe(v.string(), v.toNumber(), v.safeInteger(), v.minValue(1), v.maxValue(500)), '60'),
});
const keysBody = v.strictObject({ keys: v.pipe(v.array(keySchema), v.minLength(1), v.maxLength(10_000)) });
const keyBody = v.strictObject({ key: keySchema });
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const focalPointBody = v.strictObject({
  key: keySchema,
  focalPoint: v.nullable(v.strictObject({ x: fraction, y: fraction })),
});

/** Returns the routes that list, delete, restore and change images. */
export function imageRoutes(options: ImageRouteOptions): Hono<HttpApiEnvironment> {
  const { index, events, trash, source, reconcile, maxFileSizeBytes } = options;
  const app = new Hono<HttpApiEnvironment>();
  app.get('/images', async (context) => context.json(await index.page(readQuery(context.req.raw, listQuery))));

  app.get('/events', (context) =>
    streamSSE(context, async (stream) => {
      const stop = events.listen((event) => void stream.writeSSE({ data: JSON.stringify(event) }));
      const heartbeat = setInterval(() => void stream.write(':\n\n'), HEARTBEAT_MS);
      await stream.write(':\n\n');
      await new Promise<void>((resolve) => {
        stream.onAbort(resolve);
        events.closed.addEventListener('abort', () => resolve(), { once: true });
      });
      clearInterval(heartbeat);
      stop();
    }),
  );

  /** Applies a change to each key. Responds with the keys that have changed. */
  const forEachKey = async (request: Request, change: (key: string) => Promise<boolean>): Promise<Response> => {
    const { keys } = await readJson(request, keysBody);
    const changed: string[] = [];
    for (const key of keys) {
      if (await change(key)) {
        changed.push(key);
        await index.refresh(key);
      }
    }
    return Response.json({ keys: changed });
  };
  app.post('/trash', (context) => forEachKey(context.req.raw, (key) => trash.delete(key)));
  app.post('/trash/restore', (context) => forEachKey(context.req.raw, (key) => trash.restore(key)));

  app.put('/focal-point', async (context) => {
    const { key, focalPoint } = await readJson(context.req.raw, focalPointBody);
    const { body, contentType = UNKNOWN_TYPE, metadata } = await readSource(source, key, maxFileSizeBytes);
    const others = Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== 'focal-point'));
    const point = focalPoint && { 'focal-point': `${round(focalPoint.x)},${round(focalPoint.y)}` };
    await source.put(key, body, { contentType, metadata: { ...others, ...point } });
    await reconcile(key);
    return context.body(null, 204);
  });

  app.post('/renders', async (context) => {
    const { key } = await readJson(context.req.raw, keyBody);
    const start = performance.now();
    await reconcile(key, { force: true });
    context.header('Server-Timing', `render;dur=${(performance.now() - start).toFixed(1)}`);
    return context.body(null, 204);
  });
  return app;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
