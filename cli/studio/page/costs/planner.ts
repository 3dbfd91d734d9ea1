import { signal } from '@preact/signals';
import {
  DEFAULT_WORKLOAD,
  REGIONS,
  type ComputeName,
  type EstimateOptions,
  type Region,
  type ThumbnailSize,
  type Workload,
} from '../../../../cost';
import type { StudioSettings } from '../../studio-api';

/** Values that the user has selected for the cost estimate. The design view also uses these values. */
export interface Plan {
  readonly images: number;
  readonly views: number;
  readonly megapixels: number;
  readonly megabytes: number;
  /** Percentage of the views that request a missing thumbnail, from 0 to 100. */
  readonly firstViews: number;
  /** Percentage of the views that CloudFront serves from its cache, from 0 to 100. */
  readonly cacheHits: number;
  readonly cloudFront: boolean;
  /** Number of batches per month in which the images arrive; 0 for images that arrive evenly over the month. */
  readonly batches: number;
  readonly region: Region;
  /** Number of images that exist before the first deployment. */
  readonly existing: number;
  /** Number of concurrent function invocations or tasks during the backfill. */
  readonly workers: number;
}

/** Selected values; undefined until the user changes a value. */
export const plan = signal<Plan | undefined>(undefined);

/**
 * Returns the initial values of a cost estimate. Uses the defaults of the cost model for values that the template does not
 * contain.
 */
export function initialPlan({ estimate }: StudioSettings): Plan {
  return {
    images: DEFAULT_WORKLOAD.images,
    views: 10 * DEFAULT_WORKLOAD.images,
    megapixels: DEFAULT_WORKLOAD.originals.megapixels,
    megabytes: DEFAULT_WORKLOAD.originals.bytes / 1e6,
    firstViews: 100 * DEFAULT_WORKLOAD.firstViews,
    cacheHits: 100 * DEFAULT_WORKLOAD.cacheHitRatio,
    cloudFront: estimate.cloudFront ?? DEFAULT_WORKLOAD.cloudFront,
    batches: 0,
    region: REGIONS.find((known) => known === estimate.region) ?? DEFAULT_WORKLOAD.region,
    existing: 1_000_000,
    workers: 10,
  };
}

/** Returns the compute types for an estimate. The API has the compute type of the workers, unless the template has no API. */
export function estimateOptions({ estimate }: StudioSettings, compute: ComputeName): EstimateOptions {
  return { compute, ...(estimate.api === 'none' && { api: 'none' }) };
}

/** Returns the workload of the cost model for the selected values. */
export function workloadOf(choices: Plan, thumbnails: readonly ThumbnailSize[]): Partial<Workload> {
  const { images, views, megapixels, megabytes, firstViews, cacheHits, cloudFront, batches, region } = choices;
  return {
    images,
    views,
    originals: { megapixels, bytes: megabytes * 1e6 },
    firstViews: firstViews / 100,
    cacheHitRatio: cacheHits / 100,
    cloudFront,
    arrivals: batches > 0 ? { kind: 'batches', perMonth: batches } : { kind: 'spread' },
    region,
    thumbnails,
  };
}
