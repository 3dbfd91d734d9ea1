import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<string>();

/** Calls a function with a correlation id. Log lines of the function and of its asynchronous work contain the id. */
export function withCorrelationId<T>(id: string, work: () => T): T {
  return storage.run(id, work);
}

/** Returns the correlation id of the current asynchronous work. The correlation id is the id of an HTTP request or message. */
export function correlationId(): string | undefined {
  return storage.getStore();
}
