/**
 * Returns a function that runs at most one call per key at a time. A second call for a key returns the promise of the running
 * call.
 *
 * The result of the running call can be older than the latest change of the input. If each change must have an effect, use a
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

/** Calls a function. Converts a synchronous exception to a rejected promise. */
async function start<T>(call: (key: string) => Promise<T>, key: string): Promise<T> {
  return call(key);
}
