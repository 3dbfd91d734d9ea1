/** Hears of names, and tells each of them once it has been quiet about it for a while. */
export interface Debounce {
  /** Something was seen about a name: it is told later. */
  seen(name: string): void;
  /** Tells nothing more. */
  close(): void;
}

/**
 * Tells what is seen only when no more is seen of it. Whatever it was is told, also when nothing seems to have come of it.
 *
 * @param quiet milliseconds without news, after which a name is told
 */
export function settle(quiet: number, tell: (name: string) => void): Debounce {
  const waiting = new Map<string, NodeJS.Timeout>();
  return {
    seen: (name) => {
      const toldLater = (): void => {
        waiting.delete(name);
        tell(name);
      };
      clearTimeout(waiting.get(name));
      waiting.set(name, setTimeout(toldLater, quiet));
    },
    close: () => {
      waiting.forEach((timer) => clearTimeout(timer));
      waiting.clear();
    },
  };
}
