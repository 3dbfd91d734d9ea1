import type { Duration } from 'aws-cdk-lib';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';

/** Options of a purge. */
export interface ThumbnailPurgeOptions {
  /**
   * Time for which changes are collected before an invalidation, whole seconds from 1 second to 5 minutes. A longer time costs less,
   * because several changes of one image count once and many changes of one folder are invalidated together.
   *
   * @default Duration.minutes(1)
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * Maximum number of paths of one invalidation, from 1 to 7. Changes of more images are replaced by the paths of their
   * common folders, which discards unchanged thumbnails too.
   *
   * CloudFront permits 15 paths with wildcards in progress, and up to two invalidations are created concurrently.
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
