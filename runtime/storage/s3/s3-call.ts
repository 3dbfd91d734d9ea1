import { setTimeout as delay } from 'node:timers/promises';
import { abortedError, currentSignal } from '../abort-scope';
import { ObjectStoreError } from '../object-store';

/** Options of {@link callWithTimeout}. */
export interface CallOptions {
  /** Maximum time in milliseconds until the response headers arrive, including all attempts and the delays before retries. */
  readonly timeout: number;
  /** Description of the operation, for the error message `cannot ${doing}: …`. */
  readonly doing: string;
}

/** A running call to S3. */
export interface Call {
  /** Signal that aborts the requests of the call and the bodies of their responses. */
  readonly abortSignal: AbortSignal;
  /** Stops the timeout of the call, so that only the timeouts of the client limit the transfer of the response body. */
  responded(): void;
}

/**
 * Runs a call with a timeout and the signal of {@link runWithSignal}.
 *
 * The AWS SDK limits only the time of each attempt. Without this function, retries and throttling delays could extend a call
 * without limit.
 *
 * @throws ObjectStoreError with code `storage-unavailable` if the call exceeds the timeout
 */
export async function callWithTimeout<T>(
  { timeout, doing }: CallOptions,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const scope = currentSignal();
  if (scope?.aborted) {
    throw abortedError(doing);
  }
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, timeout);
  scope?.addEventListener('abort', abort);
  try {
    return await work({ abortSignal: controller.signal, responded: () => clearTimeout(timer) });
  } catch (error) {
    if (scope?.aborted) {
      throw abortedError(doing, { cause: error });
    }
    if (controller.signal.aborted) {
      const message = `cannot ${doing}: no response within ${timeout} ms`;
      throw new ObjectStoreError('storage-unavailable', message, { cause: error });
    }
    throw error;
  } finally {
    clearTimeout(timer);
    scope?.removeEventListener('abort', abort);
  }
}

/**
 * Waits for a number of milliseconds before a retry.
 *
 * @throws ObjectStoreError with code `storage-unavailable` if the signal of {@link runWithSignal} is aborted during the wait
 */
export async function waitBeforeRetry(milliseconds: number, doing: string): Promise<void> {
  const signal = currentSignal();
  try {
    await delay(milliseconds, undefined, signal && { signal });
  } catch (error) {
    throw abortedError(doing, { cause: error });
  }
}
