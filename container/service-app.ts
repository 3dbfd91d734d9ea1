import { Hono, type Context } from 'hono';
import {
  equalInConstantTime,
  pathOf,
  Problem,
  problemOf,
  problemResponse,
  readBody,
  type HttpApiEnvironment,
} from '../runtime/http';
import { EventError } from '../runtime/pipeline';

/** What the container answers by. */
export interface ServiceAppOptions {
  /** What serves thumbnails; undefined where the service only makes them. */
  readonly api: Hono<HttpApiEnvironment> | undefined;
  readonly version: string;
  /** Resolves when the service can do its work. */
  readonly ready: () => Promise<void>;
  /** Takes events; undefined where changes are heard of in another way. */
  readonly events: EventsOptions | undefined;
  /** Whether the process is about to end. */
  readonly isStopping: () => boolean;
}

/** Who may tell of changes, and to whom. */
export interface EventsOptions {
  /** What a caller has to show. */
  readonly token: string;
  /**
   * Takes a message of a store, and tells how many keys it names.
   *
   * @throws EventError
   * @throws Problem `too-many-requests`
   */
  readonly take: (body: string) => number;
}

/** More than SQS, SNS, EventBridge and any store put into one message. */
const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * What the container answers: the API, and what those ask for that run containers.
 *
 * - `GET /health`: the process is alive
 * - `GET /ready`: it can do its work now; 503 when it cannot
 * - `POST /events`: changes in the source store, as S3, MinIO and EventBridge tell of them
 */
export function createServiceApp(options: ServiceAppOptions): Hono<HttpApiEnvironment> {
  const { api, events, version, ready, isStopping } = options;
  const app = new Hono<HttpApiEnvironment>({
    getPath: (request, context) => context?.env?.path ?? pathOf(request.url),
  });
  app.use(async (context, next) => {
    await next();
    if (isStopping()) {
      // Else a client would send its next request to a process that is gone by then.
      context.res.headers.set('Connection', 'close');
    }
  });

  app.get('/ready', async (context) => {
    if (isStopping()) {
      throw new Problem('shutting-down', 'this process is about to end');
    }
    try {
      await ready();
    } catch (error) {
      throw new Problem('storage-unavailable', 'the service cannot do its work now; its log says why', {
        cause: error,
      });
    }
    return context.json({ status: 'ready', version }, 200, { 'Cache-Control': 'no-store' });
  });
  only(app, '/ready', 'GET, HEAD');
  if (events) {
    app.post('/events', async (context) => {
      authorize(context, events.token);
      const body = await readBody(context.req.raw, MAX_EVENT_BYTES);
      return context.json({ keys: events.take(body.toString()) }, 202);
    });
    only(app, '/events', 'POST');
  }
  if (api) {
    app.all('*', (context) => api.fetch(context.req.raw, context.env));
  } else {
    app.get('/health', (context) => context.json({ status: 'ok', version }, 200, { 'Cache-Control': 'no-store' }));
    only(app, '/health', 'GET, HEAD');
  }
  app.notFound((context) => {
    const problem = new Problem('route-not-found', 'this process makes thumbnails and serves none; there is /health');
    return problemResponse(problem, context.req.path);
  });
  app.onError((error, context) => {
    const problem = error instanceof EventError ? new Problem('invalid-event', error.message) : problemOf(error);
    return problemResponse(problem, context.req.path);
  });
  return app;
}

/** Answers the methods that a path does not take. */
function only(app: Hono<HttpApiEnvironment>, path: string, methods: string): void {
  app.all(path, (context) => {
    const detail = `${context.req.method} is not among the methods of this path: ${methods}`;
    throw new Problem('method-not-allowed', detail, { headers: { Allow: methods } });
  });
}

/** @throws Problem `unauthorized` */
function authorize(context: Context, token: string): void {
  const [, shown = ''] = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
  if (!equalInConstantTime(shown, token)) {
    throw new Problem('unauthorized', 'events are taken with the header Authorization: Bearer and the EVENTS_TOKEN', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
  }
}
