import { Problem } from '../runtime/http';
import type { PipelineReader, Reconcile } from '../runtime/pipeline';
import { WorkerError } from './workers/worker-error';
import type { WorkerPool } from './workers/worker-pool';

/** Seconds that an image is left alone that ended its child: every request for it would end another one. */
const QUARANTINE_SECONDS = 30;
/** Keys that are left alone at once; the oldest are forgotten first. */
const MAX_QUARANTINED = 1000;

/** Returns a function that reconciles in the worker processes. */
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
 * queued, or if the key recently stopped its worker process.
 *
 * @returns a function that throws Problem with code `too-many-requests`, `worker-crashed`, `timeout`, `out-of-memory` or
 *   `shutting-down`
 */
export function boundedForRequests(
  reconcile: Reconcile,
  pool: Pick<WorkerPool, 'waiting'>,
  maxQueuedRenders: number,
): Reconcile {
  const quarantine = new Map<string, { readonly until: number; readonly problem: Problem }>();
  return async (key, options) => {
    const known = quarantine.get(key);
    if (known && known.until > performance.now()) {
      throw known.problem;
    }
    if (pool.waiting >= maxQueuedRenders) {
      throw new Problem('too-many-requests', `${maxQueuedRenders} images are queued; try again later`);
    }
    try {
      return await reconcile(key, options);
    } catch (error) {
      if (!(error instanceof WorkerError)) {
        throw error;
      }
      const problem = problemOfWorkerError(error);
      if (error.code !== 'shutting-down') {
        quarantine.delete(key);
        quarantine.set(key, { until: performance.now() + QUARANTINE_SECONDS * 1000, problem });
        const [oldest] = quarantine.keys();
        if (oldest !== undefined && quarantine.size > MAX_QUARANTINED) {
          quarantine.delete(oldest);
        }
      }
      throw problem;
    }
  };
}

/** What a lost child is to a client. Its own message speaks of processes. */
function problemOfWorkerError(error: WorkerError): Problem {
  const details = {
    'worker-crashed': 'the process that worked on the image ended, which no image should bring about',
    timeout: 'the image took longer than an image may, reading and writing included',
    'out-of-memory': 'the image needed more memory than an image may',
    'shutting-down': 'this process is about to end; another one will answer',
  } as const;
  return new Problem(error.code, details[error.code], { cause: error });
}
