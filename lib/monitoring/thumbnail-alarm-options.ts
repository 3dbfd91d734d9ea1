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
   * @default - the default of the alarm in `ThumbnailAlarmsOptions`
   */
  readonly threshold?: number;

  /**
   * Period of the metric: whole minutes, up to one day.
   *
   * @default - the default of the alarm in `ThumbnailAlarmsOptions`
   */
  readonly period?: Duration;

  /**
   * Number of most recent periods that the alarm evaluates, from 1 to 100. The total duration of these periods is at most one
   * day.
   *
   * @default - the default of the alarm in `ThumbnailAlarmsOptions`
   */
  readonly evaluationPeriods?: number;

  /**
   * Number of evaluated periods in which the metric must breach the threshold, from 1 to `evaluationPeriods`.
   *
   * @default - `evaluationPeriods`
   */
  readonly datapointsToAlarm?: number;

  /**
   * Actions of this alarm. These actions replace `topic` and `actions` of {@link ThumbnailAlarmsOptions}.
   *
   * @default - the actions of all alarms
   */
  readonly actions?: IAlarmAction[];
}

/** Options of the alarms of a pipeline. The library omits an alarm if the compute does not provide the metric of the alarm. */
export interface ThumbnailAlarmsOptions {
  /**
   * SNS topic that receives a notification when an alarm changes to the state ALARM or OK. If the topic is encrypted, the key
   * policy must allow `cloudwatch.amazonaws.com` to use the key.
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
   * Alarm on the number of messages in the dead-letter queue.
   *
   * @default - threshold 1, period 5 minutes, 1 evaluation period
   */
  readonly deadLetters?: ThumbnailAlarmOptions;

  /**
   * Alarm on the number of messages in the dead-letter queue of the large worker of `ThumbnailCompute.hybrid()`.
   *
   * @default - threshold 1, period 5 minutes, 1 evaluation period
   */
  readonly largeDeadLetters?: ThumbnailAlarmOptions;

  /**
   * Alarm on the age of the oldest message in the queue of the large worker of `ThumbnailCompute.hybrid()`, in seconds.
   *
   * @default - threshold 1800, period 5 minutes, 3 evaluation periods
   */
  readonly largeOldestMessageAge?: ThumbnailAlarmOptions;

  /**
   * Alarm on the age of the oldest message in the queue of the pipeline, in seconds.
   *
   * @default - threshold 900, period 5 minutes, 3 evaluation periods
   */
  readonly oldestMessageAge?: ThumbnailAlarmOptions;

  /**
   * Alarm on the percentage of failed attempts. The percentage is 0 in a period with fewer than 20 attempts.
   *
   * @default - threshold 10, period 5 minutes, 3 evaluation periods
   */
  readonly failureRate?: ThumbnailAlarmOptions;

  /**
   * Alarm on an unusually high number of rejected images, above the band that CloudWatch anomaly detection expects. The
   * threshold is the width of the band in standard deviations. The detection requires about two weeks of data to learn weekly
   * patterns.
   *
   * @default - threshold 4, period 15 minutes, 3 evaluation periods
   */
  readonly rejections?: ThumbnailAlarmOptions;

  /**
   * Alarm on the number of worker invocations that crash or time out.
   *
   * @default - threshold 5, period 5 minutes, 2 evaluation periods
   */
  readonly workerErrors?: ThumbnailAlarmOptions;

  /**
   * Alarm on the number of throttled worker invocations.
   *
   * @default - threshold 1, period 5 minutes, 3 evaluation periods
   */
  readonly workerThrottles?: ThumbnailAlarmOptions;

  /**
   * Alarm on the number of messages in the queue while no worker runs.
   *
   * @default - threshold 1, period 5 minutes, 3 evaluation periods
   */
  readonly workerStopped?: ThumbnailAlarmOptions;

  /**
   * Alarm on the number of concurrent worker invocations or tasks, if this number has a maximum. The maximum is
   * `maxConcurrency` of the Lambda function or `maxCapacity` of the Fargate service.
   *
   * @default - the maximum as threshold, period 5 minutes, 6 evaluation periods
   */
  readonly workerAtMaximum?: ThumbnailAlarmOptions;

  /**
   * Alarm on the number of API invocations that crash or time out.
   *
   * @default - threshold 5, period 5 minutes, 2 evaluation periods
   */
  readonly apiErrors?: ThumbnailAlarmOptions;

  /**
   * Alarm on the number of throttled API invocations.
   *
   * @default - threshold 1, period 5 minutes, 3 evaluation periods
   */
  readonly apiThrottles?: ThumbnailAlarmOptions;

  /**
   * Alarm on the number of concurrent API invocations or tasks, if this number has a maximum. The maximum is the reserved
   * concurrency of the function or `maxCapacity` of the Fargate service.
   *
   * @default - the maximum as threshold, period 5 minutes, 6 evaluation periods
   */
  readonly apiAtMaximum?: ThumbnailAlarmOptions;

  /**
   * Alarm on the number of API tasks that fail their health check.
   *
   * @default - threshold 1, period 1 minute, 5 evaluation periods
   */
  readonly apiUnhealthyTasks?: ThumbnailAlarmOptions;

  /**
   * Alarm on the percentage of 5xx responses of the API. The percentage is 0 in a period with fewer than 20 requests.
   *
   * @default - threshold 1, period 5 minutes, 3 evaluation periods
   */
  readonly apiServerErrors?: ThumbnailAlarmOptions;

  /**
   * Alarm on the 99th percentile of the API latency in milliseconds. The latency includes the render time of missing
   * thumbnails.
   *
   * @default - threshold 10000, period 5 minutes, 3 evaluation periods
   */
  readonly apiLatency?: ThumbnailAlarmOptions;

  /**
   * Whether to create a composite alarm. The composite alarm is in the state ALARM while any other alarm is in this state.
   *
   * @default true
   */
  readonly compositeAlarmEnabled?: boolean;

  /**
   * Actions of the composite alarm for the state ALARM.
   *
   * @default - no actions, because the individual alarms have their own actions
   */
  readonly compositeAlarmActions?: IAlarmAction[];
}
