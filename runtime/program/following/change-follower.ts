import { reconcileAll, KeyedQueue, type Pipeline, type Reconcile, type ReconcileAllReport } from '../../pipeline';
import type { DirectoryObjectStore } from '../../storage';
import { watchDirectory, type DirectoryWatch } from './watch-directory';

/** Options of a {@link ChangeFollower}. */
export interface ChangeFollowerOptions {
  readonly pipeline: Pick<Pipeline, 'serves' | 'changedKeys'>;
  readonly reconcile: Reconcile;
  /** Number of keys that are reconciled concurrently. */
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
   * Called when all attempts for a key have failed. The follower reconciles the key again at its next change or at the next
   * comparison.
   */
  gaveUp(key: string, error: unknown): void;
  /** Called after a comparison of the object stores, when outdated thumbnail sets have been reconciled. */
  reconciledAll(report: ReconcileAllReport): void;
  /** Called if the object stores cannot be compared. */
  reconcileAllFailed(error: unknown): void;
  /** Called if a source file or directory cannot be read and is not watched. */
  notWatched(error: Error): void;
  /** Called if the watch misses changes. The follower then compares the object stores at this interval. */
  watchIncomplete(error: Error, intervalSeconds: number): void;
}

/** Interval of the comparisons that replace an incomplete watch. */
const FALLBACK_INTERVAL_SECONDS = 30;

/**
 * Reconciles changed sources from a queue in memory. To find missed changes, compares the object stores at the start and then
 * at intervals.
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
    this.isStarted = true;
    this.compare();
    this.scheduleComparisons();
  }

  /** Logs that the watch misses changes, and compares the object stores at a short interval from now on. */
  public watchIncomplete(error: Error): void {
    const seconds = this.intervalSeconds > 0 ? this.intervalSeconds : Infinity;
    this.intervalSeconds = Math.min(seconds, FALLBACK_INTERVAL_SECONDS);
    this.options.log.watchIncomplete(error, this.intervalSeconds);
    if (this.isStarted) {
      this.scheduleComparisons();
    }
  }

  /**
   * Discards queued keys, and resolves when the keys in progress are complete. The comparison at the next start finds the
   * discarded keys.
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
