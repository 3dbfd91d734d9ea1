import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import type { ThumbnailApiGrantOptions } from '../api/thumbnail-api-options';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';
import type { ThumbnailEventRuleOptions } from '../events/thumbnail-event-rule-options';
import type { ThumbnailFormat } from '../thumbnail/thumbnail-format';

/** A pipeline of this app, or an imported pipeline. */
export interface IThumbnailPipeline extends IConstruct {
  /** Source bucket. */
  readonly sourceBucket: IBucket;

  /** Thumbnail bucket. */
  readonly thumbnailBucket: IBucket;

  /**
   * Service name of the pipeline in metrics and logs: the stack name and the construct path in the stack, such as
   * `PhotosStack/Photos`. If the pipeline is imported without `serviceName`, this property throws an error.
   */
  readonly serviceName: string;

  /** Metrics of the worker; empty for a compute without metrics. */
  readonly workerMetrics: ThumbnailComputeMetrics;

  /**
   * Metrics of the API; undefined if the pipeline has no API.
   *
   * @default - the pipeline has no API
   */
  readonly apiMetrics?: ThumbnailComputeMetrics;

  /**
   * Grants permission to read thumbnails: `s3:GetObject` for keys with the thumbnail prefix, and `kms:Decrypt` with the
   * bucket's KMS key.
   *
   * @param grantee principal that receives the permission
   * @throws Error if the app can change neither the policy of the grantee nor the bucket policy
   */
  grantRead(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to upload sources: `s3:PutObject` for keys with the source prefix, and the required actions on the
   * bucket's KMS key.
   *
   * @param grantee principal that receives the permission
   * @throws Error if the app can change neither the policy of the grantee nor the bucket policy
   */
  grantUpload(grantee: iam.IGrantable): iam.Grant;

  /**
   * Grants permission to read thumbnails and manifests through the API: `execute-api:Invoke` for the read routes.
   * Requires `access: ThumbnailAccess.iam()`. With `keyPrefix`, grants only the routes with the key in the path.
   *
   * @param grantee principal that receives the permission
   * @param options keys that the principal can read
   * @throws Error if the pipeline has no API, `access` is not `ThumbnailAccess.iam()`, `keyPrefix` is invalid, `keyPrefix` is
   * set without an API Gateway HTTP API, or the pipeline is imported without `httpApiId` or with a `keyPrefix`
   */
  grantApiRead(grantee: iam.IGrantable, options?: ThumbnailApiGrantOptions): iam.Grant;

  /**
   * Grants permission to create uploads and delete images through the API: `execute-api:Invoke` for the write routes. Requires
   * `writeAccess: ThumbnailAccess.iam()`. With `keyPrefix`, grants only the deletion of images, because IAM cannot check the
   * key of an upload in the request body. To permit uploads for a key prefix, use `grantUpload` or
   * `ThumbnailAccess.authorizer`.
   *
   * @param grantee principal that receives the permission
   * @param options keys that the principal can delete
   * @throws Error if the pipeline has no API, `writeAccess` is not `ThumbnailAccess.iam()`, `keyPrefix` is invalid, `keyPrefix`
   * is set without an API Gateway HTTP API, or the pipeline is imported without `httpApiId`
   */
  grantApiWrite(grantee: iam.IGrantable, options?: ThumbnailApiGrantOptions): iam.Grant;

  /**
   * Creates an EventBridge rule for the event `Thumbnails Ready`. The runtime publishes this event after it stores all
   * thumbnails and the manifest of an image. For a pipeline of this app, the first event rule enables the events.
   *
   * @param id construct id of the rule in the pipeline
   * @param options target, key prefix and name of the rule
   * @throws Error if `eventsEnabled` is false, or the pipeline is imported without `serviceName`
   */
  onThumbnailsReady(id: string, options?: ThumbnailEventRuleOptions): events.Rule;

  /**
   * Creates an EventBridge rule for the event `Thumbnails Rejected`. The runtime publishes this event for an image that can
   * never have thumbnails. For a pipeline of this app, the first event rule enables the events.
   *
   * @param id construct id of the rule in the pipeline
   * @param options target, key prefix and name of the rule
   * @throws Error if `eventsEnabled` is false, or the pipeline is imported without `serviceName`
   */
  onThumbnailsRejected(id: string, options?: ThumbnailEventRuleOptions): events.Rule;

  /**
   * Creates an EventBridge rule for the event `Thumbnails Removed`. The runtime publishes this event after it deletes the
   * thumbnails of a deleted image. For a pipeline of this app, the first event rule enables the events.
   *
   * @param id construct id of the rule in the pipeline
   * @param options target, key prefix and name of the rule
   * @throws Error if `eventsEnabled` is false, or the pipeline is imported without `serviceName`
   */
  onThumbnailsRemoved(id: string, options?: ThumbnailEventRuleOptions): events.Rule;

  /**
   * Returns a metric of the runtime, in the namespace `cdk-thumbnails`. The default is the sum over 5 minutes.
   *
   * @param metricName name of the metric
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of images whose thumbnails the runtime creates. The default is the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricImagesMade(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of images whose thumbnails are already current. The default is the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricImagesUnchanged(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of rejected images. The manifest of a rejected image contains the error code. The default is the sum
   * over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricImagesRejected(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of deleted images. The default is the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricImagesDeleted(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of failed attempts. After a failed attempt, SQS delivers the message again. After `maxReceiveCount`
   * attempts, SQS moves the message to the dead-letter queue. The default is the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricImagesFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the processing time of an image in milliseconds, from the download of the source to the upload of the last
   * thumbnail. The default is the average over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricRenderTime(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of visible messages in the queue. The default is the maximum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `queue`
   */
  metricQueueDepth(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the age of the oldest message in the queue, in seconds. The default is the maximum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `queue`
   */
  metricOldestMessageAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of messages in the dead-letter queue. The default is the maximum over 5 minutes. Values above 0
   * require attention.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the dead-letter queue is unknown: the pipeline is imported without `deadLetterQueue`, or its `queue`
   * is an imported queue
   */
  metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the percentage of failed attempts; 0 for fewer than 20 attempts in a period. The default period is 5 minutes.
   *
   * @param options period, label and colour of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricFailureRate(options?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression;

  /**
   * Metric for the number of images that the runtime rejects with one error code. Requires `detailedMetrics`. The default is
   * the sum over 5 minutes.
   *
   * @param code error code, such as `too-many-pixels`
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricImagesRejectedByCode(code: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of attempts that fail with one error code. Requires `detailedMetrics`. The default is the sum over 5
   * minutes.
   *
   * @param code error code, such as `storage-throttled`
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricImagesFailedByCode(code: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of thumbnails of one format in HTTP responses. Requires `detailedMetrics`. The default is
   * the sum over 5 minutes.
   *
   * @param format format of the thumbnails
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricThumbnailsServed(format: ThumbnailFormat, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the total size in bytes of the sources whose thumbnails the runtime creates. Requires `detailedMetrics`. The
   * default is the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricSourceBytes(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the total size in bytes of the thumbnails that the runtime creates. Requires `detailedMetrics`. The default is
   * the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricThumbnailBytes(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for containers: the number of worker processes that crash, time out or exceed their memory limit. The default is the
   * sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `serviceName`
   */
  metricWorkerProcessesLost(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of messages sent to the queue. The default is the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `queue`
   */
  metricMessagesSent(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of in-flight messages. The default is the maximum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the pipeline is imported without `queue`
   */
  metricMessagesInFlight(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Metric for the number of HTTP requests. The default is the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the metric is unknown: the pipeline has no API or is imported without
   * `httpApiId`, or its compute has no such metric
   */
  metricApiRequests(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /**
   * Metric for the number of HTTP responses with a 4xx status. The default is the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the metric is unknown: the pipeline has no API or is imported without
   * `httpApiId`, or its compute has no such metric
   */
  metricApiClientErrors(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /**
   * Metric for the number of HTTP responses with a 5xx status. The default is the sum over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the metric is unknown: the pipeline has no API or is imported without
   * `httpApiId`, or its compute has no such metric
   */
  metricApiServerErrors(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /**
   * Metric for the duration of HTTP requests in milliseconds. The default is the 99th percentile over 5 minutes.
   *
   * @param options statistic, period and other settings of the metric
   * @throws Error if the metric is unknown: the pipeline has no API or is imported without
   * `httpApiId`, or its compute has no such metric
   */
  metricApiLatency(options?: cloudwatch.MetricOptions): cloudwatch.IMetric;

  /**
   * Metric for the percentage of HTTP requests with a 5xx response; 0 for fewer than 20 requests in a period. The default
   * period is 5 minutes.
   *
   * @param options period, label and colour of the metric
   * @throws Error if the metric is unknown: the pipeline has no API or is imported without
   * `httpApiId`, or its compute has no such metric
   */
  metricApiServerErrorRate(options?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression;
}
