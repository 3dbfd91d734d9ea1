import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { ThumbnailApiOptions } from '../api/thumbnail-api';
import type { ThumbnailUploadOptions } from '../api/thumbnail-uploads';
import type { ThumbnailCompute } from '../compute/thumbnail-compute';
import type { Thumbnail } from '../thumbnail/thumbnail';
import type { ThumbnailLimits } from '../thumbnail/thumbnail-limits';
import type { ThumbnailTrigger } from '../trigger/thumbnail-trigger';
import type { ThumbnailBucketOptions } from './thumbnail-bucket-options';

/** Options of the API of a pipeline. */
export interface ThumbnailPipelineApiOptions extends ThumbnailApiOptions {
  /**
   * What answers the requests, where it is not what makes the thumbnails: functions beside services, which cost nothing
   * while nobody asks, or a service beside functions.
   *
   * @default - the pipeline's compute
   */
  readonly compute?: ThumbnailCompute;

  /**
   * What can be uploaded, by those whom `writeAccess` lets.
   *
   * @default - the defaults of each
   */
  readonly uploads?: ThumbnailUploadOptions;

  /**
   * Key of a source whose thumbnails are shown, with the status of the error, in place of those that there are not.
   *
   * @default - errors are problem documents
   */
  readonly fallbackImage?: string;
}

/** What is known of a pipeline that is made elsewhere. */
export interface ThumbnailPipelineAttributes {
  /** Where the images are put. */
  readonly sourceBucket: IBucket;

  /**
   * Start of the keys of its images.
   *
   * @default - all images of the bucket
   */
  readonly sourcePrefix?: string;

  /** Where the thumbnails are put. */
  readonly thumbnailBucket: IBucket;

  /**
   * Start of the keys of its thumbnails.
   *
   * @default - nothing
   */
  readonly thumbnailPrefix?: string;

  /**
   * What it is called in metrics: its `serviceName`, which is the name of its stack and its path there, such as
   * `PhotosStack/Photos`.
   *
   * @default - not known: metrics cannot be had
   */
  readonly serviceName?: string;
}

/** Properties of {@link ThumbnailPipeline}. */
export interface ThumbnailPipelineProps {
  /**
   * What is made of every image: 1 to 50 thumbnails, no name twice.
   *
   * @default - `small` inside 200 pixels, `square` covering 320 × 320, `large` inside 1600 pixels
   */
  readonly thumbnails?: Thumbnail[];

  /**
   * What runs the program: {@link ThumbnailCompute.lambda} or {@link ThumbnailCompute.fargate}.
   *
   * @default ThumbnailCompute.lambda()
   */
  readonly compute?: ThumbnailCompute;

  /**
   * Where the images are put. Other notifications of an imported bucket are kept.
   *
   * @default - a new bucket: private, encrypted, TLS only
   */
  readonly sourceBucket?: IBucket;

  /**
   * Versions, lifecycle and access logs of the source bucket, where it is made here.
   *
   * @default - the defaults of each
   */
  readonly sourceBucketOptions?: ThumbnailBucketOptions;

  /**
   * Only images whose keys start with this have thumbnails. Plain text, not a pattern, and without a slash before it.
   *
   * @default - all images of the bucket
   */
  readonly sourcePrefix?: string;

  /**
   * Only images whose keys end with one of these have thumbnails, such as `.jpg`. Case is ignored; a key in mixed case,
   * such as `a.Jpg`, is not heard of until it is asked for.
   *
   * @default - all images, whatever their keys end with
   */
  readonly sourceSuffixes?: string[];

  /**
   * How the queue hears of images.
   *
   * @default - ThumbnailTrigger.s3Notification(); ThumbnailTrigger.eventBridge() where another stack of the app makes
   * the source bucket, because two stacks cannot need each other
   */
  readonly trigger?: ThumbnailTrigger;

  /**
   * Where the thumbnails are put. It may be the source bucket if both have a prefix and neither prefix is inside the
   * other.
   *
   * @default - a new bucket: private, encrypted, TLS only
   */
  readonly thumbnailBucket?: IBucket;

  /**
   * Versions, lifecycle and access logs of the thumbnail bucket, where it is made here.
   *
   * @default - the defaults of each
   */
  readonly thumbnailBucketOptions?: ThumbnailBucketOptions;

  /**
   * Put before the key of every thumbnail, without a slash before it.
   *
   * @default - nothing
   */
  readonly thumbnailPrefix?: string;

  /**
   * Encrypts the buckets that are made here. Keys of buckets that are passed in are taken from the buckets. Messages,
   * which hold no more than keys of objects, are encrypted by SQS.
   *
   * @default - the buckets are encrypted by S3
   */
  readonly encryptionKey?: IKey;

  /**
   * Carries the keys of images that may have changed. A standard queue that nothing else consumes.
   *
   * @default - a new queue: encrypted, TLS only, with a visibility timeout that suits the compute
   */
  readonly queue?: IQueue;

  /**
   * Takes what failed too often from the queue that is made here. A queue that is passed in has its own.
   *
   * @default - a new queue that keeps messages for 14 days
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * How often an image is tried, 1 to 1000, before its message goes to the dead-letter queue.
   *
   * @default 5, so that being throttled a few times does not count as failing
   */
  readonly maxReceiveCount?: number;

  /**
   * Bounds on the images that are taken in.
   *
   * @default - the defaults of each
   */
  readonly limits?: ThumbnailLimits;

  /**
   * The Cache-Control header of thumbnails, stored and served.
   *
   * @default public, max-age=86400, stale-while-revalidate=604800
   */
  readonly cacheControl?: string;

  /**
   * Make thumbnails of SVG sources. They can cost any amount of CPU: for images of people you trust.
   *
   * @default false
   */
  readonly allowSvg?: boolean;

  /**
   * Whether JPEGs are scanned for corruption that the decoder ignores, such as an overwritten part. A finding adds a warning
   * to the manifest; the image still gets its thumbnails. The scan costs 6 ms of CPU per megabyte.
   *
   * @default false
   */
  readonly detectJpegCorruption?: boolean;

  /**
   * Options of the API.
   *
   * @default - an API that callers sign their requests for
   */
  readonly api?: ThumbnailPipelineApiOptions;

  /**
   * Whether there is an API.
   *
   * @default true
   */
  readonly apiEnabled?: boolean;

  /**
   * Where the program's logs go.
   *
   * @default - a new log group that keeps its lines for one month
   */
  readonly logGroup?: ILogGroup;

  /**
   * What becomes of buckets and log groups that are made here when they leave the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Empty the buckets that are made here before they are removed. Needs the removal policy DESTROY.
   *
   * @default false
   */
  readonly autoDeleteObjects?: boolean;

  /**
   * Whether the stack has outputs for the names of the buckets and the address of the API.
   *
   * @default true
   */
  readonly outputs?: boolean;
}
