// Functions that run in the page. The functions read the performance entries that Lighthouse also reads.

/** Properties that {@link observe} adds to the window. */
interface Observed {
  /** Durations of interactions in ms since the last call of {@link slowestInteraction}. */
  interactions: number[];
  largestPaint: number;
  layoutShift: number;
  /** Total blocking time in ms: the sum of the time beyond 50 ms of each long task. */
  blocking: number;
}

/** The part of the browser's global object that the functions use. */
interface PageGlobal {
  observed: Observed;
  readonly PerformanceObserver: new (callback: (list: { getEntries(): Entry[] }) => void) => {
    observe(options: { readonly type: string; readonly buffered: boolean; readonly durationThreshold?: number }): void;
  };
  readonly performance: { getEntriesByName(name: string): Entry[] };
}

interface Entry {
  readonly startTime: number;
  readonly duration: number;
  readonly interactionId?: number;
  readonly value?: number;
}

/** Observes the performance entries of a page from its start. */
export function observe(): void {
  const page = globalThis as unknown as PageGlobal;
  const observed: Observed = { interactions: [], largestPaint: 0, layoutShift: 0, blocking: 0 };
  page.observed = observed;
  const watch = (type: string, take: (entry: Entry) => void): void =>
    new page.PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
      ...(type === 'event' && { durationThreshold: 16 }),
    });
  watch('largest-contentful-paint', ({ startTime }) => (observed.largestPaint = startTime));
  watch('layout-shift', ({ value = 0 }) => (observed.layoutShift += value));
  watch('longtask', ({ duration }) => (observed.blocking += Math.max(0, duration - 50)));
  watch('event', ({ interactionId = 0, duration }) => {
    if (interactionId > 0) {
      observed.interactions.push(duration);
    }
  });
}

/** Returns the loading metrics of the page by name: times in ms, and the layout shift without a unit. */
export function loadingMetrics(): Readonly<Record<string, number>> {
  const { observed, performance } = globalThis as unknown as PageGlobal;
  return {
    'first contentful paint': performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    'largest contentful paint': observed.largestPaint,
    'total blocking time': observed.blocking,
    'layout shift': observed.layoutShift,
  };
}

/**
 * Returns the duration in ms of the slowest interaction since the last call. The duration is the time from the input to
 * the next paint. The browser does not report interactions below 16 ms.
 */
export function slowestInteraction(): number {
  const { observed } = globalThis as unknown as PageGlobal;
  return Math.max(0, ...observed.interactions.splice(0));
}
