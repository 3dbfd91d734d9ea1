import { runWithSignal } from '../storage';

/** Milliseconds that are reserved before the timeout of a function for its response, logs and metrics. */
const MARGIN = 2000;
/** Maximum share of the remaining time that is reserved. */
const MAX_MARGIN_SHARE = 0.1;

/** Calls a function after some milliseconds. Returns a function that cancels the call. */
export type After = (milliseconds: number, call: () => void) => () => void;

const onRealTime: After = (milliseconds, call) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};

/** Work that the deadline interrupted. */
export class DeadlineExceededError extends Error {
  public override readonly name = 'DeadlineExceededError';
  public readonly retryable = true;
}

/**
 * Deadline of an invocation. Shortly before the timeout, aborts the requests to the object stores and prevents further
 * requests. Therefore, no work continues when Lambda freezes the process and resumes it for another invocation.
 */
export class InvocationDeadline {
  private readonly abort = new AbortController();
  private readonly cancel: () => void = () => undefined;

  /**
   * @param milliseconds time until the timeout; Infinity for no deadline
   * @param after timer function
   */
  public constructor(milliseconds: number, after: After = onRealTime) {
    if (milliseconds !== Infinity) {
      const margin = Math.min(MARGIN, MAX_MARGIN_SHARE * milliseconds);
      this.cancel = after(Math.max(0, milliseconds - margin), () => this.abort.abort());
    }
  }

  /** Whether the deadline has passed. */
  public get isOver(): boolean {
    return this.abort.signal.aborted;
  }

  /** Runs work, aborts its requests to the object stores at the deadline, and waits for its result. */
  public requestsOf<T>(work: () => Promise<T>): Promise<T> {
    return runWithSignal(this.abort.signal, work);
  }

  /**
   * Runs work until the deadline. @throws DeadlineExceededError at the deadline, even if the work continues
   */
  public async run<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.abort;
    let giveUp: (() => void) | undefined;
    const over = new Promise<never>((_, reject) => {
      // The delay lets aborted work reject first. This invocation then logs the error of the work.
      giveUp = () => setImmediate(reject, new DeadlineExceededError('the invocation exceeded its deadline'));
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

  /** Cancels the deadline. */
  public end(): void {
    this.cancel();
  }
}
