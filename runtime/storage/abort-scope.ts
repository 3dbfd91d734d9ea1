import { AsyncLocalStorage } from 'node:async_hooks';
import { ObjectStoreError } from './object-store';

const signals = new AsyncLocalStorage<AbortSignal>();

/**
 * Does work whose requests to any store end with a signal: those under way are broken off, further ones are not begun, both
 * throw StoreError `unreachable`. A process that is frozen and thawed, as a Lambda function's is, must not go on writing
 * minutes later on behalf of a call that it has ended.
 */
export function runWithSignal<T>(signal: AbortSignal, work: () => T): T {
  return signals.run(signal, work);
}

/** The signal that the requests of now end with; undefined where there is none. */
export function currentSignal(): AbortSignal | undefined {
  return signals.getStore();
}

/** @throws StoreError when the time of {@link runWithSignal} is over. `doing` completes «cannot …». */
export function throwIfAborted(doing: string): void {
  if (signals.getStore()?.aborted) {
    throw abortedError(doing);
  }
}

/** What a request throws that the end of the time broke off. `doing` completes «cannot …». */
export function abortedError(doing: string, options?: ErrorOptions): ObjectStoreError {
  return new ObjectStoreError('storage-unavailable', `cannot ${doing}: the time that this call has is over`, options);
}
