import { DEFAULT_THUMBNAILS, FORMATS, type Originals, type ThumbnailSize } from './image-work';
import { REGIONS, type Region } from './prices';

/**
 * Distribution of the uploads over the month: evenly at random times, or in batches. Evenly distributed uploads cost more on
 * Fargate, because AWS also bills tasks that wait for images.
 */
export type Arrivals = { readonly kind: 'spread' } | { readonly kind: 'batches'; readonly perMonth: number };

/** Images, views and storage of a pipeline in one month. */
export interface Workload {
  /** Number of uploaded images per month. */
  readonly images: number;
  readonly arrivals: Arrivals;
  readonly originals: Originals;
  readonly thumbnails: readonly ThumbnailSize[];
  /** Number of thumbnail views per month. */
  readonly views: number;
  /** Median size of the thumbnails that viewers request, in bytes. */
  readonly viewBytes: number;
  /** Fraction of the views that request a missing thumbnail, from 0 to 1. The API creates the thumbnail set for these views. */
  readonly firstViews: number;
  /** Fraction of the views that CloudFront serves from its cache, from 0 to 1. */
  readonly cacheHitRatio: number;
  /** Whether CloudFront serves the views. Otherwise the API serves all views. */
  readonly cloudFront: boolean;
  /** Age of the pipeline in months. All thumbnails of this time are still stored. */
  readonly storedMonths: number;
  readonly region: Region;
}

/** Default workload. Every field can be overridden. */
export const DEFAULT_WORKLOAD: Workload = {
  images: 100_000,
  arrivals: { kind: 'spread' },
  originals: { megapixels: 10, bytes: 3_000_000 },
  thumbnails: DEFAULT_THUMBNAILS,
  views: 0,
  viewBytes: 50_000,
  firstViews: 0,
  cacheHitRatio: 0.9,
  cloudFront: true,
  storedMonths: 1,
  region: 'us-east-1',
};

/** Error that lists every invalid field of a workload. */
export class WorkloadError extends Error {
  public override readonly name = 'WorkloadError';
}

/**
 * Adds the default values to the given fields, and validates the resulting workload.
 *
 * @throws WorkloadError if a field is out of range
 */
export function workloadOf(given: Partial<Workload>): Workload {
  const workload = { ...DEFAULT_WORKLOAD, ...given };
  const { arrivals, originals, thumbnails } = workload;
  const findings = [
    ...outOfRange('images', workload.images, 0, 1e12),
    ...outOfRange('views', workload.views, 0, 1e15),
    ...outOfRange('viewBytes', workload.viewBytes, 0, 1e9),
    ...outOfRange('firstViews', workload.firstViews, 0, 1),
    ...outOfRange('cacheHitRatio', workload.cacheHitRatio, 0, 1),
    ...(workload.firstViews + workload.cacheHitRatio > 1
      ? [
          `firstViews: ${workload.firstViews} and cacheHitRatio: ${workload.cacheHitRatio} exceed 1 in total; ` +
            'a first view is never a cache hit',
        ]
      : []),
    ...outOfRange('storedMonths', workload.storedMonths, 0, 1200),
    ...outOfRange('originals.megapixels', originals.megapixels, 0.000001, 1000),
    ...outOfRange('originals.bytes', originals.bytes, 1, 1e12),
    ...(arrivals.kind === 'batches' ? outOfRange('arrivals.perMonth', arrivals.perMonth, 1, 1e6) : []),
    ...(REGIONS.includes(workload.region)
      ? []
      : [`region: ${workload.region} has no prices; expected one of ${REGIONS.join(', ')}`]),
    ...thumbnails.flatMap((thumbnail, index) => thumbnailFindings(thumbnail, `thumbnails[${index}]`)),
  ];
  if (findings.length > 0) {
    throw new WorkloadError(findings.join('\n'));
  }
  return workload;
}

function thumbnailFindings({ width, height, formats }: ThumbnailSize, path: string): string[] {
  return [
    ...outOfRange(`${path}.width`, width, 1, 100_000),
    ...outOfRange(`${path}.height`, height, 1, 100_000),
    ...formats.flatMap(({ type }) =>
      FORMATS.includes(type) ? [] : [`${path}.formats: ${type} is unknown; expected one of ${FORMATS.join(', ')}`],
    ),
  ];
}

function outOfRange(path: string, value: number, min: number, max: number): string[] {
  return value >= min && value <= max
    ? []
    : [`${path}: ${value} is out of range; expected a number from ${min} to ${max.toLocaleString('en-US')}`];
}
