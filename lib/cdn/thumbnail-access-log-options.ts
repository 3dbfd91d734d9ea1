import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** Destination of the access logs of a distribution: either `logGroup` or `bucket`. The records are in JSON format. */
export interface ThumbnailAccessLogOptions {
  /**
   * Log group for the access logs. The retention of the log group applies to the records.
   *
   * @default - no log group; `bucket` is then required
   */
  readonly logGroup?: ILogGroup;

  /**
   * Bucket for the access logs. The bucket requires no ACLs. The keys of the log files start with
   * `AWSLogs/{account}/CloudFront/`. The bucket policy must allow the log delivery to write. The library adds this permission,
   * except to the policy of an imported bucket.
   *
   * @default - no bucket; `logGroup` is then required
   */
  readonly bucket?: IBucket;
}
