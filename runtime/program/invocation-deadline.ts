import { runWithSignal } from '../storage';

/** Milliseconds before the end of a function that are kept for its answer, its log and its counts. */
const MARGIN = 2000;
/** Share of the time that they take at most. */
const MAX_MARGIN_SHARE = 0.1;

/** Calls something after some milliseconds; what it gives takes that back. */
export type After = (milliseconds: number, call: () => void) => () => void;

const onRealTime: After = (milliseconds, call) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};

/** Work whose time is over before it was done. */
export class DeadlineExceededError extends Error {
  public override readonly name = 'OutOfTimeError';
  public readonly retryable = true;
}

/**
 * The time that is left of an invocation. When it is nearly over, what was begun is given up: its requests to the stores end
 * and no further ones are made, so that nothing of it goes on if the process is frozen and thawed for another invocation.
 */
export class InvocationDeadline {
  private readonly abort = new AbortController();
  private readonly cancel: () => void = () => undefined;

  /**
   * @param milliseconds until the function is stopped; Infinity for never
   * @param after the clock
   */
  public constructor(milliseconds: number, after: After = onRealTime) {
    if (milliseconds !== Infinity) {
      const margin = Math.min(MARGIN, MAX_MARGIN_SHARE * milliseconds);
      this.cancel = after(Math.max(0, milliseconds - margin), () => this.abort.abort());
    }
  }

  /** Whether it is time to answer. */
  public get isOver(): boolean {
    return this.abort.signal.aborted;
  }

  /** Does work whose requests to the stores end when the time is over, and waits for what it makes of that. */
  public requestsOf<T>(work: () => Promise<T>): Promise<T> {
    return runWithSignal(this.abort.signal, work);
  }

  /**
   * Does work as long as there is time.
   *
   * @throws OutOfTimeError at once when the time is over, whether or not the work has noticed
   */
  public async run<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.abort;
    let giveUp: (() => void) | undefined;
    const over = new Promise<never>((_, reject) => {
      // What notices the end by itself has its say first, and its line in the log of this invocation.
      giveUp = () => setImmediate(reject, new DeadlineExceededError('the time of this invocation is over'));
      signal.addEventListener('abort', giveUp);
    });
    if (signal.aborted) {
      giveUp?.();
    }
    try {
      return await Promise.race([over, runWithSignal(signal, work)]);
    } finally {
      signal.removeEventListener('abort', giveUp!);
    }
  }

  /** Says that the work is done. */
  public end(): void {
    this.cancel();
  }
}
