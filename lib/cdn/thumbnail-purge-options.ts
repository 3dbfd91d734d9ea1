import type { Duration } from 'aws-cdk-lib';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';

/** Options of a purge. */
export interface ThumbnailPurgeOptions {
  /**
   * Time for which the queue collects changes before an invalidation, whole seconds from 1 second to 5 minutes. A longer time
   * costs less, because CloudFront bills each path of an invalidation. Several changes of one image within this time require
   * only one path. Many changes in one folder can share one path.
   *
   * @default Duration.minutes(1)
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * Maximum number of paths in one invalidation, from 1 to 7. If more images have changed, the invalidation contains the paths
   * of their common folders. These paths also invalidate unchanged thumbnails.
   *
   * CloudFront permits 15 paths with wildcards in progress. The function creates up to two invalidations concurrently.
   * Therefore, one invalidation has at most 7 paths.
   *
   * @default 5
   */
  readonly maxPaths?: number;
}

/** Properties of {@link ThumbnailPurge}. */
export interface ThumbnailPurgeProps extends ThumbnailPurgeOptions {
  /** Pipeline of this app with an API. Imported pipelines are not supported. */
  readonly pipeline: IThumbnailPipeline;

  /** Distribution with the behaviors of the pipeline. */
  readonly distribution: IDistribution;
}
