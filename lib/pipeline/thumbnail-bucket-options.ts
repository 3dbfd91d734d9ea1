import type { IBucket, LifecycleRule } from 'aws-cdk-lib/aws-s3';

/**
 * Options of a bucket that the pipeline creates.
 *
 * The bucket is always private and encrypted, requires TLS and has no ACLs. If you require other settings, pass an existing
 * bucket.
 */
export interface ThumbnailBucketOptions {
  /**
   * Whether to enable versioning. The pipeline reads current versions only.
   *
   * @default false
   */
  readonly versioned?: boolean;

  /**
   * Additional lifecycle rules. The pipeline always adds a rule that deletes the parts of incomplete multipart uploads after 7
   * days.
   *
   * @default - objects do not expire
   */
  readonly lifecycleRules?: LifecycleRule[];

  /**
   * Bucket for server access logs, in the region and account of this bucket.
   *
   * The CDK grants access to the log bucket with a bucket policy. Without the feature flag
   * `@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy`, the CDK uses an ACL instead.
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
