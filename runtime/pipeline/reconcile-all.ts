import { mapParallel } from './concurrency/parallel';
import type { Outcome, Reconcile } from './reconcile';

/** Options of {@link reconcileAll}. */
export interface ReconcileAllOptions {
  /** Maximum number of keys that the function reconciles concurrently. @default 4 */
  readonly concurrency?: number;
  /** Signal that stops the function before the next key. @default - no signal */
  readonly signal?: AbortSignal;
  /** Callback for the outcome of each reconciled key. @default - no callback */
  readonly onOutcome?: (outcome: Outcome) => void;
  /** Callback for each key whose reconciliation fails. A failure does not stop other keys. @default - no callback */
  readonly onError?: (key: string, error: unknown) => void;
}

/** Number of keys by outcome. */
export type ReconcileAllReport = Readonly<Record<Outcome['status'] | 'failed', number>>;

/**
 * Reconciles all given keys.
 *
 * @param keys source keys, such as the keys from {@link Pipeline.changedKeys}
 * @throws ObjectStoreError if listing an object store fails
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
