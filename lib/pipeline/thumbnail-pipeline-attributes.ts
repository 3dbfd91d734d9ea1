import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';

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
   * @default - no name; the property `serviceName` and the methods for metrics of the runtime throw an error
   */
  readonly serviceName?: string;

  /**
   * Queue with the events of changed sources.
   *
   * @default - `metricQueueDepth`, `metricOldestMessageAge`, `metricMessagesSent` and `metricMessagesInFlight` throw an error
   */
  readonly queue?: IQueue;

  /**
   * Queue with the messages that exceed `maxReceiveCount`.
   *
   * @default - `metricDeadLetters` throws an error
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Id of the API Gateway HTTP API, in the region and account of the importing stack.
   *
   * @default - `grantApiRead`, `grantApiWrite` and the metrics of the API throw an error
   */
  readonly httpApiId?: string;

  /**
   * Event bus to which the runtime publishes events.
   *
   * @default - the default event bus of the account and region
   */
  readonly eventBus?: IEventBus;

  /**
   * Log group of the runtime, for saved queries and dashboards.
   *
   * @default - `ThumbnailQueries` throws an error
   */
  readonly logGroup?: ILogGroup;

  /**
   * Metrics of the worker, for alarms and dashboards.
   *
   * @default - neither alarms nor widgets for these metrics
   */
  readonly workerMetrics?: ThumbnailComputeMetrics;

  /**
   * Metrics of the API in addition to the metrics of API Gateway, for alarms and dashboards.
   *
   * @default - neither alarms nor widgets for these metrics
   */
  readonly apiMetrics?: ThumbnailComputeMetrics;
}
