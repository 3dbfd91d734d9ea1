import { AsyncLocalStorage } from 'node:async_hooks';
import { ObjectStoreError } from './object-store';

const signals = new AsyncLocalStorage<AbortSignal>();

/**
 * Runs work with an abort signal for its requests to object stores. After the abort, running and new requests fail with an
 * ObjectStoreError `storage-unavailable`.
 *
 * Without the abort, a process that Lambda freezes after a timeout could continue the writes of this invocation minutes later.
 */
export function runWithSignal<T>(signal: AbortSignal, work: () => T): T {
  return signals.run(signal, work);
}

/** Returns the signal of the enclosing {@link runWithSignal}. Returns undefined outside of {@link runWithSignal}. */
export function currentSignal(): AbortSignal | undefined {
  return signals.getStore();
}

/**
 * Throws an error if the signal of the enclosing {@link runWithSignal} is aborted.
 *
 * @param doing description of the operation, for the error message `cannot ${doing}: …`
 * @throws ObjectStoreError with code `storage-unavailable` if the signal is aborted
 */
export function throwIfAborted(doing: string): void {
  if (signals.getStore()?.aborted) {
    throw abortedError(doing);
  }
}

/**
 * Returns the error for a request that the signal of {@link runWithSignal} has aborted.
 *
 * @param doing description of the operation, for the error message `cannot ${doing}: …`
 */
export function abortedError(doing: string, options?: ErrorOptions): ObjectStoreError {
  return new ObjectStoreError('storage-unavailable', `cannot ${doing}: the deadline of this call has passed`, options);
}
