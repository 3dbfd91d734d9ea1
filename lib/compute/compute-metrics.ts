import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * CloudWatch metrics of a worker or an API. A compute returns the metrics that it has, and a pipeline creates the alarms and
 * dashboard widgets that they allow.
 */
export interface ThumbnailComputeMetrics {
  /**
   * Number of invocations or tasks that ended with an error outside of the runtime, such as a crash or a timeout.
   *
   * @default - unknown
   */
  readonly errors?: IMetric;

  /**
   * Number of rejected invocations because of a concurrency limit.
   *
   * @default - unknown
   */
  readonly throttles?: IMetric;

  /**
   * Number of concurrent invocations or running tasks. A missing value means 0.
   *
   * @default - unknown
   */
  readonly concurrency?: IMetric;

  /**
   * Maximum of {@link concurrency}.
   *
   * @default - no maximum
   */
  readonly maxConcurrency?: number;

  /**
   * Number of tasks that fail their health check.
   *
   * @default - unknown
   */
  readonly unhealthyTasks?: IMetric;

  /**
   * Number of HTTP requests, for an API with an endpoint of its own.
   *
   * @default - the metric of API Gateway, or unknown
   */
  readonly requests?: IMetric;

  /**
   * Number of HTTP responses with a 4xx status, for an API with an endpoint of its own.
   *
   * @default - the metric of API Gateway, or unknown
   */
  readonly clientErrors?: IMetric;

  /**
   * Number of HTTP responses with a 5xx status, for an API with an endpoint of its own.
   *
   * @default - the metric of API Gateway, or unknown
   */
  readonly serverErrors?: IMetric;

  /**
   * Duration of HTTP requests in milliseconds, 99th percentile, for an API with an endpoint of its own.
   *
   * @default - the metric of API Gateway, or unknown
   */
  readonly latency?: IMetric;
}
