import { join } from 'node:path';
import { inWorkerProcesses } from '../../container/on-demand';
import { WorkerPool, type WorkerPoolOptions } from '../../container/workers/worker-pool';
import { readCoreSettings } from '../../runtime/config/core-settings';
import { readEventSettings } from '../../runtime/config/event-settings';
import { readMachine, readProcessMemoryMiB } from '../../runtime/config/machine';
import { readServiceSettings, type ServiceSettings } from '../../runtime/config/service-settings';
import { ALLOCATOR_VARIABLES, CORE_VARIABLES, SERVICE_VARIABLES, type CoreSettings } from '../../runtime/contract';
import { reconcileAll, type ReconcileAllReport } from '../../runtime/pipeline';
import { assemble } from '../../runtime/program/assemble';
import { eventProgramOf } from '../../runtime/program/event-program';
import { readSettingsVariables } from '../render/settings-file';
import { escapeControls, INTERRUPTED, type Terminal } from '../terminal';
import { BackfillProgress, Rate } from './backfill-progress';
import { changedSources } from './changed-sources';
import { readFilters, type FilterOptions } from './filters';

/** Options of the command `backfill` without AWS. */
export interface BackfillStoreOptions extends FilterOptions {
  /** Path of a settings file. The settings in the file override environment variables. @default - no settings file */
  readonly settings?: string;
  /** Count the sources without rendering. */
  readonly dryRun?: boolean;
  /** Print JSON records instead of text. */
  readonly json?: boolean;
}

/** Environment of the command `backfill` without AWS. */
export interface BackfillStoreContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Signal that aborts when the user interrupts the command. */
  readonly signal: AbortSignal;
  /** Path of the script that the worker processes run. @default - the script in the folder of the command bundle */
  readonly workerScript?: string;
  /** Interval between two progress records, in milliseconds. @default 1000 */
  readonly intervalMs?: number;
}

/** Maximum number of jobs per worker process: one running job and one queued job, so that the process is never idle. */
const JOBS_PER_WORKER = 2;

/**
 * Renders the missing and obsolete thumbnail sets of an object store in worker processes of this machine. Skips current
 * thumbnail sets, so that users can start an interrupted backfill again.
 *
 * @returns the exit code: 130 if the user has interrupted the command, 1 if a source has failed, else 0. Rejected
 * sources do not change the exit code.
 * @throws Error if an option or variable is invalid, or an object store is not readable
 */
export async function backfillStore(
  options: BackfillStoreOptions,
  terminal: Terminal,
  { workerScript = join(__dirname, 'worker-process.js'), intervalMs = 1000, ...context }: BackfillStoreContext,
): Promise<number> {
  const { json = false, dryRun = false } = options;
  const environment = environmentOf(options, context.environment);
  const settings = readCoreSettings(environment);
  const filters = readFilters(options, settings.sourceLocation.prefix);
  const service = readWorkerSettings(environment);
  const program = await assemble(settings, readProcessMemoryMiB(environment));
  terminal.err.write('comparing the object stores\n');
  const keys = await changedSources({ ...program, filters });
  if (dryRun) {
    terminal.out.write(
      json
        ? `${JSON.stringify({ ...locations(settings), ...filters, sources: keys.length })}\n`
        : `${described(keys)}\n`,
    );
    return 0;
  }
  const stop = new AbortController();
  let exhaustion: Error | undefined;
  const pool = createPool(service, environment, {
    script: workerScript,
    err: terminal.err,
    onExhausted: (error) => {
      exhaustion = error;
      stop.abort();
      // Rejects the queued jobs, because no worker process remains that could run these jobs.
      void pool.close();
    },
  });
  const progress = new BackfillProgress(terminal, json, 'images processed');
  const rate = new Rate();
  let [done, failed] = [0, 0];
  const show = (status: string): void => progress.show({ ...rate.of({ status, done, failed, total: keys.length }) });
  show('RUNNING');
  if (keys.length > 0) {
    await pool.start();
  }
  const timer = setInterval(() => show('RUNNING'), intervalMs);
  try {
    const events = eventProgramOf(program, { ...readEventSettings(environment), queueUrl: undefined });
    const reconcile = events.forMessages(inWorkerProcesses(program.pipeline, pool, { urgent: false }));
    const report = await reconcileAll(keys, reconcile, {
      concurrency: JOBS_PER_WORKER * service.workerProcesses,
      signal: AbortSignal.any([context.signal, stop.signal]),
      onOutcome: () => (done += 1),
      onError: (key, error) => {
        failed += 1;
        const message = error instanceof Error ? error.message : String(error);
        terminal.err.write(`${escapeControls(`failed: ${key}: ${message}`)}\n`);
      },
    });
    if (exhaustion) {
      throw exhaustion;
    }
    const isInterrupted = context.signal.aborted && done + failed < keys.length;
    show(isInterrupted ? 'ABORTED' : failed > 0 ? 'FAILED' : 'SUCCEEDED');
    if (!json) {
      terminal.out.write(`${countsOf(report)}\n`);
    }
    if (isInterrupted) {
      terminal.err.write('run the command again to process the remaining images\n');
      return INTERRUPTED;
    }
    return failed > 0 ? 1 : 0;
  } finally {
    clearInterval(timer);
    progress.end();
    await pool.close();
  }
}

function environmentOf(
  { settings }: BackfillStoreOptions,
  environment: BackfillStoreContext['environment'],
): BackfillStoreContext['environment'] {
  return settings === undefined ? environment : { ...environment, ...readSettingsVariables(settings) };
}

/** Reads the settings of the worker processes. Ignores the variables of the HTTP API and of the trigger. */
function readWorkerSettings(environment: BackfillStoreContext['environment']): ServiceSettings {
  const { workerProcesses, memoryLimitMiB, jobTimeoutSeconds } = SERVICE_VARIABLES;
  const names = [...Object.values(CORE_VARIABLES), workerProcesses, memoryLimitMiB, jobTimeoutSeconds];
  const variables = Object.fromEntries(names.map((name) => [name, environment[name]]));
  return readServiceSettings({ ...variables, [SERVICE_VARIABLES.mode]: 'api' }, readMachine()).service;
}

function createPool(
  { workerProcesses, memoryLimitMiB, jobTimeoutSeconds }: ServiceSettings,
  environment: BackfillStoreContext['environment'],
  { script, err, onExhausted }: Pick<WorkerPoolOptions, 'script' | 'onExhausted'> & Pick<Terminal, 'err'>,
): WorkerPool {
  return new WorkerPool({
    script,
    size: workerProcesses,
    environment: {
      ...ALLOCATOR_VARIABLES,
      ...environment,
      [SERVICE_VARIABLES.memoryLimitMiB]: String(memoryLimitMiB),
    },
    jobTimeoutMs: jobTimeoutSeconds * 1000,
    memoryLimitBytes: memoryLimitMiB * 2 ** 20,
    onExhausted,
    log: {
      replaced: ({ reason, key }) => {
        if (reason !== 'recycled') {
          err.write(
            `${escapeControls(`lost a worker process (${reason})${key === undefined ? '' : ` while it processed ${key}`}`)}\n`,
          );
        }
      },
      startFailed: (error) => void err.write(`${escapeControls(error.message)}\n`),
    },
  });
}

function locations({ sourceLocation, thumbnailLocation }: CoreSettings): object {
  return { source: sourceLocation.name, thumbnails: thumbnailLocation.name };
}

function described(keys: readonly string[]): string {
  return `${keys.length.toLocaleString('en-US')} images to process: thumbnails are missing, out of date, or left over after a deletion`;
}

function countsOf(report: ReconcileAllReport): string {
  const counts = Object.entries(report).flatMap(([status, count]) => (count > 0 ? [`${count} ${status}`] : []));
  return counts.join(', ') || 'all thumbnail sets are current';
}
