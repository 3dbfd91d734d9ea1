import { Problem } from '../runtime/http';
import type { PipelineReader, Reconcile } from '../runtime/pipeline';
import { WorkerError } from './workers/worker-error';
import type { WorkerPool } from './workers/worker-pool';

/**
 * Texts of the problem details for clients, by error code. The messages of worker errors are unsuitable for clients, because
 * they contain process ids and limits.
 */
const DETAILS = {
  'worker-crashed': 'the process that rendered the image crashed',
  timeout: 'rendering the image exceeded the time limit',
  'out-of-memory': 'rendering the image exceeded the memory limit',
  'shutting-down': 'the service is shutting down; send the request again',
} as const;

/** Options of {@link inWorkerProcesses}. */
export interface WorkerJobOptions {
  /** Whether an HTTP request waits for the result. */
  readonly urgent: boolean;
  /** Called with the key before the job starts. If the returned promise rejects, the job fails. @default - no call */
  readonly beforeStart?: ((key: string) => Promise<void>) | undefined;
}

export function inWorkerProcesses(
  pipeline: Pick<PipelineReader, 'serves'>,
  pool: Pick<WorkerPool, 'run'>,
  { urgent, beforeStart }: WorkerJobOptions,
): Reconcile {
  return async (key, options) =>
    pipeline.serves(key)
      ? pool.run(key, { ...options, urgent, beforeStart: beforeStart && (() => beforeStart(key)) })
      : { status: 'ignored', key };
}

/**
 * Returns a function that reconciles a key. If the worker process crashes, hangs or exceeds its memory limit, the function also
 * reports the key to the trigger. The trigger then reconciles the thumbnail set again, because the set may be outdated or
 * incomplete.
 *
 * @param changed reports a key to the trigger. @default - no report; a message in the queue repeats the reconciliation
 */
export function repeatedAfterLoss(reconcile: Reconcile, changed: ((key: string) => void) | undefined): Reconcile {
  return async (key, options) => {
    try {
      return await reconcile(key, options);
    } catch (error) {
      // No report is necessary while the service stops. At its next start, the service compares all sources with their
      // thumbnail sets.
      if (error instanceof WorkerError && error.code !== 'shutting-down') {
        changed?.(key);
      }
      throw error;
    }
  };
}

/**
 * Returns a function that reconciles keys for requests. The function rejects further keys while `maxQueuedRenders` keys are
 * queued. The function converts errors of worker processes to problems.
 *
 * @returns a function that throws Problem with code `too-many-requests`, `worker-crashed`, `timeout`, `out-of-memory` or
 *   `shutting-down`
 */
export function boundedForRequests(
  reconcile: Reconcile,
  pool: Pick<WorkerPool, 'urgentJobs'>,
  maxQueuedRenders: number,
): Reconcile {
  return async (key, options) => {
    if (pool.urgentJobs >= maxQueuedRenders) {
      throw new Problem('too-many-requests', `${maxQueuedRenders} images are queued; try again later`);
    }
    try {
      return await reconcile(key, options);
    } catch (error) {
      throw error instanceof WorkerError ? new Problem(error.code, DETAILS[error.code], { cause: error }) : error;
    }
  };
}
