import { Problem } from '../../runtime/http';
import type { Reconcile } from '../../runtime/pipeline';

/** Options of {@link limitConcurrency}. */
export interface ConcurrencyLimits {
  /** Maximum number of concurrent renders. */
  readonly maxRunning: number;
  /** Maximum number of queued images. */
  readonly maxQueued: number;
}

/**
 * Limits the number of running and queued reconciliations, like a deployed pipeline. A Lambda function renders one image at a
 * time. A container limits its queue.
 *
 * @returns a reconcile function that throws Problem with code `too-many-requests` if `maxQueued` images are queued
 */
export function limitConcurrency(reconcile: Reconcile, { maxRunning, maxQueued }: ConcurrencyLimits): Reconcile {
  let running = 0;
  const queue: (() => void)[] = [];
  const acquire = async (): Promise<void> => {
    if (running < maxRunning) {
      running++;
      return;
    }
    if (queue.length >= maxQueued) {
      throw new Problem('too-many-requests', `${maxQueued} images are queued; try again later`);
    }
    await new Promise<void>((resolve) => queue.push(resolve));
  };
  const release = (): void => {
    // Transfers the slot to the next queued request. Otherwise, a new request could take the released slot before the queued
    // requests.
    const next = queue.shift();
    if (next) {
      next();
    } else {
      running--;
    }
  };
  return async (key, options) => {
    await acquire();
    try {
      return await reconcile(key, options);
    } finally {
      release();
    }
  };
}
