import { catchUp, KeyedQueue, type CatchUpReport, type Pipeline } from '../../pipeline';
import type { DirectoryStore } from '../../storage';
import { watch, type Watch } from './watch';

/** How a {@link Follower} works. */
export interface FollowerOptions {
  readonly pipeline: Pick<Pipeline, 'serves' | 'changedKeys' | 'reconcile'>;
  /** Keys that are worked on at once. */
  readonly concurrency: number;
  /** Attempts before a key is given up. @default 5 */
  readonly attempts?: number;
  /** Seconds between two comparisons of both stores; 0: only at the start. @default 0 */
  readonly catchUpInterval?: number;
  readonly log: FollowerLog;
}

/** Hears of what is not the work on a key. */
export interface FollowerLog {
  /** A key was given up: it is looked at again when it changes, or when the stores are compared. */
  givenUp(key: string, error: unknown): void;
  /** Both stores were compared, and what did not agree was made to. */
  caughtUp(report: CatchUpReport): void;
  /** They could not be compared. */
  notComparable(error: unknown): void;
}

/**
 * Follows changes without a queue that outlives the process: hints wait in memory, and what was missed is found by comparing
 * both stores, at the start and from time to time.
 */
export class Follower {
  private readonly queue: KeyedQueue;
  private readonly closing = new AbortController();
  private comparison: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  public constructor(private readonly options: FollowerOptions) {
    const { pipeline, concurrency, attempts, log } = options;
    this.queue = new KeyedQueue({
      process: (key) => pipeline.reconcile(key),
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
    const { catchUpInterval = 0 } = this.options;
    this.compare();
    if (catchUpInterval > 0) {
      this.timer = setInterval(() => this.compare(), catchUpInterval * 1000).unref();
    }
  }

  /** Takes no more hints, and resolves when what is being worked on is done. The rest is found at the next start. */
  public async close(): Promise<void> {
    this.closing.abort();
    clearInterval(this.timer);
    await Promise.all([this.queue.close(), this.comparison]);
  }

  private compare(): void {
    const { pipeline, concurrency, log } = this.options;
    this.comparison ??= catchUp(pipeline, {
      concurrency,
      signal: this.closing.signal,
      onError: (key) => this.queue.add(key),
    })
      .then(
        (report) => log.caughtUp(report),
        (error: unknown) => log.notComparable(error),
      )
      .finally(() => {
        this.comparison = undefined;
      });
  }
}

/** Tells a follower of every change in the directory of the sources. */
export function watchSources(follower: Follower, store: DirectoryStore, directory: string): Promise<Watch> {
  return watch(directory, (path) => {
    const key = store.keyOf(path);
    if (key !== undefined) {
      follower.changed(key);
    }
  });
}
