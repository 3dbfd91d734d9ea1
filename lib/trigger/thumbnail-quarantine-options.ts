import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** Options of the quarantine of `ThumbnailTrigger.afterMalwareScan()`. */
export interface ThumbnailQuarantineOptions {
  /**
   * Prefix of the keys in the quarantine. The keys consist of the prefix, the source key and the ETag of the source.
   *
   * The prefix must not overlap with the source keys or thumbnail keys of a pipeline in the same bucket.
   *
   * @default 'quarantine/'
   */
  readonly prefix?: string;

  /**
   * Bucket of the quarantine. Required if `sourcePrefix` is empty.
   *
   * @default - the source bucket
   */
  readonly bucket?: IBucket;

  /**
   * IAM roles that may read the objects in the quarantine. The bucket policy denies these reads to all other principals.
   *
   * @default - no principal can read the objects
   */
  readonly readers?: iam.IRole[];
}
