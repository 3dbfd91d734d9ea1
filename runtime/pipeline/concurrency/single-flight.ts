/**
 * Returns a function that runs at most one call per key at a time. A second call for a key returns the promise of the running
 * call.
 *
 * The running call may have read its data before the second call. If each call must process the latest data, use a
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
async function start<Args extends readonly unknown[], T>(
  call: (...args: Args) => Promise<T>,
  ...args: Args
): Promise<T> {
  return call(...args);
}

/**
 * Returns a function that runs at most one call with equal arguments at a time. All calls that arrive during a running call
 * share one next call, which starts after the running call has settled.
 *
 * Therefore, each result includes all changes that precede the request. Memory is bounded by the number of waiting requests.
 */
export function nextFlight<Args extends readonly (string | undefined)[], T>(
  call: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  const flights = new Map<string, Flight<T>>();
  return (...args) => {
    const id = JSON.stringify(args);
    const begin = (): Promise<T> => {
      const flight: Flight<T> = { running: start(call, ...args), next: undefined };
      flights.set(id, flight);
      const ended = (): void => {
        if (!flight.next) {
          flights.delete(id);
        }
      };
      flight.running.then(ended, ended);
      return flight.running;
    };
    const flight = flights.get(id);
    return flight ? (flight.next ??= flight.running.then(begin, begin)) : begin();
  };
}

interface Flight<T> {
  readonly running: Promise<T>;
  /** Call that starts after the running call. */
  next: Promise<T> | undefined;
}
