import { setTimeout as delay } from 'node:timers/promises';
import type { Hono } from 'hono';
import type { HttpSettings } from '../runtime/config/http-settings';
import type { ServiceProcessSettings } from '../runtime/config/service-settings';
import { ALLOCATOR_VARIABLES, SERVICE_VARIABLES, HTTP_VARIABLES } from '../runtime/contract';
import { createHttpApi, type ResponseReport, type HttpApiEnvironment } from '../runtime/http';
import type { Reconcile } from '../runtime/pipeline';
import type { Program } from '../runtime/program/assemble';
import { httpApiOptionsOf } from '../runtime/program/http-program';
import { listen } from '../runtime/program/server';
import { VERSION } from '../runtime/program/version';
import { boundedForRequests, inWorkerProcesses } from './on-demand';
import { Readiness } from './readiness';
import { createServiceApp } from './service-app';
import { openWork, type WorkOptions, type WorkSource } from './triggers';
import { WorkerPool, type WorkerPoolLog } from './workers/worker-pool';

/** Hears of everything that happens in a service. */
export interface ServiceLog extends WorkerPoolLog {
  readonly work: WorkOptions['log'];
  /** Returns a function that reconciles and logs each outcome. */
  watch(reconcile: Reconcile): Reconcile;
  /** An answer of the API. */
  readonly responded?: (answer: ResponseReport) => void;
  /** The service cannot do its work, or can again. */
  ready(error: unknown): void;
}

/** What a service is made of. */
export interface ServiceOptions {
  readonly program: Program;
  readonly settings: Pick<ServiceProcessSettings, 'http' | 'service'>;
  /** Path of the program that runs in the children. */
  readonly workerScript: string;
  /** The environment that the children get, but for what is secret. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: ServiceLog;
  /** Told when no child can be started any more: the process had better end, since it holds work that others could do. */
  readonly onExhausted: (error: Error) => void;
  /** Puts something before the API. Default: nothing. */
  readonly face?: (api: Hono<HttpApiEnvironment>) => Hono<HttpApiEnvironment>;
}

/** A service that runs. */
export interface Service {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** The processes that it works with, at the moment. */
  readonly workerPids: () => readonly number[];
  /** Takes no more work, ends or gives back what it has within the stop timeout, and resolves when nothing is left. */
  stop(): Promise<void>;
}

/** Share of the stop timeout that is kept for giving work back, and its bound in milliseconds. */
const MARGIN_SHARE = 0.2;
const MAX_MARGIN = 4000;

/**
 * Runs the container's program: the API and the worker, each if its role is wanted, over children that do the work.
 *
 * @throws Error with one clear line when a child cannot be started or the port cannot be listened on
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const {
    program,
    settings: { http, service },
    log,
  } = options;
  const pool = new WorkerPool({
    script: options.workerScript,
    size: service.workerProcesses,
    environment: {
      ...ALLOCATOR_VARIABLES,
      ...options.environment,
      [SERVICE_VARIABLES.memoryLimitMiB]: String(service.memoryLimitMiB),
      [SERVICE_VARIABLES.eventsToken]: undefined,
      [HTTP_VARIABLES.signingKeys]: undefined,
    },
    jobTimeout: service.jobTimeoutSeconds * 1000,
    memoryLimit: service.memoryLimitMiB * 2 ** 20,
    onExhausted: options.onExhausted,
    log,
  });
  await pool.start();
  const readiness = new Readiness([program.source, program.thumbnails]);
  let isStopping = false;
  let work: WorkSource | undefined;
  try {
    work =
      service.trigger &&
      (await openWork(service.trigger, {
        program,
        service,
        reconcile: log.watch(inWorkerProcesses(program.pipeline, pool, { urgent: false })),
        readiness,
        log: log.work,
      }));
    const app = createServiceApp({
      api: http && apiOf(options, http, pool, work),
      version: VERSION,
      ready: readyOf(pool, readiness, log),
      events: work?.events,
      isStopping: () => isStopping,
    });
    const server = await listen(app, service);
    work?.start();
    return {
      url: server.url,
      workerPids: () => pool.pids,
      stop: async () => {
        isStopping = true;
        const whole = service.stopTimeoutSeconds * 1000;
        const margin = Math.min(MAX_MARGIN, MARGIN_SHARE * whole);
        const done = Promise.all([server.drain(), work?.stop()]);
        pool.stopBackgroundWork();
        await within(whole - margin, done);
        // What is not done by now is lost with its child, which gives it back.
        await pool.close();
        await within(margin / 2, done);
        await server.close();
      },
    };
  } catch (error) {
    await work?.stop();
    await pool.close();
    throw error;
  }
}

function apiOf(
  options: ServiceOptions,
  http: HttpSettings,
  pool: WorkerPool,
  work: WorkSource | undefined,
): Hono<HttpApiEnvironment> {
  const {
    program,
    settings: { service },
    log,
    face = (api) => api,
  } = options;
  const reconcile = log.watch(inWorkerProcesses(program.pipeline, pool, { urgent: true }));
  const api = createHttpApi({
    ...httpApiOptionsOf(program, http, { changed: work?.changed }),
    pipeline: program.pipeline,
    reconcile: boundedForRequests(reconcile, pool, service.maxQueuedRenders),
    version: VERSION,
    ...(service.maxResponseBytes !== undefined && { maxResponseBytes: service.maxResponseBytes }),
    ...(log.responded && { report: log.responded }),
  });
  return face(api);
}

/** Whether the service can do its work; the log hears when that changes. */
function readyOf(pool: WorkerPool, readiness: Readiness, log: ServiceLog): () => Promise<void> {
  let wasReady = true;
  return async () => {
    try {
      if (pool.size === 0) {
        throw new Error('no child process is there to make thumbnails');
      }
      await readiness.check();
      if (!wasReady) {
        log.ready(undefined);
      }
      wasReady = true;
    } catch (error) {
      if (wasReady) {
        log.ready(error);
      }
      wasReady = false;
      throw error;
    }
  };
}

/** Resolves when the work is done, or the time is over. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const abort = new AbortController();
  await Promise.race([work, delay(milliseconds, undefined, { signal: abort.signal }).catch(() => undefined)]);
  abort.abort();
}
