/** How many jobs that somebody waits for go before one that nobody does. */
const URGENT_RUN = 4;

/**
 * Jobs that wait for a child. Those that somebody waits for go first, but every fifth is one that nobody waits for: else it
 * would never be done where requests never end.
 */
export class JobQueue<T> {
  private readonly urgent: T[] = [];
  private readonly background: T[] = [];
  private readonly takers = new Set<(job: T | undefined) => void>();
  private isClosed = false;
  /** Urgent jobs since the last other one. */
  private run = 0;

  /** Urgent jobs that wait. */
  public get urgentSize(): number {
    return this.urgent.length;
  }

  /** Gives a job to who waits for one, or lets it wait. */
  public add(job: T, isUrgent: boolean): void {
    const [taker] = this.takers;
    if (taker) {
      this.takers.delete(taker);
      taker(job);
    } else {
      (isUrgent ? this.urgent : this.background).push(job);
    }
  }

  /** The next job, as soon as there is one; undefined when the queue is closed or the signal aborts. */
  public take(signal: AbortSignal): Promise<T | undefined> {
    if (this.isClosed || signal.aborted) {
      return Promise.resolve(undefined);
    }
    const job = this.next();
    if (job !== undefined) {
      return Promise.resolve(job);
    }
    return new Promise((resolve) => {
      const settle = (next: T | undefined): void => {
        signal.removeEventListener('abort', cancel);
        resolve(next);
      };
      const cancel = (): void => {
        this.takers.delete(settle);
        settle(undefined);
      };
      this.takers.add(settle);
      signal.addEventListener('abort', cancel);
    });
  }

  /** Takes back the jobs that wait in the background. */
  public dropBackground(): T[] {
    return this.background.splice(0);
  }

  /** Takes back all jobs that wait, and sends away who waits for one. */
  public close(): T[] {
    this.isClosed = true;
    const takers = [...this.takers];
    this.takers.clear();
    takers.forEach((taker) => taker(undefined));
    return [...this.urgent.splice(0), ...this.background.splice(0)];
  }

  private next(): T | undefined {
    const isTurnOfOthers = this.run === URGENT_RUN && this.background.length > 0;
    const urgent = isTurnOfOthers ? undefined : this.urgent.shift();
    this.run = urgent === undefined ? 0 : Math.min(URGENT_RUN, this.run + 1);
    return urgent ?? this.background.shift();
  }
}
