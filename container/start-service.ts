import { setTimeout as delay } from 'node:timers/promises';
import type { Hono } from 'hono';
import type { HttpSettings } from '../runtime/config/http-settings';
import type { ServiceProcessSettings } from '../runtime/config/service-settings';
import { ALLOCATOR_VARIABLES, EVENT_VARIABLES, HTTP_VARIABLES, SERVICE_VARIABLES } from '../runtime/contract';
import { createHttpApi, type HttpApiEnvironment, type Problem, type ResponseReport } from '../runtime/http';
import { sharedReads, type Reconcile } from '../runtime/pipeline';
import { analysisRetriesOf } from '../runtime/program/analysis-retries';
import type { Program } from '../runtime/program/assemble';
import { withCorrelationId } from '../runtime/program/correlation';
import type { EventProgram } from '../runtime/program/event-program';
import { httpApiOptionsOf } from '../runtime/program/http-program';
import { forwardingOf, type WithForwarding } from '../runtime/program/queue/forwarding';
import { listen } from '../runtime/program/server';
import { VERSION } from '../runtime/program/version';
import { boundedForRequests, inWorkerProcesses, repeatedAfterLoss } from './on-demand';
import { openTrigger, type OpenTrigger, type TriggerLog } from './open-trigger';
import type { ServiceGauges } from './prometheus-metrics';
import { Readiness } from './readiness';
import { createServiceApp } from './service-app';
import { WorkerPool, type WorkerPoolLog } from './workers/worker-pool';

/** Callbacks for the events of a service. */
export interface ServiceLog extends WorkerPoolLog {
  readonly trigger: TriggerLog;
  /** Returns a function that reconciles and logs each outcome. */
  watch(reconcile: Reconcile): Reconcile;
  /** Called after each response of the HTTP API. @default - no callback */
  readonly responded?: (report: ResponseReport) => void;
  /** Called after the service rejects a request to `POST /events`, or after the request fails. */
  eventRejected(problem: Problem): void;
  /** Called after the readiness of the service has changed. `error` is undefined if the service is ready. */
  readinessChanged(error?: unknown): void;
}

/** Options of {@link startService}. */
export interface ServiceOptions {
  readonly program: Program;
  /** Functions that publish events of the pipeline. @default - no events */
  readonly events?: EventProgram;
  readonly settings: Pick<ServiceProcessSettings, 'http' | 'service'>;
  /** Path of the script that the worker processes run. */
  readonly workerScript: string;
  /** Environment variables for the worker processes. The service does not pass secrets to worker processes. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: ServiceLog;
  /** Returns the body of `GET /metrics`. @default - no route for metrics */
  readonly metrics?: ((gauges: ServiceGauges) => string) | undefined;
  /**
   * Called when the service cannot start any worker process. The callback should end the process, so that other processes
   * receive its messages.
   */
  readonly onExhausted: (error: Error) => void;
  /** Function that wraps the HTTP API, for example to add routes. @default - no wrapper */
  readonly wrapApi?: (api: Hono<HttpApiEnvironment>) => Hono<HttpApiEnvironment>;
}

/** A running service. */
export interface Service {
  /** Base URL of the service, without a trailing slash. */
  readonly url: string;
  /** Returns the process ids of the current worker processes. */
  readonly workerPids: () => readonly number[];
  /**
   * Stops the service. The service accepts no further work. Within the stop timeout, the service completes its work or returns
   * the work to the queue. Resolves when all processes have ended.
   */
  stop(): Promise<void>;
}

const NO_EVENTS: EventProgram = { forMessages: (reconcile) => reconcile, forRequests: (reconcile) => reconcile };
/** Fraction of the stop timeout, from 0 to 1, that the service reserves for returning unfinished work. */
const STOP_MARGIN_SHARE = 0.2;
/** Maximum time in milliseconds that the service reserves for returning unfinished work. */
const MAX_STOP_MARGIN_MS = 4000;

/**
 * Starts the service of a container with a pool of worker processes. The service mode determines whether the service has the
 * HTTP API, the trigger or both.
 *
 * @throws Error if a worker process cannot be started, the trigger cannot be opened, or the port cannot be used
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { program, log, metrics, events = NO_EVENTS } = options;
  const { http, service } = options.settings;
  const withForwarding = forwardingOf(program);
  const pool = createPool(options);
  await pool.start();
  // An API that only writes sources has no permission to check the object stores.
  const onlyWrites = http?.readAccess === 'none' && !service.trigger;
  const readiness = new Readiness(onlyWrites ? [] : [program.source, program.thumbnails]);
  let isStopping = false;
  let trigger: OpenTrigger | undefined;
  try {
    trigger =
      service.trigger &&
      (await openTrigger(service.trigger, {
        program,
        service,
        reconcile: log.watch(
          withForwarding(inWorkerProcesses(program.pipeline, pool, { urgent: false }), events.forMessages),
        ),
        readiness,
        analysisRetries: analysisRetriesOf(program.settings, options.environment),
        log: log.trigger,
      }));
    const app = createServiceApp({
      api: http && createApi(options, http, { pool, trigger, withForwarding }),
      version: VERSION,
      checkReady: readinessCheck(pool, readiness, log),
      events: trigger?.events,
      onEventRejected: (problem) => log.eventRejected(problem),
      metrics:
        metrics &&
        (() => metrics({ workerProcesses: pool.size, backlog: trigger?.backlog?.() ?? pool.unfinishedJobs })),
      isStopping: () => isStopping,
    });
    const server = await listen(app, service);
    trigger?.start();
    return {
      url: server.url,
      workerPids: () => pool.pids,
      stop: async () => {
        isStopping = true;
        const stopTimeoutMs = service.stopTimeoutSeconds * 1000;
        const marginMs = Math.min(MAX_STOP_MARGIN_MS, STOP_MARGIN_SHARE * stopTimeoutMs);
        const drained = Promise.all([server.drain(), trigger?.stop()]);
        pool.stopBackgroundJobs();
        await withTimeout(drained, stopTimeoutMs - marginMs);
        // Fails the jobs that are still running. Their messages then return to the queue.
        await pool.close();
        await withTimeout(drained, marginMs / 2);
        await server.close();
      },
    };
  } catch (error) {
    await trigger?.stop();
    await pool.close();
    throw error;
  }
}

function createPool({ settings, workerScript, environment, onExhausted, log }: ServiceOptions): WorkerPool {
  const { workerProcesses, memoryLimitMiB, jobTimeoutSeconds } = settings.service;
  return new WorkerPool({
    script: workerScript,
    size: workerProcesses,
    environment: {
      ...ALLOCATOR_VARIABLES,
      ...environment,
      [SERVICE_VARIABLES.memoryLimitMiB]: String(memoryLimitMiB),
      [SERVICE_VARIABLES.eventsToken]: undefined,
      [HTTP_VARIABLES.signingKeys]: undefined,
      [EVENT_VARIABLES.url]: undefined,
      [EVENT_VARIABLES.urlToken]: undefined,
    },
    jobTimeoutMs: jobTimeoutSeconds * 1000,
    memoryLimitBytes: memoryLimitMiB * 2 ** 20,
    onExhausted,
    log,
  });
}

/** Parts of the service that the HTTP API uses. */
interface ApiParts {
  readonly pool: WorkerPool;
  readonly trigger: OpenTrigger | undefined;
  readonly withForwarding: WithForwarding;
}

function createApi(
  { program, settings, log, events = NO_EVENTS, wrapApi = (api) => api }: ServiceOptions,
  http: HttpSettings,
  { pool, trigger, withForwarding }: ApiParts,
): Hono<HttpApiEnvironment> {
  const { maxQueuedRenders, maxResponseBytes } = settings.service;
  const { sendKey } = events;
  // A job can wait for a worker process. The message is sent after this wait, so that its delay exceeds the time of the job.
  const jobs = inWorkerProcesses(program.pipeline, pool, { urgent: true, beforeStart: sendKey });
  const rendered = repeatedAfterLoss(jobs, trigger?.changed);
  const reconcile = log.watch(withForwarding(rendered, sendKey ? (inner) => inner : events.forRequests));
  const api = createHttpApi({
    ...httpApiOptionsOf(program, http, { changed: trigger?.changed }),
    ...sharedReads(program),
    reconcile: boundedForRequests(reconcile, pool, maxQueuedRenders),
    version: VERSION,
    ...(maxResponseBytes !== undefined && { maxResponseBytes }),
    ...(log.responded && { report: log.responded }),
    correlate: withCorrelationId,
  });
  return wrapApi(api);
}

/** Returns a readiness check. The check writes a log line when the service becomes ready or stops being ready. */
function readinessCheck(pool: WorkerPool, readiness: Readiness, log: ServiceLog): () => Promise<void> {
  let wasReady = true;
  return async () => {
    try {
      if (pool.size === 0) {
        throw new Error('no worker process is running');
      }
      await readiness.check();
    } catch (error) {
      if (wasReady) {
        log.readinessChanged(error);
      }
      wasReady = false;
      throw error;
    }
    if (!wasReady) {
      log.readinessChanged();
    }
    wasReady = true;
  };
}

/** Resolves when the work completes or the timeout expires. */
async function withTimeout(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const cancel = new AbortController();
  await Promise.race([work, delay(timeoutMs, undefined, { signal: cancel.signal }).catch(() => undefined)]);
  cancel.abort();
}
