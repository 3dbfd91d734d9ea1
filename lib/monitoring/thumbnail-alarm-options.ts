import type { Duration } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** Settings of one alarm. */
export interface ThumbnailAlarmOptions {
  /**
   * Whether to create the alarm.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * Threshold of the alarm, a positive number.
   *
   * @default - see the alarm
   */
  readonly threshold?: number;

  /**
   * Period of the metric: whole minutes, up to one day.
   *
   * @default - see the alarm
   */
  readonly period?: Duration;

  /**
   * Number of most recent periods that the alarm evaluates, from 1 to 100. Together they cover at most one day.
   *
   * @default - see the alarm
   */
  readonly evaluationPeriods?: number;

  /**
   * Number of evaluated periods in which the metric must breach the threshold, from 1 to `evaluationPeriods`.
   *
   * @default - `evaluationPeriods`
   */
  readonly datapointsToAlarm?: number;

  /**
   * Actions of this alarm. They replace `topic` and `actions` of {@link ThumbnailAlarmsOptions}.
   *
   * @default - the actions of all alarms
   */
  readonly actions?: IAlarmAction[];
}

/** Options of the alarms of a pipeline. An alarm is omitted if the compute does not have its metric. */
export interface ThumbnailAlarmsOptions {
  /**
   * SNS topic that every alarm notifies when it changes to the states ALARM and OK. The policy of an encrypted topic's key
   * must allow `cloudwatch.amazonaws.com` to use it.
   *
   * @default - no notification
   */
  readonly topic?: ITopic;

  /**
   * Actions of every alarm for the state ALARM, in addition to `topic`.
   *
   * @default - no further actions
   */
  readonly actions?: IAlarmAction[];

  /**
   * Number of messages in the dead-letter queue.
   *
   * @default - threshold 1, period 5 minutes, 1 evaluation period
   */
  readonly deadLetters?: ThumbnailAlarmOptions;

  /**
   * Messages in the dead-letter queue of the large worker of `ThumbnailCompute.hybrid()`: 1 message in 5 minutes.
   *
   * @default - threshold 1, period 5 minutes, 1 evaluation period
   */
  readonly largeDeadLetters?: ThumbnailAlarmOptions;

  /**
   * Age of the oldest message in the queue of the large worker in seconds.
   *
   * @default - threshold 1800, period 5 minutes, 3 evaluation periods
   */
  readonly largeOldestMessageAge?: ThumbnailAlarmOptions;

  /**
   * Age of the oldest message in seconds.
   *
   * @default - threshold 900, period 5 minutes, 3 evaluation periods
   */
  readonly oldestMessageAge?: ThumbnailAlarmOptions;

  /**
   * Percentage of failed attempts, for at least 20 attempts in a period.
   *
   * @default - threshold 10, period 5 minutes, 3 evaluation periods
   */
  readonly failureRate?: ThumbnailAlarmOptions;

  /**
   * Number of rejected images above the band that CloudWatch anomaly detection expects. The threshold is the width of
   * the band in standard deviations. The detection needs about two weeks of data for weekly patterns.
   *
   * @default - threshold 4, period 15 minutes, 3 evaluation periods
   */
  readonly rejections?: ThumbnailAlarmOptions;

  /**
   * Number of worker invocations that crash or time out.
   *
   * @default - threshold 5, period 5 minutes, 2 evaluation periods
   */
  readonly workerErrors?: ThumbnailAlarmOptions;

  /**
   * Number of throttled worker invocations.
   *
   * @default - threshold 1, period 5 minutes, 3 evaluation periods
   */
  readonly workerThrottles?: ThumbnailAlarmOptions;

  /**
   * Number of waiting messages while no worker runs.
   *
   * @default - threshold 1, period 5 minutes, 3 evaluation periods
   */
  readonly workerStopped?: ThumbnailAlarmOptions;

  /**
   * Number of concurrent worker invocations or tasks. The maximum is `maxConcurrency` of Lambda functions or
   * `maxCapacity` of Fargate services.
   *
   * @default - the maximum as threshold, period 5 minutes, 6 evaluation periods
   */
  readonly workerAtMaximum?: ThumbnailAlarmOptions;

  /**
   * Number of API invocations that crash or time out.
   *
   * @default - threshold 5, period 5 minutes, 2 evaluation periods
   */
  readonly apiErrors?: ThumbnailAlarmOptions;

  /**
   * Number of throttled API invocations.
   *
   * @default - threshold 1, period 5 minutes, 3 evaluation periods
   */
  readonly apiThrottles?: ThumbnailAlarmOptions;

  /**
   * Number of concurrent API invocations or tasks. The maximum is the reserved concurrency of the function or
   * `maxCapacity` of the Fargate service.
   *
   * @default - the maximum as threshold, period 5 minutes, 6 evaluation periods
   */
  readonly apiAtMaximum?: ThumbnailAlarmOptions;

  /**
   * Number of API tasks that fail their health check.
   *
   * @default - threshold 1, period 1 minute, 5 evaluation periods
   */
  readonly apiUnhealthyTasks?: ThumbnailAlarmOptions;

  /**
   * Percentage of 5xx responses of the API, for at least 20 requests in a period.
   *
   * @default - threshold 1, period 5 minutes, 3 evaluation periods
   */
  readonly apiServerErrors?: ThumbnailAlarmOptions;

  /**
   * 99th percentile of the API's latency in milliseconds. Missing thumbnails are rendered during the request.
   *
   * @default - threshold 10000, period 5 minutes, 3 evaluation periods
   */
  readonly apiLatency?: ThumbnailAlarmOptions;

  /**
   * Whether to create a composite alarm. It is in the state ALARM while any other alarm is in this state.
   *
   * @default true
   */
  readonly compositeAlarmEnabled?: boolean;

  /**
   * Actions of the composite alarm for the state ALARM.
   *
   * @default - no actions, because each alarm has actions
   */
  readonly compositeAlarmActions?: IAlarmAction[];
}
