/**
 * Returns a function that runs at most one call per key at a time. A call during a running call for the same key
 * returns the promise of the running call.
 *
 * A shared result can be older than the latest change of its input. For work that must see every change, use a
 * {@link ./keyed-queue!KeyedQueue}.
 */
export function singleFlight<T>(call: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key) => {
    const shared = running.get(key);
    if (shared) {
      return shared;
    }
    const started = start(call, key).finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}

/** Converts a synchronous exception into a rejected promise. */
async function start<T>(call: (key: string) => Promise<T>, key: string): Promise<T> {
  return call(key);
}
