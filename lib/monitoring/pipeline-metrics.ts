import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';

/** CloudWatch namespace of the runtime's metrics. */
export const METRIC_NAMESPACE = 'cdk-thumbnails';
/** Dimension of the runtime's metrics. Powertools sets its value to the service name. */
export const METRIC_DIMENSION = 'service';

/** Minimum number of attempts or requests in a period. Below this number, a single error would cause a high rate. */
const MIN_COUNT = 20;

/** Metrics for the number of attempts, by outcome. */
export type AttemptMetrics = Readonly<
  Record<'made' | 'unchanged' | 'rejected' | 'deleted' | 'failed', cloudwatch.IMetric>
>;

/** Returns a metric for the percentage of failed attempts; 0 for fewer than 20 attempts in a period. */
export function failureRate(
  attempts: AttemptMetrics,
  options: cloudwatch.MathExpressionOptions = {},
): cloudwatch.MathExpression {
  const total = Object.keys(attempts)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return rate('Failed attempts (%)', 'FILL(failed, 0)', total, { ...attempts }, options);
}

/** Returns a metric for the percentage of requests with a 5xx response; 0 for fewer than 20 requests in a period. */
export function serverErrorRate(
  requests: cloudwatch.IMetric,
  serverErrors: cloudwatch.IMetric,
  options: cloudwatch.MathExpressionOptions = {},
): cloudwatch.MathExpression {
  const usingMetrics = { requests, errors: serverErrors };
  return rate('5xx responses (%)', 'FILL(errors, 0)', 'FILL(requests, 0)', usingMetrics, options);
}

function rate(
  label: string,
  part: string,
  total: string,
  usingMetrics: Record<string, cloudwatch.IMetric>,
  options: cloudwatch.MathExpressionOptions,
): cloudwatch.MathExpression {
  const expression = `IF((${total}) >= ${MIN_COUNT}, 100 * ${part} / (${total}), 0)`;
  return new cloudwatch.MathExpression({ label, expression, usingMetrics, ...options });
}

/**
 * Returns the metrics of an API Gateway HTTP API.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
 */
export function httpApiMetrics(
  scope: Construct,
  apiId: string,
): Required<Pick<ThumbnailComputeMetrics, 'requests' | 'clientErrors' | 'serverErrors' | 'latency'>> {
  const metric = (metricName: string, statistic: string): cloudwatch.Metric =>
    new cloudwatch.Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiId: apiId },
      statistic,
    }).attachTo(scope);
  return {
    requests: metric('Count', cloudwatch.Stats.SUM),
    clientErrors: metric('4xx', cloudwatch.Stats.SUM),
    serverErrors: metric('5xx', cloudwatch.Stats.SUM),
    latency: metric('Latency', cloudwatch.Stats.percentile(99)),
  };
}

/**
 * Returns a copy of a `Metric` with the given options. For a `MathExpression`, applies only the period, the label and the
 * color. Returns other metrics unchanged.
 */
export function withOptions(metric: cloudwatch.IMetric, options: cloudwatch.MetricOptions): cloudwatch.IMetric {
  if (metric instanceof cloudwatch.Metric) {
    return metric.with(options);
  }
  if (metric instanceof cloudwatch.MathExpression) {
    const { expression } = metric;
    const { period = metric.period, label = metric.label, color = metric.color } = options;
    // Sets one period for all metrics of the expression. The CDK warns about different periods.
    const usingMetrics = Object.fromEntries(
      Object.entries(metric.usingMetrics).map(([name, used]) => [name, withOptions(used, { period })]),
    );
    return new cloudwatch.MathExpression({ expression, usingMetrics, period, label, color });
  }
  return metric;
}
