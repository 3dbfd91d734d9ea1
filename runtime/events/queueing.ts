import { ERROR_CODES } from '../errors/error-codes';
import type { Pipeline, Reconcile } from '../pipeline';

/** Options of {@link queueing}. */
export interface QueueingOptions {
  readonly pipeline: Pick<Pipeline, 'serves'>;
  /** Function that sends a key to the queue. A worker later publishes the event with the final state of the thumbnail set. */
  readonly send: (key: string) => Promise<void>;
}

/**
 * Error for a key that the queue does not accept. The runtime then renders no thumbnails for the key, because no worker would
 * check the thumbnails after the render.
 */
export class MessageError extends Error {
  public override readonly name = 'MessageError';
  public readonly code = 'message-not-queued';
  public readonly retryable = ERROR_CODES['message-not-queued'].retryable;
}

/**
 * Returns a function that sends a key to the queue of the workers and then reconciles the key.
 *
 * The runtime does not retry an on-demand render. If the process ends during the render, the thumbnail set can be outdated or
 * incomplete. The worker that receives the message completes the thumbnail set and publishes the event.
 *
 * Call the function only for keys of existing sources. Otherwise, clients could fill the queue with arbitrary keys.
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
