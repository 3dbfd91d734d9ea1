import { setTimeout as delay } from 'node:timers/promises';
import { currentSignal, timeIsOver } from '../abort-scope';
import { StoreError } from '../object-store';

/** How long a call may take. */
export interface CallTime {
  /** Milliseconds until the head of the answer, all tries and the waits between them included. */
  readonly milliseconds: number;
  /** Completes «cannot …». */
  readonly doing: string;
}

/** A call to S3 that is under way. */
export interface Call {
  /** Breaks off the call's requests, and the body of their answer. */
  readonly abortSignal: AbortSignal;
  /** Says that the head of the answer is there. What follows is bounded by its own timeouts. */
  answered(): void;
}

/**
 * Makes a call within the time that it has, and within that of {@link runUntil}. The SDK bounds each try; how many there are,
 * and how long it waits between them while S3 asks it to slow down, it does not.
 *
 * @throws StoreError `unreachable` when the time is over, and what the work throws
 */
export async function inTime<T>({ milliseconds, doing }: CallTime, work: (call: Call) => Promise<T>): Promise<T> {
  const whole = currentSignal();
  if (whole?.aborted) {
    throw timeIsOver(doing);
  }
  const abort = new AbortController();
  const end = (): void => abort.abort();
  const timer = setTimeout(end, milliseconds);
  whole?.addEventListener('abort', end);
  try {
    return await work({ abortSignal: abort.signal, answered: () => clearTimeout(timer) });
  } catch (error) {
    if (whole?.aborted) {
      throw timeIsOver(doing, { cause: error });
    }
    if (abort.signal.aborted) {
      throw new StoreError('unreachable', `cannot ${doing}: there was no answer within ${milliseconds} ms`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    clearTimeout(timer);
    whole?.removeEventListener('abort', end);
  }
}

/** Waits, or throws when the time of {@link runUntil} is over before. */
export async function pauseInTime(milliseconds: number, doing: string): Promise<void> {
  const signal = currentSignal();
  try {
    await delay(milliseconds, undefined, signal && { signal });
  } catch (error) {
    throw timeIsOver(doing, { cause: error });
  }
}
