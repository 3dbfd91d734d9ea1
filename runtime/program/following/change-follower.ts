import { reconcileAll, KeyedQueue, type Pipeline, type Reconcile, type ReconcileAllReport } from '../../pipeline';
import type { DirectoryObjectStore } from '../../storage';
import { watchDirectory, type DirectoryWatch } from './watch-directory';

/** Options of a {@link ChangeFollower}. */
export interface ChangeFollowerOptions {
  readonly pipeline: Pick<Pipeline, 'serves' | 'changedKeys'>;
  readonly reconcile: Reconcile;
  /** Maximum number of keys that the follower reconciles concurrently. */
  readonly concurrency: number;
  /** Maximum number of attempts for a key. @default 5 */
  readonly maxAttempts?: number;
  /**
   * Seconds between two comparisons of the object stores. With 0, the follower compares the object stores only at startup.
   *
   * @default 0
   */
  readonly reconcileIntervalSeconds?: number;
  readonly log: ChangeFollowerLog;
}

/** Events of a {@link ChangeFollower}. */
export interface ChangeFollowerLog {
  /**
   * Called when all attempts for a key have failed. The follower reconciles the key again after the next change of the source,
   * or at the next comparison.
   */
  gaveUp(key: string, error: unknown): void;
  /** Called after a comparison of the object stores and the reconciliation of all outdated thumbnail sets. */
  reconciledAll(report: ReconcileAllReport): void;
  /** Called if a comparison of the object stores fails. */
  reconcileAllFailed(error: unknown): void;
  /** Called if the process cannot read a source file or directory. The process does not watch such a file or directory. */
  notWatched(error: Error): void;
  /** Called if the watch misses changes. The follower then compares the object stores every `intervalSeconds`. */
  watchIncomplete(error: Error, intervalSeconds: number): void;
}

/** Maximum interval in seconds between two comparisons of the object stores if the watch misses changes. */
const FALLBACK_INTERVAL_SECONDS = 30;

/**
 * Reconciles changed sources from a queue in memory. The class also compares the object stores at the start and at intervals.
 * The comparison detects changes without an event.
 */
export class ChangeFollower {
  private readonly queue: KeyedQueue;
  private readonly closing = new AbortController();
  private comparison: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private intervalSeconds: number;
  private isStarted = false;

  public constructor(private readonly options: ChangeFollowerOptions) {
    const { reconcile, concurrency, maxAttempts, reconcileIntervalSeconds = 0, log } = options;
    this.intervalSeconds = reconcileIntervalSeconds;
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

  /** Number of queued keys plus the number of keys in progress. */
  public get size(): number {
    return this.queue.size;
  }

  /** Queues the key of a source that may have changed. Ignores keys that the pipeline does not serve. */
  public changed(key: string): void {
    if (this.options.pipeline.serves(key)) {
      this.queue.add(key);
    }
  }

  /** Compares the object stores now and at intervals. */
  public start(): void {
    this.isStarted = true;
    this.compare();
    this.scheduleComparisons();
  }

  /** Compares the object stores at a short interval from now on, because the watch misses changes. Logs the error. */
  public watchIncomplete(error: Error): void {
    const seconds = this.intervalSeconds > 0 ? this.intervalSeconds : Infinity;
    this.intervalSeconds = Math.min(seconds, FALLBACK_INTERVAL_SECONDS);
    this.options.log.watchIncomplete(error, this.intervalSeconds);
    if (this.isStarted) {
      this.scheduleComparisons();
    }
  }

  /**
   * Discards queued keys and waits for the keys in progress. The comparison at the next start detects the discarded keys.
   */
  public async close(): Promise<void> {
    this.closing.abort();
    clearInterval(this.timer);
    await Promise.all([this.queue.close(), this.comparison]);
  }

  private scheduleComparisons(): void {
    clearInterval(this.timer);
    if (this.intervalSeconds > 0 && !this.closing.signal.aborted) {
      this.timer = setInterval(() => this.compare(), this.intervalSeconds * 1000).unref();
    }
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

/** Options of {@link watchSources}. */
export interface WatchSourcesOptions {
  readonly store: DirectoryObjectStore;
  /** Path of the source directory. */
  readonly directory: string;
  readonly log: ChangeFollowerLog;
}

/** Reports each change in the source directory to a follower. */
export function watchSources(
  follower: ChangeFollower,
  { store, directory, log }: WatchSourcesOptions,
): Promise<DirectoryWatch> {
  return watchDirectory(directory, {
    changed: (path) => {
      const key = store.keyOf(path);
      if (key !== undefined) {
        follower.changed(key);
      }
    },
    skipped: (error) => log.notWatched(error),
    incomplete: (error) => follower.watchIncomplete(error),
  });
}
