import { ERROR_CODES } from '../errors/error-codes';
import type { Pipeline, Reconcile } from '../pipeline';

/** Options of {@link queueing}. */
export interface QueueingOptions {
  readonly pipeline: Pick<Pipeline, 'serves'>;
  /** Sends a key to the workers, which announce the final state of its set. */
  readonly send: (key: string) => Promise<void>;
}

/** A key that the queue did not accept. Its thumbnails are not rendered, because no worker would check them afterwards. */
export class MessageError extends Error {
  public override readonly name = 'MessageError';
  public readonly code = 'message-not-queued';
  public readonly retryable = ERROR_CODES['message-not-queued'].retryable;
}

/**
 * Returns a function that sends a key to the workers before it reconciles.
 *
 * Reconciliations for HTTP requests have no message in a queue. A process that ends between two writes, or before its last
 * check of the source, leaves a wrong set. The worker that receives this message repairs the set and publishes the event.
 *
 * Call the function only for keys that have a source, because every client can request other keys.
 */
export function queueing(reconcile: Reconcile, { pipeline, send }: QueueingOptions): Reconcile {
  return async (key, options) => {
    if (!pipeline.serves(key)) {
      return { status: 'ignored', key };
    }
    await send(key);
    return reconcile(key, options);
  };
}
