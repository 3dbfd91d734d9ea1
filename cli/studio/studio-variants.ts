import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { startService } from '../../container/start-service';
import { readHttpSettings } from '../../runtime/config/http-settings';
import { readMachine } from '../../runtime/config/machine';
import { readServiceSettings } from '../../runtime/config/service-settings';
import { createHttpApi, type HttpApiEnvironment } from '../../runtime/http';
import type { Program } from '../../runtime/program/assemble';
import { ChangeFollower, watchSources } from '../../runtime/program/following/change-follower';
import { httpApiOptionsOf } from '../../runtime/program/http-program';
import { listen } from '../../runtime/program/server';
import { VERSION } from '../../runtime/program/version';
import type { DirectoryObjectStore } from '../../runtime/storage';
import { limitConcurrency } from './limit-concurrency';
import { followerLog, reportOutcomes, serviceLog, type Progress } from './progress-lines';
import type { StudioOptions } from './studio-options';

/** Maximum number of queued on-demand renders per processor. The limit is equal to the limit of the container. */
const MAX_QUEUED_PER_PROCESSOR = 16;

/** A pipeline that runs on this machine. */
export interface Studio {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Stops the server and the file watcher. Resolves when all running reconciliations are complete. */
  close(): Promise<void>;
}

/** Options of {@link startInProcess} and {@link startWithWorkers}. */
export interface VariantOptions {
  readonly program: Program;
  readonly source: DirectoryObjectStore;
  readonly options: StudioOptions;
  /** Environment variables of the pipeline. {@link startWithWorkers} also reads the variables of the container. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
  /** Adds the studio to the HTTP API. */
  readonly wrapApi: (deployed: Hono<HttpApiEnvironment>) => Hono<HttpApiEnvironment>;
}

/** A running variant. */
export interface StartedVariant extends Studio {
  /** Description of the rendering processes, such as `in this process, like a Lambda function`. */
  readonly rendering: string;
}

/** Runs the pipeline in this process, like a Lambda function. */
export async function startInProcess(variant: VariantOptions): Promise<StartedVariant> {
  const { program, source, options, environment, progress, wrapApi } = variant;
  const { settings, pipeline } = program;
  const processors = availableParallelism();
  const reconcile = reportOutcomes(pipeline.reconcile, progress);
  const log = followerLog(progress);
  const follower = new ChangeFollower({
    pipeline,
    reconcile,
    concurrency: processors,
    log,
  });
  // The file watcher starts before the comparison of the directories. Otherwise, the pipeline would miss changes between the
  // comparison and the start of the watcher.
  const watch = await watchSources(follower, { store: source, directory: options.images, log });
  const deployed = createHttpApi({
    ...httpApiOptionsOf(program, readHttpSettings(environment, settings), { changed: (key) => follower.changed(key) }),
    pipeline,
    reconcile: limitConcurrency(reconcile, {
      maxRunning: processors,
      maxQueued: MAX_QUEUED_PER_PROCESSOR * processors,
    }),
    version: VERSION,
  });
  const server = await listen(wrapApi(deployed), options).catch(async (error: unknown) => {
    await watch.close();
    throw error;
  });
  follower.start();
  return {
    url: server.url,
    rendering: 'in this process, like a Lambda function',
    close: async () => {
      await Promise.all([watch.close(), server.close(), follower.close()]);
    },
  };
}

/** Runs the pipeline with worker processes, like the container. */
export async function startWithWorkers(variant: VariantOptions): Promise<StartedVariant> {
  const { program, options, environment, progress, wrapApi } = variant;
  const { http, service } = readServiceSettings(
    { ...environment, SERVICE_MODE: 'both', TRIGGER: 'directory', HOST: options.host, PORT: String(options.port) },
    readMachine(),
  );
  const started = await startService({
    program,
    settings: { http, service },
    workerScript: join(__dirname, 'worker-process.js'),
    environment,
    log: serviceLog(progress),
    // A container exits when all worker processes have stopped. The studio keeps running, because the terminal shows the error.
    onExhausted: () => undefined,
    wrapApi,
  });
  return {
    url: started.url,
    rendering: `in ${service.workerProcesses} worker processes of up to ${service.memoryLimitMiB} MiB, like the container`,
    close: () => started.stop(),
  };
}
