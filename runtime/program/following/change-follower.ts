import { reconcileAll, KeyedQueue, type Pipeline, type Reconcile, type ReconcileAllReport } from '../../pipeline';
import type { DirectoryObjectStore } from '../../storage';
import { watch, type Watch } from './watch';

/** How a {@link ChangeFollower} works. */
export interface ChangeFollowerOptions {
  readonly pipeline: Pick<Pipeline, 'serves' | 'changedKeys'>;
  readonly reconcile: Reconcile;
  /** Keys that are worked on at once. */
  readonly concurrency: number;
  /** Attempts before a key is given up. @default 5 */
  readonly attempts?: number;
  /** Seconds between two comparisons of both stores; 0: only at the start. @default 0 */
  readonly reconcileIntervalSeconds?: number;
  readonly log: ChangeFollowerLog;
}

/** Hears of what is not the work on a key. */
export interface ChangeFollowerLog {
  /** A key was given up: it is looked at again when it changes, or when the stores are compared. */
  givenUp(key: string, error: unknown): void;
  /** Both stores were compared, and what did not agree was made to. */
  reconciledAll(report: ReconcileAllReport): void;
  /** They could not be compared. */
  reconcileAllFailed(error: unknown): void;
}

/**
 * Follows changes without a queue that outlives the process: hints wait in memory, and what was missed is found by comparing
 * both stores, at the start and from time to time.
 */
export class ChangeFollower {
  private readonly queue: KeyedQueue;
  private readonly closing = new AbortController();
  private comparison: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  public constructor(private readonly options: ChangeFollowerOptions) {
    const { reconcile, concurrency, attempts, log } = options;
    this.queue = new KeyedQueue({
      process: (key) => reconcile(key),
      concurrency,
      attempts,
      onGivenUp: (key, error) => {
        if (!this.closing.signal.aborted) {
          log.givenUp(key, error);
        }
      },
    });
  }

  /** Keys that are not done. */
  public get size(): number {
    return this.queue.size;
  }

  /** Says that a source may have changed. */
  public changed(key: string): void {
    if (this.options.pipeline.serves(key)) {
      this.queue.add(key);
    }
  }

  /** Makes up for what was missed, now and from time to time. */
  public start(): void {
    const { reconcileIntervalSeconds = 0 } = this.options;
    this.compare();
    if (reconcileIntervalSeconds > 0) {
      this.timer = setInterval(() => this.compare(), reconcileIntervalSeconds * 1000).unref();
    }
  }

  /** Takes no more hints, and resolves when what is being worked on is done. The rest is found at the next start. */
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

/** Tells a follower of every change in the directory of the sources. */
export function watchSources(
  changeFollower: ChangeFollower,
  store: DirectoryObjectStore,
  directory: string,
): Promise<Watch> {
  return watch(directory, (path) => {
    const key = store.keyOf(path);
    if (key !== undefined) {
      changeFollower.changed(key);
    }
  });
}
