import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { ThumbnailAnalysis } from '../analysis/thumbnail-analysis';
import type { ThumbnailPipelineApiOptions } from '../api/thumbnail-api-options';
import type { ThumbnailCompute } from '../compute/thumbnail-compute';
import type { Thumbnail } from '../thumbnail/thumbnail';
import type { ThumbnailLimits } from '../thumbnail/thumbnail-limits';
import type { ThumbnailRule } from '../thumbnail/thumbnail-rule';
import type { ThumbnailTrigger } from '../trigger/thumbnail-trigger';
import type { ThumbnailBucketOptions } from './thumbnail-bucket-options';

/** Properties of {@link ThumbnailPipeline}. */
export interface ThumbnailPipelineProps {
  /**
   * Thumbnails of every source image, from 1 to 50 with unique names. Rules can replace these thumbnails for some images.
   *
   * @default - `small` inside 200 pixels, `square` covering 320 × 320 pixels, `large` inside 1,600 pixels
   */
  readonly thumbnails?: Thumbnail[];

  /**
   * Rules with other thumbnails and limits for some source images, selected by prefix or suffix of the key. At most 5,000
   * rules. The first rule that matches a key applies.
   *
   * Use rules instead of many pipelines that differ only in thumbnails or limits. The buckets and the access settings of the
   * pipeline apply to all rules.
   *
   * @default - no rules; `thumbnails` and `limits` apply to all images
   */
  readonly rules?: ThumbnailRule[];

  /**
   * Compute that runs the workers and the HTTP API.
   *
   * @default ThumbnailCompute.lambda()
   */
  readonly compute?: ThumbnailCompute;

  /**
   * Existing source bucket. The pipeline does not remove other notifications of an imported bucket.
   *
   * @default - a new private, encrypted bucket that requires TLS
   */
  readonly sourceBucket?: IBucket;

  /**
   * Options of the source bucket that the pipeline creates.
   *
   * @default - no versioning, no expiration, no server access logs
   */
  readonly sourceBucketOptions?: ThumbnailBucketOptions;

  /**
   * Prefix of the source keys, at most 1,024 bytes, without a leading slash and without `*`. The pipeline ignores other
   * keys.
   *
   * @default - no prefix
   */
  readonly sourcePrefix?: string;

  /**
   * Suffixes of the source keys, such as `.jpg`, without `*`. The pipeline ignores other keys. With S3 notifications, all
   * pipelines of a bucket together can have at most 12 suffixes.
   *
   * Each suffix also matches keys with the suffix in upper case or lower case. A key with a suffix in mixed case, such as
   * `a.Jpg`, causes no event. The first request for such an image creates its thumbnails.
   *
   * @default - keys with any suffix
   */
  readonly sourceSuffixes?: string[];

  /**
   * Trigger that delivers events of the source bucket to the queue.
   *
   * @default - ThumbnailTrigger.s3Notification(), or ThumbnailTrigger.eventBridge() if another stack of the app creates
   * the source bucket
   */
  readonly trigger?: ThumbnailTrigger;

  /**
   * Existing thumbnail bucket. This bucket can be the source bucket if `sourcePrefix` and `thumbnailPrefix` do not overlap.
   *
   * @default - a new private, encrypted bucket that requires TLS
   */
  readonly thumbnailBucket?: IBucket;

  /**
   * Options of the thumbnail bucket that the pipeline creates.
   *
   * @default - no versioning, no expiration, no server access logs
   */
  readonly thumbnailBucketOptions?: ThumbnailBucketOptions;

  /**
   * Prefix of the thumbnail keys, at most 512 bytes, without a leading slash and without `*`.
   *
   * @default - no prefix
   */
  readonly thumbnailPrefix?: string;

  /**
   * KMS key for the buckets that the pipeline creates. Existing buckets keep their own keys. If `sourceBucket` has a KMS key
   * and the pipeline creates the thumbnail bucket without a key, the synthesis adds a warning, because the thumbnails would
   * have weaker encryption than their sources.
   *
   * @default - encryption with keys of Amazon S3 (SSE-S3)
   */
  readonly encryptionKey?: IKey;

  /**
   * Existing queue for the events of changed sources: a standard queue without other consumers.
   *
   * @default - a new encrypted queue that requires TLS, with a visibility timeout that suits the compute
   */
  readonly queue?: IQueue;

  /**
   * Existing dead-letter queue for the queue that the pipeline creates: a standard queue.
   *
   * @default - a new encrypted queue with a retention period of 14 days
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Maximum number of attempts for a message, from 1 to 1,000. SQS then moves the message to the dead-letter queue. Throttled
   * attempts also count.
   *
   * @default 5
   */
  readonly maxReceiveCount?: number;

  /**
   * Limits of source images.
   *
   * @default - 64 MiB, 50 megapixels and 20 seconds per image; see {@link ThumbnailLimits}
   */
  readonly limits?: ThumbnailLimits;

  /**
   * `Cache-Control` header of stored and served thumbnails, in visible ASCII characters.
   *
   * @default 'public, max-age=86400, stale-while-revalidate=604800'
   */
  readonly cacheControl?: string;

  /**
   * Whether to create thumbnails of SVG sources. Enable this option only for trusted sources, because an SVG can require any
   * amount of CPU time.
   *
   * @default false
   */
  readonly allowSvg?: boolean;

  /**
   * Whether to scan JPEG sources for corruption that the decoder ignores, such as an overwritten part. If the scan finds
   * corruption, the manifest contains a warning. The runtime still creates the thumbnails. The scan requires 6 ms of CPU time
   * per megabyte.
   *
   * @default false
   */
  readonly detectJpegCorruption?: boolean;

  /**
   * Analysis of each image before the worker creates thumbnails: content moderation, faces, or your own check.
   *
   * @default - no analysis
   */
  readonly analysis?: ThumbnailAnalysis;

  /**
   * Options of the HTTP API.
   *
   * @default - an API with IAM authorization and without write routes
   */
  readonly api?: ThumbnailPipelineApiOptions;

  /**
   * Whether the pipeline has an HTTP API.
   *
   * @default true
   */
  readonly apiEnabled?: boolean;

  /**
   * Existing log group for the runtime.
   *
   * @default - a new log group with a retention of one month
   */
  readonly logGroup?: ILogGroup;

  /**
   * Removal policy of the buckets, log groups and signing keys that the pipeline creates.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether to delete all objects of a created bucket when CloudFormation deletes the bucket. Requires `removalPolicy:
   * RemovalPolicy.DESTROY`.
   *
   * @default false
   */
  readonly autoDeleteObjects?: boolean;

  /**
   * Whether the runtime publishes the events `Thumbnails Ready`, `Thumbnails Rejected` and `Thumbnails Removed` to
   * EventBridge: see docs/reference/events.md.
   *
   * @default - true if `eventBus` is set or a method such as `onThumbnailsReady` creates a rule
   */
  readonly eventsEnabled?: boolean;

  /**
   * Event bus to which the runtime publishes events.
   *
   * @default - the default event bus of the account and region
   */
  readonly eventBus?: IEventBus;

  /**
   * Whether the runtime emits the detailed metrics: images by error code, thumbnails by format, and bytes. CloudWatch
   * charges a monthly fee for each metric: see docs/guides/monitoring.md.
   *
   * @default - false, or true for a pipeline with a dashboard
   */
  readonly detailedMetrics?: boolean;

  /**
   * Whether to enable AWS X-Ray tracing of the Lambda functions. Fargate services and API Gateway HTTP APIs do not support this
   * option.
   *
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * Whether to create stack outputs with the names of the buckets and the URLs of the API and of distributions.
   *
   * @default true
   */
  readonly createOutputs?: boolean;
}
