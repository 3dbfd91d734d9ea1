/** Options of a {@link KeyedQueue}. */
export interface KeyedQueueOptions {
  /** Function that processes a key. If its promise rejects, the attempt has failed. */
  readonly process: (key: string) => Promise<unknown>;
  /** Maximum number of keys that the queue processes concurrently. @default 4 */
  readonly concurrency?: number;
  /** Maximum number of attempts per key. After an error whose `retryable` is false, no further attempt follows. @default 5 */
  readonly attempts?: number;
  /** Delay in milliseconds before the second attempt. The delay doubles with each further attempt. @default 500 */
  readonly firstDelay?: number;
  /** Maximum delay in milliseconds before an attempt. @default 30000 */
  readonly maxDelay?: number;
  /** Function that the queue calls with a key and the last error if all attempts fail. */
  readonly onGivenUp: (key: string, error: unknown) => void;
}

/** A key that is queued, running or waiting for a retry. */
interface Entry {
  readonly key: string;
  state: 'waiting' | 'running' | 'delayed';
  /** Whether a caller added the key again while it was running. */
  isAddedAgain: boolean;
  /** Number of failed attempts since a caller last added the key. */
  failures: number;
  timer?: NodeJS.Timeout;
}

/**
 * In-memory queue of keys whose objects may have changed.
 *
 * - The queue never processes a key twice at the same time.
 * - Adding a queued key again has no effect.
 * - If a running key is added again, the queue processes the key once more, because the running attempt may have read old data.
 *
 * The timers of the queue do not keep the process alive.
 */
export class KeyedQueue {
  private readonly entries = new Map<string, Entry>();
  private readonly waiting = new Set<Entry>();
  private readonly idle: (() => void)[] = [];
  private running = 0;
  private isClosed = false;

  public constructor(private readonly options: KeyedQueueOptions) {}

  /** Number of keys that are queued, running or waiting for a retry. */
  public get size(): number {
    return this.entries.size;
  }

  /** Adds a key. Has no effect on a closed queue. */
  public add(key: string): void {
    if (this.isClosed) {
      return;
    }
    const entry = this.entries.get(key) ?? { key, state: 'delayed', isAddedAgain: false, failures: 0 };
    this.entries.set(key, entry);
    entry.failures = 0;
    if (entry.state === 'running') {
      entry.isAddedAgain = true;
    } else {
      this.enqueue(entry);
    }
  }

  /** Waits until no keys are queued, running or waiting for a retry. */
  public async drain(): Promise<void> {
    if (this.entries.size > 0) {
      await new Promise<void>((resolve) => this.idle.push(resolve));
    }
  }

  /** Closes the queue and removes queued keys. The returned promise resolves after all running attempts have ended. */
  public async close(): Promise<void> {
    this.isClosed = true;
    this.waiting.clear();
    for (const entry of this.entries.values()) {
      clearTimeout(entry.timer);
      if (entry.state !== 'running') {
        this.remove(entry);
      }
    }
    await this.drain();
  }

  private enqueue(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.state = 'waiting';
    this.waiting.add(entry);
    this.startNext();
  }

  private startNext(): void {
    const { concurrency = 4 } = this.options;
    for (const entry of this.waiting) {
      if (this.running >= concurrency) {
        return;
      }
      this.waiting.delete(entry);
      entry.state = 'running';
      entry.isAddedAgain = false;
      this.running += 1;
      void this.run(entry);
    }
  }

  private async run(entry: Entry): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.options.process(entry.key);
    } catch (error) {
      failure = { error };
    }
    this.running -= 1;
    if (entry.isAddedAgain && !this.isClosed) {
      this.enqueue(entry);
    } else if (failure && this.shouldRetry(entry, failure.error)) {
      this.retryLater(entry);
    } else {
      this.remove(entry);
      if (failure) {
        this.options.onGivenUp(entry.key, failure.error);
      }
    }
    this.startNext();
  }

  private shouldRetry(entry: Entry, error: unknown): boolean {
    const { attempts = 5 } = this.options;
    entry.failures += 1;
    const isFinal = error instanceof Error && 'retryable' in error && error.retryable === false;
    return !this.isClosed && !isFinal && entry.failures < attempts;
  }

  private retryLater(entry: Entry): void {
    const { firstDelay = 500, maxDelay = 30_000 } = this.options;
    entry.state = 'delayed';
    const delay = Math.min(maxDelay, firstDelay * 2 ** (entry.failures - 1));
    entry.timer = setTimeout(() => this.enqueue(entry), delay).unref();
  }

  private remove(entry: Entry): void {
    this.entries.delete(entry.key);
    if (this.entries.size === 0) {
      this.idle.splice(0).forEach((resolve) => resolve());
    }
  }
}
