import type { Pipeline, Reconcile } from '../pipeline';
import type { ObjectStore } from '../storage';

/** Options of {@link queueing}. */
export interface QueueingOptions {
  readonly pipeline: Pick<Pipeline, 'serves' | 'manifest'>;
  /** Object store of the sources. */
  readonly source: Pick<ObjectStore, 'head'>;
  /** Sends a key to the workers, which announce the final state of its set. */
  readonly send: (key: string) => Promise<void>;
}

/**
 * Returns a function that sends a key to the workers before it reconciles.
 *
 * Reconciliations for HTTP requests have no message in a queue. Without this message, a process that ends after the
 * manifest would prevent the event. Keys without a source and without a set cause no message, because every client can
 * request them. They are not reconciled either, so that a source that appears meanwhile gets its set with its own message.
 */
export function queueing(reconcile: Reconcile, { pipeline, source, send }: QueueingOptions): Reconcile {
  return async (key, options) => {
    if (!pipeline.serves(key)) {
      return { status: 'ignored', key };
    }
    if (!(await source.head(key)) && !(await pipeline.manifest(key))) {
      return { status: 'deleted', key, removed: 0 };
    }
    await send(key);
    return reconcile(key, options);
  };
}
