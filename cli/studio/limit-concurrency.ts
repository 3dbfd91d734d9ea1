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
 * Limits the number of running and queued reconciliations. A deployed pipeline has similar limits: a Lambda function renders
 * one image at a time, and a container limits its queue.
 *
 * @returns a reconcile function. The function throws Problem with code `too-many-requests` while `maxQueued` images are queued.
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
    // Starts the next queued request without a change of `running`, so that no new request starts before the queued
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
