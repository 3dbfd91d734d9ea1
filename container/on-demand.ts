import { Problem } from '../runtime/http';
import type { PipelineReader, Reconcile } from '../runtime/pipeline';
import { WorkerError } from './workers/worker-error';
import type { WorkerPool } from './workers/worker-pool';

/** Time in which a key that cost a worker process is rejected, so that repeated requests do not cost more of them. */
const QUARANTINE_MS = 30_000;
/** Maximum number of keys in quarantine. The oldest key leaves first. */
const MAX_QUARANTINED_KEYS = 1000;

/** Details for clients. The messages of worker errors name processes and limits. */
const DETAILS = {
  'worker-crashed': 'the process that rendered the image crashed',
  timeout: 'rendering the image exceeded the time limit',
  'out-of-memory': 'rendering the image exceeded the memory limit',
  'shutting-down': 'the service is shutting down; send the request again',
} as const;

/** Returns a function that reconciles in worker processes. */
export function inWorkerProcesses(
  pipeline: Pick<PipelineReader, 'serves'>,
  pool: Pick<WorkerPool, 'run'>,
  { urgent }: { /** Whether a request waits for the result. */ readonly urgent: boolean },
): Reconcile {
  return async (key, options) =>
    pipeline.serves(key) ? pool.run(key, { ...options, urgent }) : { status: 'ignored', key };
}

/**
 * Returns a function that reconciles for requests, within bounds: it rejects a key at once if `maxQueuedRenders` keys are
 * queued, or if the key recently cost a worker process.
 *
 * @returns a function that throws Problem with code `too-many-requests`, `worker-crashed`, `timeout`, `out-of-memory` or
 *   `shutting-down`
 */
export function boundedForRequests(
  reconcile: Reconcile,
  pool: Pick<WorkerPool, 'urgentJobs'>,
  maxQueuedRenders: number,
): Reconcile {
  const quarantine = new Quarantine();
  return async (key, options) => {
    quarantine.throwIfPresent(key);
    if (pool.urgentJobs >= maxQueuedRenders) {
      throw new Problem('too-many-requests', `${maxQueuedRenders} images are queued; try again later`);
    }
    try {
      return await reconcile(key, options);
    } catch (error) {
      if (!(error instanceof WorkerError)) {
        throw error;
      }
      const problem = new Problem(error.code, DETAILS[error.code], { cause: error });
      if (error.code !== 'shutting-down') {
        quarantine.add(key, problem);
      }
      throw problem;
    }
  };
}

/** Keys that recently cost a worker process. */
class Quarantine {
  private readonly entries = new Map<string, { readonly expires: number; readonly problem: Problem }>();

  /** @throws Problem if the key is in quarantine; its code is that of the worker error */
  public throwIfPresent(key: string): void {
    const entry = this.entries.get(key);
    if (entry && entry.expires > performance.now()) {
      throw entry.problem;
    }
  }

  public add(key: string, problem: Problem): void {
    // Deleted first, because a map keeps the position of an existing key.
    this.entries.delete(key);
    this.entries.set(key, { expires: performance.now() + QUARANTINE_MS, problem });
    const [oldest] = this.entries.keys();
    if (oldest !== undefined && this.entries.size > MAX_QUARANTINED_KEYS) {
      this.entries.delete(oldest);
    }
  }
}
