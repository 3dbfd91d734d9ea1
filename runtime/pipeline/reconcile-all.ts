import { mapParallel } from './concurrency/parallel';
import type { Outcome } from './outcome';

/** What {@link reconcileAll} is done on. */
export interface ReconcileAllTarget {
  /** The keys that need a look. */
  changedKeys(): AsyncIterable<string>;
  /** Makes the thumbnails of one key agree with its source. */
  reconcile(key: string): Promise<Outcome>;
}

/** How {@link reconcileAll} goes about it. */
export interface ReconcileAllOptions {
  /** Keys that are worked on at once. @default 4 */
  readonly concurrency?: number;
  /** Stops before the next key. */
  readonly signal?: AbortSignal;
  /** Told of every key that was looked at. */
  readonly onOutcome?: (outcome: Outcome) => void;
  /** Told of every key that could not be worked on; the others go on. */
  readonly onError?: (key: string, error: unknown) => void;
}

/** How many keys ended how. */
export type ReconcileAllReport = Readonly<Record<Outcome['status'] | 'failed', number>>;

/**
 * Makes up for what changed while nobody listened: finds the keys whose thumbnails may not agree with their source, and
 * reconciles them.
 *
 * @throws StoreError when a store cannot be listed
 */
export async function reconcileAll(
  target: ReconcileAllTarget,
  options: ReconcileAllOptions = {},
): Promise<ReconcileAllReport> {
  const { concurrency = 4, signal, onOutcome, onError } = options;
  const report = { made: 0, unchanged: 0, rejected: 0, deleted: 0, ignored: 0, failed: 0 };
  await mapParallel(until(signal, target.changedKeys()), concurrency, async (key) => {
    try {
      const outcome = await target.reconcile(key);
      report[outcome.status] += 1;
      onOutcome?.(outcome);
    } catch (error) {
      report.failed += 1;
      onError?.(key, error);
    }
  });
  return report;
}

async function* until<T>(signal: AbortSignal | undefined, items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    if (signal?.aborted) {
      return;
    }
    yield item;
  }
}
