import { Problem, type ImagePipeline } from '../runtime/http';
import type { Pipeline } from '../runtime/pipeline';
import { WorkerError } from './workers/worker-error';
import type { WorkerPool } from './workers/worker-pool';

/** Seconds that an image is left alone that ended its child: every request for it would end another one. */
const QUARANTINE_SECONDS = 30;
/** Keys that are left alone at once; the oldest are forgotten first. */
const MAX_QUARANTINED = 1000;

/** The pipeline with its work in the children; what is stored is read here. */
export function inWorkerProcesses(
  pipeline: Pick<Pipeline, 'manifest' | 'thumbnail' | 'serves'>,
  pool: Pick<WorkerPool, 'run'>,
  { urgent }: { /** Somebody waits for it. */ readonly urgent: boolean },
): ImagePipeline {
  return {
    reconcile: async (key, options) =>
      pipeline.serves(key) ? pool.run(key, { ...options, urgent }) : { status: 'ignored', key },
    manifest: (key) => pipeline.manifest(key),
    thumbnail: (key, name, format) => pipeline.thumbnail(key, name, format),
    serves: (key) => pipeline.serves(key),
  };
}

/**
 * The pipeline for requests, whose work is bounded: when as many images wait as may, the next one is turned away at once,
 * and so is one that has just ended its child. What is stored is no work.
 *
 * @returns a pipeline whose `reconcile` throws Problem: `too-many-requests`, `crashed`, `timeout`, `out-of-memory`,
 *   `stopping`
 */
export function boundedForRequests(
  pipeline: ImagePipeline,
  pool: Pick<WorkerPool, 'waiting'>,
  maxQueuedRenders: number,
): ImagePipeline {
  const quarantine = new Map<string, { readonly until: number; readonly problem: Problem }>();
  return {
    manifest: (key) => pipeline.manifest(key),
    thumbnail: (key, name, format) => pipeline.thumbnail(key, name, format),
    serves: (key) => pipeline.serves(key),
    reconcile: async (key, options) => {
      const known = quarantine.get(key);
      if (known && known.until > performance.now()) {
        throw known.problem;
      }
      if (pool.waiting >= maxQueuedRenders) {
        throw new Problem(
          'too-many-requests',
          `${maxQueuedRenders} images are waiting to be made; try again in a moment`,
        );
      }
      try {
        return await pipeline.reconcile(key, options);
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
    },
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
