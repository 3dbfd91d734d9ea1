import { AsyncLocalStorage } from 'node:async_hooks';
import { ObjectStoreError } from './object-store';

const signals = new AsyncLocalStorage<AbortSignal>();

/**
 * Runs work with an abort signal for its requests to object stores. When the signal is aborted, running and new requests fail
 * with ObjectStoreError `storage-unavailable`.
 *
 * A frozen Lambda function resumes minutes later and must not continue the writes of an invocation that has timed out.
 */
export function runWithSignal<T>(signal: AbortSignal, work: () => T): T {
  return signals.run(signal, work);
}

/** Returns the signal of the enclosing {@link runWithSignal}, or undefined outside of it. */
export function currentSignal(): AbortSignal | undefined {
  return signals.getStore();
}

/**
 * Checks the signal of the enclosing {@link runWithSignal}.
 *
 * @param doing completes the sentence "cannot …"
 * @throws ObjectStoreError with code `storage-unavailable` if the signal is aborted
 */
export function throwIfAborted(doing: string): void {
  if (signals.getStore()?.aborted) {
    throw abortedError(doing);
  }
}

/**
 * Creates the error for a request that the signal of {@link runWithSignal} has aborted.
 *
 * @param doing completes the sentence "cannot …"
 */
export function abortedError(doing: string, options?: ErrorOptions): ObjectStoreError {
  return new ObjectStoreError('storage-unavailable', `cannot ${doing}: the deadline of this call has passed`, options);
}
