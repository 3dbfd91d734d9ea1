import type { RejectionCode } from '../../../../runtime/engine';

/** Result of a hostile image: thumbnails, thumbnails with warnings, or a rejection by its code. */
export type Outcome = 'rendered' | 'warned' | RejectionCode;

/** One or more images with one property that can harm a decoder. */
export interface HostileCase {
  readonly name: string;
  readonly make: () => Buffer | readonly Buffer[] | Promise<Buffer | readonly Buffer[]>;
  /** Permitted results of each image. */
  readonly expected: readonly Outcome[];
  /** Whether SVG is allowed. @default false */
  readonly allowSvg?: boolean;
  /**
   * Whether decoding continues after the deadline. If so, the test ends the process and does not check the memory.
   * @default false
   */
  readonly endless?: boolean;
}

/** Converts an object to a list of cases. Each property contains the function and the permitted results of one case. */
export function cases(
  list: Readonly<Record<string, readonly [make: HostileCase['make'], ...expected: Outcome[]]>>,
): HostileCase[] {
  return Object.entries(list).map(([name, [make, ...expected]]) => ({ name, make, expected }));
}

/** Returns copies of a file, truncated at the given offsets. */
export function cutAt(bytes: Buffer, places: Iterable<number>): Buffer[] {
  return Array.from(new Set(places), (place) => bytes.subarray(0, place)).filter(({ length }) => length < bytes.length);
}

/** Returns evenly distributed offsets in a file. */
export function steps(bytes: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 1) * bytes.length) / (count + 1)));
}
