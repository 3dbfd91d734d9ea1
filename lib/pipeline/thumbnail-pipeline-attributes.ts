import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** Attributes of an existing pipeline, for {@link ThumbnailPipeline.fromThumbnailPipelineAttributes}. */
export interface ThumbnailPipelineAttributes {
  /** Source bucket. */
  readonly sourceBucket: IBucket;

  /**
   * Prefix of the source keys.
   *
   * @default - no prefix
   */
  readonly sourcePrefix?: string;

  /** Thumbnail bucket. */
  readonly thumbnailBucket: IBucket;

  /**
   * Prefix of the thumbnail keys.
   *
   * @default - no prefix
   */
  readonly thumbnailPrefix?: string;

  /**
   * Service name of the pipeline in metrics and logs, such as `PhotosStack/Photos`.
   *
   * @default - `serviceName` and the metrics of the runtime throw an error
   */
  readonly serviceName?: string;

  /**
   * Queue with the events of changed sources.
   *
   * @default - `metricQueueDepth` and `metricOldestMessageAge` throw an error
   */
  readonly queue?: IQueue;

  /**
   * Queue with the messages that exceeded `maxReceiveCount`.
   *
   * @default - `metricDeadLetters` throws an error
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Id of the API Gateway HTTP API, in the region and account of the importing stack.
   *
   * @default - `grantApiRead` and `grantApiWrite` throw an error
   */
  readonly httpApiId?: string;
}
