import { Hono, type Context } from 'hono';
import {
  equalInConstantTime,
  identifying,
  pathOf,
  Problem,
  problemOf,
  problemResponse,
  readBody,
  type HttpApiEnvironment,
} from '../runtime/http';
import { EventError } from '../runtime/pipeline';
import { withCorrelationId } from '../runtime/program/correlation';
import { PROMETHEUS_CONTENT_TYPE } from './prometheus-metrics';

/** Options of {@link createServiceApp}. */
export interface ServiceAppOptions {
  /** HTTP API for images and thumbnails; undefined in the service mode `worker`. */
  readonly api: Hono<HttpApiEnvironment> | undefined;
  readonly version: string;
  /** Resolves if the service is ready. Otherwise, rejects with the cause. */
  readonly checkReady: () => Promise<void>;
  /** Receiver of `POST /events`; undefined for triggers other than `http`. */
  readonly events: EventReceiver | undefined;
  /** Callback for each rejected or failed `POST /events`. @default - no callback */
  readonly onEventRejected?: (problem: Problem) => void;
  /** Returns metrics in the text format of Prometheus. @default - no route for metrics */
  readonly metrics?: (() => string) | undefined;
  /** Whether the service is shutting down. */
  readonly isStopping: () => boolean;
}

/** Receiver of events that arrive by HTTP. */
export interface EventReceiver {
  /** Bearer token that a request must send. */
  readonly token: string;
  /**
   * Accepts the changed objects of an event and returns their number.
   *
   * @param headers headers of the request, with names in lower case
   *
   * @throws EventError if the body is not a supported event
   * @throws Problem with code `too-many-requests` if too many keys are queued
   */
  readonly receive: (headers: Readonly<Record<string, string>>, body: string) => number;
}

/** Maximum size of an event in bytes. The value exceeds the maximum message sizes of SQS, SNS and EventBridge. */
const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Creates the HTTP application of the service: the HTTP API and the routes for operation.
 *
 * - `GET /health`: 200 while the process runs
 * - `GET /ready`: 200 if the service can process requests and keys, else 503
 * - `GET /metrics`: metrics in the text format of Prometheus, with `METRICS=prometheus`
 * - `POST /events`: notifications of changed source objects by S3, S3-compatible stores or EventBridge, and CloudEvents
 * - `OPTIONS /events`: handshake of the CloudEvents webhook specification, which Azure Event Grid requires
 */
export function createServiceApp(options: ServiceAppOptions): Hono<HttpApiEnvironment> {
  const { api, events, metrics, version, checkReady, isStopping } = options;
  const app = new Hono<HttpApiEnvironment>({
    getPath: (request, context) => context?.env?.path ?? pathOf(request.url),
  });
  app.use(async (context, next) => {
    await next();
    if (isStopping()) {
      // The server closes this connection. The header prevents further requests of the client on the connection.
      context.res.headers.set('Connection', 'close');
    }
  });

  const identify = identifying({ correlate: withCorrelationId });
  app.use('/ready', identify);
  app.use('/events', identify);
  app.get('/ready', async (context) => {
    if (isStopping()) {
      throw new Problem('shutting-down', 'the service is shutting down');
    }
    try {
      await checkReady();
    } catch (error) {
      // The cause can contain bucket names and paths. Clients must not receive these values.
      throw new Problem('storage-unavailable', 'the service is not ready; its log contains the reason', {
        cause: error,
      });
    }
    return context.json({ status: 'ready', version }, 200, { 'Cache-Control': 'no-store' });
  });
  rejectOtherMethods(app, '/ready', 'GET, HEAD');
  if (metrics) {
    app.get('/metrics', (context) =>
      context.body(metrics(), 200, { 'Content-Type': PROMETHEUS_CONTENT_TYPE, 'Cache-Control': 'no-store' }),
    );
    rejectOtherMethods(app, '/metrics', 'GET, HEAD');
  }
  if (events) {
    app.post('/events', async (context) => {
      try {
        authorize(context, events.token);
        const body = await readBody(context.req.raw, MAX_EVENT_BYTES);
        return context.json({ keys: events.receive(context.req.header(), body.toString()) }, 202);
      } catch (error) {
        const problem = problemOfEvent(error);
        options.onEventRejected?.(problem);
        return problemResponse(problem, context.req.path);
      }
    });
    app.options('/events', (context) => {
      const origin = context.req.header('webhook-request-origin');
      return context.body(null, 200, {
        Allow: 'POST',
        ...(origin !== undefined && { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': '*' }),
      });
    });
    rejectOtherMethods(app, '/events', 'POST, OPTIONS');
  }
  if (api) {
    app.all('*', (context) => api.fetch(context.req.raw, context.env));
  } else {
    app.get('/health', (context) => context.json({ status: 'ok', version }, 200, { 'Cache-Control': 'no-store' }));
    rejectOtherMethods(app, '/health', 'GET, HEAD');
  }
  app.notFound((context) => {
    const problem = new Problem('route-not-found', 'a service with SERVICE_MODE=worker serves no images');
    return problemResponse(problem, context.req.path);
  });
  app.onError((error, context) => {
    return problemResponse(problemOf(error), context.req.path);
  });
  return app;
}

function rejectOtherMethods(app: Hono<HttpApiEnvironment>, path: string, allowed: string): void {
  app.all(path, ({ req }) => {
    const detail = `${req.method} is not supported by ${path}; expected ${allowed}`;
    throw new Problem('method-not-allowed', detail, { headers: { Allow: allowed } });
  });
}

function problemOfEvent(error: unknown): Problem {
  return error instanceof EventError ? new Problem('invalid-event', error.message) : problemOf(error);
}

/**
 * Compares the bearer token of a request with the expected token.
 *
 * @throws Problem with code `unauthorized` if the bearer token is missing or wrong
 */
function authorize(context: Context, token: string): void {
  const [, sent = ''] = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
  if (!equalInConstantTime(sent, token)) {
    throw new Problem(
      'unauthorized',
      'expected the header "Authorization: Bearer TOKEN" with the EVENTS_TOKEN of the service',
      {
        headers: { 'WWW-Authenticate': 'Bearer' },
      },
    );
  }
}
