import { ERROR_CODES } from '../errors/error-codes';
import type { Pipeline, Reconcile } from '../pipeline';

/** Options of {@link queueing}. */
export interface QueueingOptions {
  readonly pipeline: Pick<Pipeline, 'serves'>;
  /** Sends a key to the queue. A worker then publishes the event with the final state of the thumbnail set. */
  readonly send: (key: string) => Promise<void>;
}

/**
 * Error for a key that the queue did not accept. The runtime does not render its thumbnails, because no worker would check them
 * after the render.
 */
export class MessageError extends Error {
  public override readonly name = 'MessageError';
  public readonly code = 'message-not-queued';
  public readonly retryable = ERROR_CODES['message-not-queued'].retryable;
}

/**
 * Returns a function that sends a key to the queue of the workers and then reconciles it.
 *
 * An HTTP request has no message in the queue, and is not retried. The process can end between two writes, or before its last
 * check of the source. The thumbnail set can then be outdated or incomplete. The worker that receives the message repairs the
 * thumbnail set, and publishes the event. Call the function only for keys of existing sources: otherwise clients could fill the
 * queue with arbitrary keys.
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
