import type { IBucket, LifecycleRule } from 'aws-cdk-lib/aws-s3';

/**
 * Options of a bucket that the pipeline creates.
 *
 * The bucket is always private and encrypted, requires TLS and has no ACLs. Pass an existing bucket for other settings.
 */
export interface ThumbnailBucketOptions {
  /**
   * Whether to enable versioning. The pipeline reads current versions only.
   *
   * @default false
   */
  readonly versioned?: boolean;

  /**
   * Additional lifecycle rules. A rule of the pipeline deletes the parts of incomplete uploads after 7 days.
   *
   * @default - objects do not expire
   */
  readonly lifecycleRules?: LifecycleRule[];

  /**
   * Bucket for server access logs, in the same region and account.
   *
   * The CDK adds a bucket policy, or an ACL without the feature flag
   * `@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy`.
   *
   * @default - no server access logs
   */
  readonly serverAccessLogsBucket?: IBucket;

  /**
   * Prefix of the keys of server access logs. Requires `serverAccessLogsBucket`.
   *
   * @default - no prefix
   */
  readonly serverAccessLogsPrefix?: string;
}
