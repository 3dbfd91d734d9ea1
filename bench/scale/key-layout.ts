import { fileName, thumbnailSetFolder } from '../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import { randomNumbers } from './simulate';

/** Load of the busiest S3 partition for one layout of source keys. */
export interface LayoutLoad {
  readonly layout: string;
  /** Fraction of the source requests on the second day that the busiest partition receives, from 0 to 1. */
  readonly sources: number;
  /** Fraction of the thumbnail requests on the second day that the busiest partition receives, from 0 to 1. */
  readonly thumbnails: number;
}

/** Number of S3 partitions after the first day, each with an equal number of keys. */
export const PARTITIONS = 16;
const KEYS = 4000;
const NAMES = ['small', 'square', 'large'];

/** Functions by key layout. Each function returns the key of a source that is uploaded on `day`. */
const LAYOUTS: Readonly<Record<string, (random: () => number, day: number) => string>> = {
  '{uuid}/{filename}': (random) => `${uuid(random)}/photo.jpg`,
  'users/{id}/{uuid}.jpg': (random) =>
    `users/${String(Math.floor(random() * 5000)).padStart(6, '0')}/${uuid(random)}.jpg`,
  '{date}/{uuid}.jpg': (random, day) => `2026/11/${String(day).padStart(2, '0')}/${uuid(random)}.jpg`,
  '{counter}.jpg': (random, day) => `${String(day * 1e6 + Math.floor(random() * 1e6)).padStart(9, '0')}.jpg`,
};

/**
 * Returns the load of the busiest partition for each layout of the source keys. S3 splits a bucket into partitions by
 * ranges of keys. In this model, each range contains an equal number of keys from the first day. The requests of the
 * second day determine the load.
 */
export function layoutLoads(): LayoutLoad[] {
  return Object.entries(LAYOUTS).map(([layout, keyOf]) => {
    const random = randomNumbers(1);
    const [before, after] = [1, 2].map((day) => Array.from({ length: KEYS }, () => keyOf(random, day)));
    const stored = (keys: readonly string[]): string[] =>
      keys.flatMap((key) => NAMES.map((name) => `${thumbnailSetFolder('', key)}/${fileName(name, 'webp')}`));
    return {
      layout,
      sources: busiestShare(before!, after!),
      thumbnails: busiestShare(stored(before!), stored(after!)),
    };
  });
}

function busiestShare(before: readonly string[], after: readonly string[]): number {
  const sorted = before.toSorted();
  const bounds = Array.from(
    { length: PARTITIONS - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / PARTITIONS)]!,
  );
  const loads = new Array<number>(PARTITIONS).fill(0);
  for (const key of after) {
    const found = bounds.findIndex((bound) => key < bound);
    loads[found === -1 ? PARTITIONS - 1 : found]! += 1;
  }
  return Math.max(...loads) / after.length;
}

function uuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
