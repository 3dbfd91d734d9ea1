import { COMPUTES, functionSeconds, taskSeconds, type ComputeModel, type ComputeName } from './computes';
import { estimate, sumOf } from './estimate';
import { imageWork } from './image-work';
import { pricesOf } from './prices';
import type { Bound, Range } from './range';
import { workloadOf, type Workload } from './workload';

/**
 * Returns the monthly cost of the workers for one compute type in US dollars, including a cluster or a minimum number of
 * instances. Excludes items with an equal cost for all compute types, such as requests to S3.
 */
export function computeCost(given: Partial<Workload>, compute: ComputeName, bound: Bound = 'expected'): number {
  const { images, arrivals, thumbnails, originals, region } = workloadOf(given);
  const work = imageWork(thumbnails, originals);
  const model: ComputeModel = COMPUTES[compute];
  const prices = pricesOf(region);
  return [...(model.shared?.(prices) ?? []), ...model.worker({ images, arrivals, work }, prices, bound)].reduce(
    (sum, { usd }) => sum + usd,
    0,
  );
}

/** Maximum number of images per month that {@link crossing} considers. */
const MAX_IMAGES = 1e9;

/**
 * Returns the number of images per month above which the workers of compute type `later` cost less than the workers of `first`.
 *
 * @returns the number of images, rounded to two significant digits; undefined if `later` costs more even at a billion images
 */
export function crossing(
  given: Partial<Workload>,
  first: ComputeName,
  later: ComputeName,
  bound: Bound = 'expected',
): number | undefined {
  const isCheaper = (images: number): boolean =>
    computeCost({ ...given, images }, later, bound) < computeCost({ ...given, images }, first, bound);
  if (!isCheaper(MAX_IMAGES)) {
    return undefined;
  }
  let [low, high] = [1, MAX_IMAGES];
  while (high / low > 1.001) {
    const middle = Math.sqrt(low * high);
    [low, high] = isCheaper(middle) ? [low, middle] : [middle, high];
  }
  return Number(high.toPrecision(2));
}

/** Stored bytes and storage cost after a number of months. */
export interface StorageMonth {
  readonly month: number;
  readonly gb: number;
  /** Storage cost in this month in US dollars. */
  readonly usd: number;
}

/** Returns the stored bytes and their cost after each of the given numbers of months. Assumes that no image is deleted. */
export function storageGrowth(given: Partial<Workload>, months: readonly number[]): StorageMonth[] {
  const { images, thumbnails, originals, region } = workloadOf(given);
  const { storedBytes } = imageWork(thumbnails, originals);
  return months.map((month) => {
    const gb = (images * month * storedBytes) / 1e9;
    return { month, gb, usd: gb * pricesOf(region).usd.s3GbMonth };
  });
}

/** Number of keys in one `SendMessageBatch` request. */
const KEYS_PER_SEND = 10;
/** Number of keys in one page of `ListObjectsV2`. */
const KEYS_PER_PAGE = 1000;

/** Number of keys in one child workflow of the state machine: docs/decisions/0035-backfill.md. */
const KEYS_PER_WORKFLOW = 700;
/** Number of state transitions of one child workflow. */
const TRANSITIONS_PER_WORKFLOW = 6;

/** Estimated cost and duration of a backfill of existing images. */
export interface Backfill {
  /** Cost in US dollars, without the state machine. */
  readonly usd: Range;
  /** Cost of the state machine of `addBackfill()`. */
  readonly stateMachineUsd: number;
  /** Duration in hours with `workers` concurrent function invocations or tasks. */
  readonly hours: Range;
}

/**
 * Estimates the cost of a backfill: listing, messages, compute, requests and logs. Excludes the storage of the thumbnails.
 *
 * @param workers number of concurrent function invocations, or of tasks with one vCPU
 */
export function backfill(
  images: number,
  compute: ComputeName,
  workers: number,
  given: Partial<Omit<Workload, 'images' | 'arrivals'>> = {},
): Backfill {
  const arrivals = { kind: 'batches', perMonth: 1 } as const;
  const { lines, work, workload } = estimate({ ...given, images, arrivals, views: 0 }, { compute, api: 'none' });
  const { usd } = pricesOf(workload.region);
  const processing = sumOf(lines, 'compute', 'processing');
  // The monthly estimate assumes one send request per image. A backfill sends several keys per request, so the difference is
  // subtracted.
  const sends = images * usd.sqsRequest * (1 - 1 / KEYS_PER_SEND);
  const pages = (images / KEYS_PER_PAGE) * usd.s3Put;
  const perBound = (value: (bound: Bound) => number): Range => ({
    low: value('low'),
    expected: value('expected'),
    high: value('high'),
  });
  const seconds = compute === 'lambda' || compute === 'hybrid' ? functionSeconds : taskSeconds;
  return {
    usd: perBound((bound) => processing[bound] - sends + pages),
    stateMachineUsd: images * (1 / KEYS_PER_SEND + TRANSITIONS_PER_WORKFLOW / KEYS_PER_WORKFLOW) * usd.stateTransition,
    hours: perBound((bound) => (images * seconds(work, bound)) / workers / 3600),
  };
}
