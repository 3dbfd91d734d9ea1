import { setTimeout as delay } from 'node:timers/promises';
import { currentSignal, abortedError } from '../abort-scope';
import { ObjectStoreError } from '../object-store';

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
  responded(): void;
}

/**
 * Makes a call within the time that it has, and within that of {@link runWithSignal}. The SDK bounds each try; how many there are,
 * and how long it waits between them while S3 asks it to slow down, it does not.
 *
 * @throws StoreError `unreachable` when the time is over, and what the work throws
 */
export async function inTime<T>({ milliseconds, doing }: CallTime, work: (call: Call) => Promise<T>): Promise<T> {
  const whole = currentSignal();
  if (whole?.aborted) {
    throw abortedError(doing);
  }
  const abort = new AbortController();
  const end = (): void => abort.abort();
  const timer = setTimeout(end, milliseconds);
  whole?.addEventListener('abort', end);
  try {
    return await work({ abortSignal: abort.signal, responded: () => clearTimeout(timer) });
  } catch (error) {
    if (whole?.aborted) {
      throw abortedError(doing, { cause: error });
    }
    if (abort.signal.aborted) {
      throw new ObjectStoreError(
        'storage-unavailable',
        `cannot ${doing}: there was no answer within ${milliseconds} ms`,
        {
          cause: error,
        },
      );
    }
    throw error;
  } finally {
    clearTimeout(timer);
    whole?.removeEventListener('abort', end);
  }
}

/** Waits, or throws when the time of {@link runWithSignal} is over before. */
export async function pauseInTime(milliseconds: number, doing: string): Promise<void> {
  const signal = currentSignal();
  try {
    await delay(milliseconds, undefined, signal && { signal });
  } catch (error) {
    throw abortedError(doing, { cause: error });
  }
}
