import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * CloudWatch metrics of a worker or an API. A compute returns its available metrics. The pipeline creates alarms and dashboard
 * widgets for these metrics.
 */
export interface ThumbnailComputeMetrics {
  /**
   * Metric for the number of invocations or tasks that end with an error which the code of the runtime does not handle, such as a
   * crash or a timeout. For an API on AWS Lambda Web Functions, the metric counts requests with a 5xx response.
   *
   * @default - unknown
   */
  readonly errors?: IMetric;

  /**
   * Metric for the number of invocations that Lambda rejects because of a concurrency limit.
   *
   * @default - unknown
   */
  readonly throttles?: IMetric;

  /**
   * Metric for the number of concurrent invocations or running tasks. A missing data point means 0.
   *
   * @default - unknown
   */
  readonly concurrency?: IMetric;

  /**
   * Maximum value of {@link concurrency}.
   *
   * @default - no maximum
   */
  readonly maxConcurrency?: number;

  /**
   * Metric for the number of tasks that fail their health check.
   *
   * @default - unknown
   */
  readonly unhealthyTasks?: IMetric;

  /**
   * Metric for the number of HTTP requests, for an API with its own endpoint.
   *
   * @default - the metric of API Gateway if the API is behind API Gateway; otherwise unknown
   */
  readonly requests?: IMetric;

  /**
   * Metric for the number of HTTP responses with a 4xx status, for an API with its own endpoint.
   *
   * @default - the metric of API Gateway if the API is behind API Gateway; otherwise unknown
   */
  readonly clientErrors?: IMetric;

  /**
   * Metric for the number of HTTP responses with a 5xx status, for an API with its own endpoint.
   *
   * @default - the metric of API Gateway if the API is behind API Gateway; otherwise unknown
   */
  readonly serverErrors?: IMetric;

  /**
   * Metric for the 99th percentile of the duration of HTTP requests in milliseconds, for an API with its own endpoint.
   *
   * @default - the metric of API Gateway if the API is behind API Gateway; otherwise unknown
   */
  readonly latency?: IMetric;

  /**
   * Further metrics for the dashboard. No alarm uses these metrics. A metric may be a search expression.
   *
   * @default - none
   */
  readonly others?: IMetric[];
}
