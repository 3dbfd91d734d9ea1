import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { ThumbnailComputeMetrics } from '../compute-metrics';
import { DEFAULT_CAPACITY } from '../ecs/service-validation';
import type { ThumbnailFargateServiceOptions } from './thumbnail-fargate-options';
import type { IThumbnailApiService, IThumbnailService, IThumbnailWorkerService } from './thumbnail-services';

/** Returns the metrics of a worker service. */
export function workerMetricsOf(
  service: IThumbnailWorkerService,
  { maxCapacity = DEFAULT_CAPACITY.worker.max }: ThumbnailFargateServiceOptions = {},
): ThumbnailComputeMetrics {
  return { concurrency: runningTasks(service), maxConcurrency: maxCapacity };
}

/** Returns the metrics of an API service. */
export function apiMetricsOf(
  service: IThumbnailApiService,
  { maxCapacity = DEFAULT_CAPACITY.api.max }: ThumbnailFargateServiceOptions = {},
): ThumbnailComputeMetrics {
  return {
    concurrency: runningTasks(service),
    maxConcurrency: maxCapacity,
    unhealthyTasks: service.targetGroup.metrics.unhealthyHostCount({ statistic: cloudwatch.Stats.MAXIMUM }),
  };
}

/**
 * Returns a metric for the number of running tasks, without Container Insights. Each task sends one sample of its CPU utilization
 * per minute, and the metric counts these samples.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/viewing_cloudwatch_metrics.html
 */
function runningTasks({ service }: IThumbnailService): cloudwatch.IMetric {
  return new cloudwatch.MathExpression({
    label: 'Running tasks',
    expression: 'samples / (PERIOD(samples) / 60)',
    usingMetrics: {
      samples: service.metricCpuUtilization({ statistic: cloudwatch.Stats.SAMPLE_COUNT, period: Duration.minutes(5) }),
    },
    period: Duration.minutes(5),
  });
}
