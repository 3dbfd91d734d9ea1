/** Estimated value with a lower and an upper bound. */
export interface Range {
  /** Lower bound: the measured CPU time of the engine in a warm process on x86, without start-up and storage. */
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** Name of a value in a {@link Range}. */
export type Bound = keyof Range;
/** All values of a {@link Range}. */
export const BOUNDS: readonly Bound[] = ['low', 'expected', 'high'];

/**
 * Factors by which the measured CPU time of the engine is multiplied to estimate the CPU time in a deployment.
 *
 * - `expected`: the command `render` takes 0.27 s per photo, but the engine takes 0.217 s (docs/explanation/performance.md).
 *   The difference is the time for start-up, placeholder, manifest and writing.
 * - `high`: includes a slower arm64 core, cold starts and retries. This factor is an assumption.
 */
const FACTORS: Range = { low: 1, expected: 1.25, high: 2.5 };

/** Returns the range of a measured time. */
export function expectedRange(measured: number): Range {
  return { low: FACTORS.low * measured, expected: FACTORS.expected * measured, high: FACTORS.high * measured };
}
