import type { IBucket, LifecycleRule } from 'aws-cdk-lib/aws-s3';

/**
 * Options of a bucket that a pipeline makes. Each is private, encrypted, for TLS only and without ACLs whatever they say;
 * for a bucket of another kind, pass it whole.
 */
export interface ThumbnailBucketOptions {
  /**
   * Keep what was replaced or removed. The pipeline reads and shows the newest version only.
   *
   * @default false
   */
  readonly versioned?: boolean;

  /**
   * What becomes of objects with time: moved to another storage class, removed; of older versions too. Parts of uploads
   * that were never finished are removed after 7 days besides.
   *
   * @default - objects stay as they are
   */
  readonly lifecycleRules?: LifecycleRule[];

  /**
   * Where S3 writes a line for every request, a few hours later: a bucket in the same region and account. Its policy lets S3,
   * or its ACL where the app lacks the feature flag `@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy`.
   *
   * @default - requests are not logged
   */
  readonly serverAccessLogsBucket?: IBucket;

  /**
   * Put before the names of these logs.
   *
   * @default - nothing
   */
  readonly serverAccessLogsPrefix?: string;
}
