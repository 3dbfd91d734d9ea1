import { reconcileAll, KeyedQueue, type Pipeline, type Reconcile, type ReconcileAllReport } from '../../pipeline';
import type { DirectoryObjectStore } from '../../storage';
import { watchDirectory, type DirectoryWatch } from './watch-directory';

/** Options of a {@link ChangeFollower}. */
export interface ChangeFollowerOptions {
  readonly pipeline: Pick<Pipeline, 'serves' | 'changedKeys'>;
  readonly reconcile: Reconcile;
  /** Number of keys that are reconciled at the same time. */
  readonly concurrency: number;
  /** Attempts for a key before it is given up. @default 5 */
  readonly maxAttempts?: number;
  /** Seconds between two comparisons of the object stores. 0 compares them at the start only. @default 0 */
  readonly reconcileIntervalSeconds?: number;
  readonly log: ChangeFollowerLog;
}

/** Events of a {@link ChangeFollower}. */
export interface ChangeFollowerLog {
  /** All attempts for a key have failed. The key is reconciled again at its next change or at the next comparison. */
  gaveUp(key: string, error: unknown): void;
  /** The object stores have been compared, and outdated thumbnail sets reconciled. */
  reconciledAll(report: ReconcileAllReport): void;
  /** The object stores could not be compared. */
  reconcileAllFailed(error: unknown): void;
}

/**
 * Reconciles changed sources from a queue in memory. A comparison of the object stores at the start, and then at intervals,
 * finds the changes that were missed.
 */
export class ChangeFollower {
  private readonly queue: KeyedQueue;
  private readonly closing = new AbortController();
  private comparison: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  public constructor(private readonly options: ChangeFollowerOptions) {
    const { reconcile, concurrency, maxAttempts, log } = options;
    this.queue = new KeyedQueue({
      process: (key) => reconcile(key),
      concurrency,
      attempts: maxAttempts,
      onGivenUp: (key, error) => {
        if (!this.closing.signal.aborted) {
          log.gaveUp(key, error);
        }
      },
    });
  }

  /** Number of keys that are queued or in progress. */
  public get size(): number {
    return this.queue.size;
  }

  /** Queues a source that may have changed. Ignores keys that the pipeline does not serve. */
  public changed(key: string): void {
    if (this.options.pipeline.serves(key)) {
      this.queue.add(key);
    }
  }

  /** Compares the object stores now and at intervals. */
  public start(): void {
    const { reconcileIntervalSeconds = 0 } = this.options;
    this.compare();
    if (reconcileIntervalSeconds > 0) {
      this.timer = setInterval(() => this.compare(), reconcileIntervalSeconds * 1000).unref();
    }
  }

  /** Discards queued keys, and resolves when those in progress are done. The comparison at the next start finds the others. */
  public async close(): Promise<void> {
    this.closing.abort();
    clearInterval(this.timer);
    await Promise.all([this.queue.close(), this.comparison]);
  }

  private compare(): void {
    const { pipeline, reconcile, concurrency, log } = this.options;
    this.comparison ??= reconcileAll(pipeline.changedKeys(), reconcile, {
      concurrency,
      signal: this.closing.signal,
      onError: (key) => this.queue.add(key),
    })
      .then(
        (report) => log.reconciledAll(report),
        (error: unknown) => log.reconcileAllFailed(error),
      )
      .finally(() => {
        this.comparison = undefined;
      });
  }
}

/** Reports each change in the source directory to a follower. */
export function watchSources(
  follower: ChangeFollower,
  store: DirectoryObjectStore,
  directory: string,
): Promise<DirectoryWatch> {
  return watchDirectory(directory, (path) => {
    const key = store.keyOf(path);
    if (key !== undefined) {
      follower.changed(key);
    }
  });
}
