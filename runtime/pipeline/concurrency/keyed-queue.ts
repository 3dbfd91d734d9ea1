/** How a {@link KeyedQueue} works. */
export interface KeyedQueueOptions {
  /** The work that a hint asks for. A rejection is a failed attempt. */
  readonly process: (key: string) => Promise<unknown>;
  /** Keys that are processed at once. @default 4 */
  readonly concurrency?: number;
  /** Attempts after a hint before the key is given up; an error whose `retryable` is false gets one. @default 5 */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; doubled for each one after it. @default 500 */
  readonly firstDelay?: number;
  /** Longest delay before an attempt in milliseconds. @default 30000 */
  readonly maxDelay?: number;
  /** Told of a key that is given up until its next hint, and of its last failure. */
  readonly onGivenUp: (key: string, error: unknown) => void;
}

/** A key that somebody hinted at and that is not done. */
interface Entry {
  readonly key: string;
  state: 'waiting' | 'running' | 'delayed';
  /** A hint came since the run began: what that run read may be out of date. */
  isHinted: boolean;
  /** Failures since the last hint. */
  failures: number;
  timer?: NodeJS.Timeout;
}

/**
 * A queue in the process, for keys that *may have changed*. A key is never processed by two at once; hints for a key that
 * waits are one; a hint for a key that is being processed makes it run once more, because that run may already have looked.
 * Its timers do not keep the process alive.
 */
export class KeyedQueue {
  private readonly entries = new Map<string, Entry>();
  private readonly waiting = new Set<Entry>();
  private readonly idle: (() => void)[] = [];
  private running = 0;
  private isClosed = false;

  public constructor(private readonly options: KeyedQueueOptions) {}

  /** Keys that are not done: waiting, in process or to be tried again. */
  public get size(): number {
    return this.entries.size;
  }

  /** Says that a key may have changed. Ignored once the queue is closed. */
  public add(key: string): void {
    if (this.isClosed) {
      return;
    }
    const entry = this.entries.get(key) ?? { key, state: 'delayed', isHinted: false, failures: 0 };
    this.entries.set(key, entry);
    entry.failures = 0;
    if (entry.state === 'running') {
      entry.isHinted = true;
    } else {
      this.enqueue(entry);
    }
  }

  /** Resolves when no key is left, those that are to be tried again included. */
  public async drain(): Promise<void> {
    if (this.entries.size > 0) {
      await new Promise<void>((resolve) => this.idle.push(resolve));
    }
  }

  /** Takes no more hints, forgets the keys that wait, and resolves when those in process are done. */
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
      entry.isHinted = false;
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
    if (entry.isHinted && !this.isClosed) {
      this.enqueue(entry);
    } else if (failure && this.isWorthARetry(entry, failure.error)) {
      this.retryLater(entry);
    } else {
      this.remove(entry);
      if (failure) {
        this.options.onGivenUp(entry.key, failure.error);
      }
    }
    this.startNext();
  }

  private isWorthARetry(entry: Entry, error: unknown): boolean {
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
