import { Problem } from '../../runtime/http';
import type { Reconcile } from '../../runtime/pipeline';

/** Options of {@link limitConcurrency}. */
export interface ConcurrencyLimits {
  /** Maximum number of images that are rendered at the same time. */
  readonly maxRunning: number;
  /** Maximum number of queued images. */
  readonly maxQueued: number;
}

/**
 * Returns a function that reconciles for requests within limits, as deployed pipelines do: a function renders one image at a
 * time, and a container limits its queue.
 *
 * @returns a function that throws Problem with code `too-many-requests` if `maxQueued` images are queued
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
    // Passes the slot on without releasing it, so that a new request cannot overtake the queue.
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
