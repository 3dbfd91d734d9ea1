import { runWithSignal } from '../storage';

/**
 * Maximum margin in milliseconds between the deadline and the timeout of the Lambda function. During the margin, the function
 * sends the response, the logs and the metrics.
 */
const MARGIN = 2000;
/** Maximum margin as a fraction of the time until the timeout. The smaller of both maximums applies. */
const MAX_MARGIN_SHARE = 0.1;

/** Calls a function after a number of milliseconds. Returns a function that cancels the call. */
export type After = (milliseconds: number, call: () => void) => () => void;

const onRealTime: After = (milliseconds, call) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};

/** Error for work that is incomplete at the deadline. */
export class DeadlineExceededError extends Error {
  public override readonly name = 'DeadlineExceededError';
  public readonly retryable = true;
}

/**
 * Deadline of an invocation, shortly before the timeout of the Lambda function. At the deadline, the class aborts the requests
 * to the object stores and prevents further requests. Therefore, no work continues in a later invocation of the same process.
 */
export class InvocationDeadline {
  private readonly abort = new AbortController();
  private readonly cancel: () => void = () => undefined;

  /**
   * Starts the time until the deadline.
   *
   * @param milliseconds time in milliseconds until the timeout of the Lambda function. With `Infinity`, the invocation has no
   *   deadline.
   * @param after timer function
   */
  public constructor(
    private readonly milliseconds: number,
    after: After = onRealTime,
  ) {
    if (milliseconds !== Infinity) {
      const margin = Math.min(MARGIN, MAX_MARGIN_SHARE * milliseconds);
      this.cancel = after(Math.max(0, milliseconds - margin), () => this.abort.abort());
    }
  }

  /** Whether the time until the deadline is over. */
  public get isOver(): boolean {
    return this.abort.signal.aborted;
  }

  /** Runs work and returns the result. At the deadline, aborts the requests of the work to the object stores. */
  public requestsOf<T>(work: () => Promise<T>): Promise<T> {
    return runWithSignal(this.abort.signal, work);
  }

  /**
   * Runs work and returns the result. At the deadline, aborts the requests of the work to the object stores.
   *
   * @throws DeadlineExceededError if the work is incomplete at the deadline
   */
  public async run<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.abort;
    let giveUp: (() => void) | undefined;
    const over = new Promise<never>((_, reject) => {
      // Because of `setImmediate`, the aborted work rejects before `over`. The invocation then logs the error of the work.
      giveUp = () => setImmediate(reject, new DeadlineExceededError(messageOf(this.milliseconds)));
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

function messageOf(milliseconds: number): string {
  return (
    `the work exceeded the ${(milliseconds / 1000).toFixed(1)} seconds that remained before the timeout of the ` +
    'function; increase the timeout or the memory of the function'
  );
}
