/**
 * Makes calls with the same key share one: who comes while a call is running gets its promise, who comes after it begins
 * a new one. The result can be older than the latest change of what the call reads; for work that must see every change,
 * use a {@link ./keyed-queue!KeyedQueue}.
 */
export function singleFlight<T>(call: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key) => {
    const shared = running.get(key);
    if (shared) {
      return shared;
    }
    const begun = begin(call, key).finally(() => running.delete(key));
    running.set(key, begun);
    return begun;
  };
}

/** Turns what a function throws before its first await into a rejection, so that it is shared as well. */
async function begin<T>(call: (key: string) => Promise<T>, key: string): Promise<T> {
  return call(key);
}
