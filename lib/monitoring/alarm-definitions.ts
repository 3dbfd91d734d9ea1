import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';
import type { MonitoringSource } from './monitoring-source';
import type { ThumbnailAlarmOptions, ThumbnailAlarmsOptions } from './thumbnail-alarm-options';

/** Names of the alarms: all props with the type {@link ThumbnailAlarmOptions}. */
export type AlarmName = {
  [Name in keyof ThumbnailAlarmsOptions]-?: ThumbnailAlarmsOptions[Name] extends ThumbnailAlarmOptions | undefined
    ? Name
    : never;
}[keyof ThumbnailAlarmsOptions];

/** An alarm with its default values. */
export interface AlarmDefinition {
  /** Construct id. The id never changes, because a change replaces the alarm and deletes its history. */
  readonly id: string;
  /** Cause of the alarm, for its description. */
  readonly finding: string;
  /** Recommended action, for the description of the alarm. */
  readonly advice: string;
  /** Default threshold; undefined if the alarm requires a threshold in the props. */
  readonly threshold: number | undefined;
  readonly period: Duration;
  readonly evaluationPeriods: number;
  /** Whether the threshold is the width of an anomaly detection band. */
  readonly isAnomaly?: boolean;
  /** Returns the metric of the alarm; undefined if the pipeline does not have this metric. */
  readonly metric: (pipeline: IThumbnailPipeline, source: MonitoringSource) => cloudwatch.IMetric | undefined;
}

const FIVE_MINUTES = Duration.minutes(5);

/** Returns the definitions of all alarms for a pipeline. */
export function alarmDefinitions({ worker, api = {} }: MonitoringSource): Readonly<Record<AlarmName, AlarmDefinition>> {
  return {
    deadLetters: {
      id: 'DeadLetters',
      finding: 'Messages are in the dead-letter queue, and their thumbnails are out of date',
      advice: 'Find the error codes in the logs, fix the cause and redrive the queue',
      ...defaults(1, 1),
      metric: (pipeline, { deadLetterQueue }) => deadLetterQueue && pipeline.metricDeadLetters(),
    },
    largeDeadLetters: {
      id: 'LargeDeadLetters',
      finding: 'Messages are in the dead-letter queue of the large worker, and their thumbnails are out of date',
      advice: 'Find the error codes in the logs, fix the cause and redrive the queue',
      ...defaults(1, 1),
      metric: (_pipeline, { large }) => large?.deadLetterQueue?.metricApproximateNumberOfMessagesVisible(),
    },
    largeOldestMessageAge: {
      id: 'LargeOldestMessageAge',
      finding: 'The oldest message waits too long for the large worker',
      advice: 'Check that the large worker starts, or increase its maximum concurrency',
      ...defaults(1800, 3),
      metric: (_pipeline, { large }) => large?.queue.metricApproximateAgeOfOldestMessage(),
    },
    oldestMessageAge: {
      id: 'OldestMessageAge',
      finding: 'The oldest message waits too long, and new thumbnails are late',
      advice: 'Check for failures and throttling, or increase the maximum concurrency of the worker',
      ...defaults(900, 3),
      metric: (pipeline, { queue, hasBackfill }) =>
        queue && (hasBackfill ? ageWithoutBackfill(pipeline, queue) : pipeline.metricOldestMessageAge()),
    },
    failureRate: {
      id: 'FailureRate',
      finding: 'Too many attempts to create thumbnails fail',
      advice: 'Find the error codes in the logs',
      ...defaults(10, 3),
      metric: (pipeline, { serviceName }) => (serviceName === undefined ? undefined : pipeline.metricFailureRate()),
    },
    rejections: {
      id: 'Rejections',
      finding: 'Far more images are rejected than usual',
      advice: 'Find the error codes in the logs, and check the clients that upload images',
      threshold: 4,
      period: Duration.minutes(15),
      evaluationPeriods: 3,
      isAnomaly: true,
      metric: (pipeline, { serviceName }) => (serviceName === undefined ? undefined : pipeline.metricImagesRejected()),
    },
    workerErrors: {
      id: 'WorkerErrors',
      finding: 'Worker invocations crash or time out',
      advice: 'Read the end of their logs, and increase memory or timeout',
      ...defaults(5, 2),
      metric: () => worker.errors,
    },
    workerThrottles: {
      id: 'WorkerThrottles',
      finding: 'Worker invocations are throttled',
      advice: 'Increase the concurrency of the account or the reserved concurrency, or set maxConcurrency',
      ...defaults(1, 3),
      metric: () => worker.throttles,
    },
    workerStopped: {
      id: 'WorkerStopped',
      finding: 'Messages wait and no worker runs',
      advice: 'On Lambda, check the event source mapping; on ECS, check the service events for stopped tasks',
      ...defaults(1, 3),
      metric: (pipeline, { queue }) => queue && waitingWithoutWorker(pipeline, worker),
    },
    workerAtMaximum: {
      id: 'WorkerAtMaximum',
      finding: 'The worker runs at its maximum concurrency',
      advice: 'Increase maxConcurrency or maxCapacity if the backlog grows',
      ...defaults(worker.maxConcurrency, 6),
      metric: () => worker.concurrency,
    },
    apiErrors: {
      id: 'ApiErrors',
      finding: 'API invocations crash, time out or fail',
      advice: 'Read the end of their logs, and increase the memory',
      ...defaults(5, 2),
      metric: () => api.errors,
    },
    apiThrottles: {
      id: 'ApiThrottles',
      finding: 'API invocations are throttled',
      advice: 'Increase the concurrency of the account or the reserved concurrency, or add a distribution',
      ...defaults(1, 3),
      metric: () => api.throttles,
    },
    apiAtMaximum: {
      id: 'ApiAtMaximum',
      finding: 'The API runs at its maximum concurrency',
      advice: 'Increase maxCapacity or the reserved concurrency, or add a distribution',
      ...defaults(api.maxConcurrency, 6),
      metric: () => api.concurrency,
    },
    apiUnhealthyTasks: {
      id: 'ApiUnhealthyTasks',
      finding: 'API tasks fail their health check',
      advice: 'Read the logs of the service and the reasons of its stopped tasks',
      ...defaults(1, 5),
      period: Duration.minutes(1),
      metric: () => api.unhealthyTasks,
    },
    apiServerErrors: {
      id: 'ApiServerErrors',
      finding: 'Too many API requests fail with a 5xx status',
      advice: 'Find the errors in the logs by their request ids',
      ...defaults(1, 3),
      metric: (pipeline) => api.requests && api.serverErrors && pipeline.metricApiServerErrorRate(),
    },
    apiLatency: {
      id: 'ApiLatency',
      finding: 'API requests are slow',
      advice:
        'If the API renders many images on demand, backfill these images; otherwise, increase the memory or the number of tasks',
      ...defaults(10_000, 3),
      metric: () => api.latency,
    },
  };
}

function defaults(
  threshold: number | undefined,
  evaluationPeriods: number,
): Pick<AlarmDefinition, 'threshold' | 'period' | 'evaluationPeriods'> {
  return { threshold, period: FIVE_MINUTES, evaluationPeriods };
}

/**
 * Returns the age of the oldest message that is not a backfill message. All backfill messages belong to one message group. SQS
 * treats this group as noisy while its messages cause the backlog. The metric excludes noisy groups.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
function ageWithoutBackfill(pipeline: IThumbnailPipeline, queue: IQueue): cloudwatch.IMetric {
  const metric = (metricName: string): cloudwatch.Metric =>
    new cloudwatch.Metric({
      namespace: 'AWS/SQS',
      metricName,
      dimensionsMap: { QueueName: queue.queueName },
      statistic: cloudwatch.Stats.MAXIMUM,
    });
  return new cloudwatch.MathExpression({
    label: 'Age of the oldest message, except backfill messages',
    expression: 'IF(FILL(noisy, 0) > 0, FILL(quiet, 0), age)',
    usingMetrics: {
      age: pipeline.metricOldestMessageAge(),
      noisy: metric('ApproximateNumberOfNoisyGroups'),
      quiet: metric('ApproximateAgeOfOldestMessageInQuietGroups'),
    },
    period: FIVE_MINUTES,
  });
}

/** Returns the number of messages in the queue while no worker runs. Returns 0 while workers run. */
function waitingWithoutWorker(
  pipeline: IThumbnailPipeline,
  { concurrency }: ThumbnailComputeMetrics,
): cloudwatch.IMetric | undefined {
  return (
    concurrency &&
    new cloudwatch.MathExpression({
      label: 'Messages without a worker',
      // Without running workers, the metric `running` has no data points.
      expression: 'IF(FILL(running, 0) < 1, FILL(waiting, 0), 0)',
      usingMetrics: { waiting: pipeline.metricQueueDepth(), running: concurrency },
      period: FIVE_MINUTES,
    })
  );
}
