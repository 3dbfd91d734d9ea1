/** Debounces events per name. */
export interface Debounce {
  /** Records an event for a name. Restarts the quiet period of the name. */
  add(name: string): void;
  /** Discards all recorded events. */
  close(): void;
}

/**
 * Debounces events by name: calls a function once with a name after a quiet period without events for the name.
 *
 * @param quietMs length of the quiet period in milliseconds
 * @param report callback for each name
 */
export function debounce(quietMs: number, report: (name: string) => void): Debounce {
  const timers = new Map<string, NodeJS.Timeout>();
  return {
    add: (name) => {
      const onQuiet = (): void => {
        timers.delete(name);
        report(name);
      };
      clearTimeout(timers.get(name));
      timers.set(name, setTimeout(onQuiet, quietMs));
    },
    close: () => {
      timers.forEach((timer) => clearTimeout(timer));
      timers.clear();
    },
  };
}
