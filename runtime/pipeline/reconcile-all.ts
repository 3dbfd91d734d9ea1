import { mapParallel } from './concurrency/parallel';
import type { Outcome, Reconcile } from './reconcile';

/** Options of {@link reconcileAll}. */
export interface ReconcileAllOptions {
  /** Maximum number of keys that are reconciled concurrently. @default 4 */
  readonly concurrency?: number;
  /** Stops before the next key when aborted. */
  readonly signal?: AbortSignal;
  /** Callback for each reconciled key. @default - no reporting */
  readonly onOutcome?: (outcome: Outcome) => void;
  /** Callback for each key whose reconciliation failed. The other keys are still reconciled. @default - no reporting */
  readonly onError?: (key: string, error: unknown) => void;
}

/** Number of keys by outcome. */
export type ReconcileAllReport = Readonly<Record<Outcome['status'] | 'failed', number>>;

/**
 * Reconciles the keys of a comparison of both object stores. The comparison finds changes without an event, for example changes
 * while the process was down.
 *
 * @param keys see {@link Pipeline.changedKeys}
 * @throws ObjectStoreError if an object store cannot be listed
 */
export async function reconcileAll(
  keys: Iterable<string> | AsyncIterable<string>,
  reconcile: Reconcile,
  options: ReconcileAllOptions = {},
): Promise<ReconcileAllReport> {
  const { concurrency = 4, signal, onOutcome, onError } = options;
  const report = { made: 0, unchanged: 0, rejected: 0, deleted: 0, ignored: 0, forwarded: 0, failed: 0 };
  await mapParallel(until(signal, keys), concurrency, async (key) => {
    try {
      const outcome = await reconcile(key);
      report[outcome.status] += 1;
      onOutcome?.(outcome);
    } catch (error) {
      report.failed += 1;
      onError?.(key, error);
    }
  });
  return report;
}

async function* until<T>(signal: AbortSignal | undefined, items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    if (signal?.aborted) {
      return;
    }
    yield item;
  }
}
