import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<string>();

/** Runs work with a correlation id, which the log lines of the work contain. */
export function withCorrelationId<T>(id: string, work: () => T): T {
  return storage.run(id, work);
}

/** Returns the correlation id of the current work: the id of an HTTP request or of a message. */
export function correlationId(): string | undefined {
  return storage.getStore();
}
