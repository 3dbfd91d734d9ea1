import type { Reconcile } from '../../runtime/pipeline';
import type { AnalysisRetries } from '../../runtime/program/analysis-retries';
import { workBatch, type BatchLog } from '../../runtime/program/queue/message-batch';
import { ObjectStoreError } from '../../runtime/storage';
import { WorkerError } from '../workers/worker-error';
import type { ReceivedMessage } from './queue-worker';

/** Options of {@link messageHandler}. */
export interface MessageHandlerOptions {
  readonly reconcile: Reconcile;
  /** Name of the source bucket. The handler ignores keys of other buckets. */
  readonly bucket: string;
  readonly log: BatchLog;
  /** Retries of images whose analysis failed. @default - a failed analysis has the same retries as any other error */
  readonly analysisRetries?: AnalysisRetries | undefined;
  /** Callback for a failed request to an object store. */
  readonly onStoreError: () => void;
}

interface Backoff {
  readonly initialSeconds: number;
  readonly factor: number;
  readonly maxSeconds: number;
}

/**
 * Delays after the loss of a worker process. The delays are short, because another image in the same container may have caused
 * the loss.
 */
const DEFAULT_BACKOFF: Backoff = { initialSeconds: 1, factor: 2, maxSeconds: 60 };
/**
 * Delays after a failure of an object store. The delays are long, because an outage can last for hours, but a message has few
 * attempts.
 */
const STORAGE_BACKOFF: Backoff = { initialSeconds: 5, factor: 3, maxSeconds: 900 };

/**
 * Returns a handler that reconciles all keys of a message. The handler resolves with the delay of the next attempt in seconds,
 * or with `undefined` if no further attempt is necessary.
 */
export function messageHandler(
  options: MessageHandlerOptions,
): (message: ReceivedMessage) => Promise<number | undefined> {
  const { reconcile, bucket, log, analysisRetries, onStoreError } = options;
  return async (message) => {
    let lastError: unknown;
    const failed = await workBatch([message], {
      reconcile: async (key, reconcileOptions) => {
        try {
          return await reconcile(key, reconcileOptions);
        } catch (error) {
          lastError = error;
          throw error;
        }
      },
      bucket,
      // The handler has no deadline, because heartbeats extend the visibility timeout.
      millisecondsPerKey: 0,
      remaining: () => Infinity,
      analysisRetries,
      log,
    });
    if (!failed.has(message.messageId)) {
      return undefined;
    }
    if (lastError instanceof ObjectStoreError) {
      onStoreError();
    }
    return retryDelaySeconds(lastError, message.receiveCount);
  };
}

function retryDelaySeconds(error: unknown, receiveCount: number): number {
  // No delay for malformed messages, which never succeed, and for messages that a stopping process returns to the queue.
  if (error === undefined || (error instanceof WorkerError && error.code === 'shutting-down')) {
    return 0;
  }
  const { initialSeconds, factor, maxSeconds } = error instanceof ObjectStoreError ? STORAGE_BACKOFF : DEFAULT_BACKOFF;
  return Math.min(maxSeconds, initialSeconds * factor ** (receiveCount - 1));
}
