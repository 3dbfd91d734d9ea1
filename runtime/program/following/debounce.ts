/** Debounces events per name. */
export interface Debounce {
  /** Records an event. Restarts the quiet period of its name. */
  add(name: string): void;
  /** Discards all recorded events. */
  close(): void;
}

/**
 * Reports each name once, after a period without events of that name.
 *
 * @param quietMs length of the quiet period
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
