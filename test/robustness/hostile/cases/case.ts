import type { RejectionCode } from '../../../../runtime/engine';

/** Result of a hostile image: thumbnails, thumbnails with warnings, or a rejection by its code. */
export type Outcome = 'rendered' | 'warned' | RejectionCode;

/** One trick, in one image or several that differ only in where or by how much. */
export interface HostileCase {
  readonly name: string;
  readonly make: () => Buffer | readonly Buffer[] | Promise<Buffer | readonly Buffer[]>;
  /** Permitted results of each image. */
  readonly expected: readonly Outcome[];
  /** SVG is allowed. Default: false. */
  readonly allowSvg?: boolean;
  /** Whether decoding continues after the deadline. The test ends the process and does not check its memory. @default false */
  readonly endless?: boolean;
}

/** Shorthand of a list of cases. */
export function cases(
  list: Readonly<Record<string, readonly [make: HostileCase['make'], ...expected: Outcome[]]>>,
): HostileCase[] {
  return Object.entries(list).map(([name, [make, ...expected]]) => ({ name, make, expected }));
}

/** Cut off at each of several places. */
export function cutAt(bytes: Buffer, places: Iterable<number>): Buffer[] {
  return Array.from(new Set(places), (place) => bytes.subarray(0, place)).filter(({ length }) => length < bytes.length);
}

/** Evenly spread places in a file. */
export function steps(bytes: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 1) * bytes.length) / (count + 1)));
}
