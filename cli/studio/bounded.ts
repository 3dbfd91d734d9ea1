import { Problem } from '../../runtime/http';
import type { Reconcile } from '../../runtime/pipeline';

/** How much is made on request. */
export interface Bounds {
  /** Images at once. */
  readonly running: number;
  /** Images that may wait beside. */
  readonly waiting: number;
}

/**
 * Returns a function that reconciles for requests within bounds, as deployed pipelines do: a function renders one image at
 * a time, and a container limits its queue.
 *
 * @returns a function that throws Problem with code `too-many-requests` if `waiting` images are queued
 */
export function bounded(reconcile: Reconcile, { running, waiting }: Bounds): Reconcile {
  let active = 0;
  const queue: (() => void)[] = [];
  const turn = async (): Promise<void> => {
    if (active < running) {
      active++;
      return;
    }
    if (queue.length >= waiting) {
      throw new Problem('too-many-requests', `${waiting} images are waiting to be made; try again in a moment`);
    }
    await new Promise<void>((resolve) => queue.push(resolve));
  };
  const over = (): void => {
    // A place is handed on, so that nobody comes in between.
    const next = queue.shift();
    if (next) {
      next();
    } else {
      active--;
    }
  };
  return async (key, options) => {
    await turn();
    try {
      return await reconcile(key, options);
    } finally {
      over();
    }
  };
}
