import { Duration, Token } from 'aws-cdk-lib';
import * as scaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { ApplicationScalingAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * Period of the alarms, equal to the resolution of the SQS metrics. With this period, the alarm starts a task after the first
 * data point.
 */
const PERIOD = Duration.minutes(1);
/**
 * Maximum number of steps of a scaling policy:
 * https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html
 */
const MAX_STEPS = 20;
/** Maximum task count in the scaling steps if `maxCapacity` is a token. The scalable target still enforces `maxCapacity`. */
const UNKNOWN_CAPACITY = 1000;

/** Options of {@link scaleOnBacklog}. */
export interface BacklogScalingOptions {
  readonly target: scaling.ScalableTarget;
  readonly queue: IQueue;
  /** Messages in the queue for each task. */
  readonly backlogPerTask: number;
  /** Number of in-flight messages of a busy task. */
  readonly messagesPerTask: number;
  readonly minCapacity: number;
  readonly maxCapacity: number;
  /** Time for which the queue must be empty before tasks stop, in minutes. */
  readonly scaleInMinutes: number;
}

/** CloudWatch alarms that change the number of tasks. */
export interface BacklogAlarms {
  /** Alarm that breaches if the messages in the queue require more tasks than the number of busy tasks. */
  readonly backlog: cloudwatch.Alarm;
  /** Alarm that breaches if the queue has been empty for `scaleInMinutes`. */
  readonly idle: cloudwatch.Alarm;
}

/**
 * Scales the number of tasks with the backlog of a queue. The backlog is the sum of visible and in-flight messages.
 *
 * - *Scale out.* The backlog requires one task for each `backlogPerTask` messages. The alarm compares this number of tasks with
 *   the number of busy tasks. A busy task has `messagesPerTask` in-flight messages. Therefore, the alarm does not need the task
 *   count of ECS, which would arrive minutes later and require Container Insights. The policy sets an exact capacity. Therefore,
 *   a second breach while tasks start does not start further tasks.
 * - *Scale in.* The alarm breaches after `scaleInMinutes` without visible or in-flight messages. No task stops during its work.
 *   Therefore, tasks need no scale-in protection.
 *
 * FILL replaces missing data points of the in-flight metric with zero, because SQS may omit zeros. SQS publishes the visible
 * metric while the queue is active. A late data point of the visible metric delays the sum, but does not set the sum to zero.
 *
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export function scaleOnBacklog(scope: Construct, options: BacklogScalingOptions): BacklogAlarms {
  const { backlogPerTask, messagesPerTask } = options;
  const usingMetrics = {
    visible: options.queue.metricApproximateNumberOfMessagesVisible({
      period: PERIOD,
      statistic: cloudwatch.Stats.MAXIMUM,
    }),
    held: options.queue.metricApproximateNumberOfMessagesNotVisible({
      period: PERIOD,
      statistic: cloudwatch.Stats.MAXIMUM,
    }),
  };
  const total = 'visible + FILL(held, 0)';
  const math = (label: string, expression: string): cloudwatch.MathExpression =>
    new cloudwatch.MathExpression({ label, expression, usingMetrics, period: PERIOD });

  const backlog = new cloudwatch.Alarm(scope, 'BacklogAlarm', {
    alarmDescription: `cdk-thumbnails: starts one task for each ${backlogPerTask} images in the queue`,
    metric: math(
      'Images for which there are too few tasks',
      `IF((${total}) * ${messagesPerTask} > ${backlogPerTask} * FILL(held, 0), ${total}, 0)`,
    ),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 1,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  backlog.addAlarmAction(new ApplicationScalingAction(createScaleOut(scope, options)));

  const idle = new cloudwatch.Alarm(scope, 'IdleAlarm', {
    alarmDescription: `cdk-thumbnails: stops tasks when the queue has been empty for ${options.scaleInMinutes} minutes`,
    metric: math('Images that wait or are worked on', total),
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 0,
    evaluationPeriods: options.scaleInMinutes,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  idle.addAlarmAction(new ApplicationScalingAction(createScaleIn(scope, options)));
  return { backlog, idle };
}

/**
 * Returns the task counts of the scaling steps. For a maximum up to 20, returns every count. For a higher maximum, returns 20
 * counts, each larger than the previous count by an approximately constant factor.
 */
export function capacitySteps(maxCapacity: number): number[] {
  const max = Token.isUnresolved(maxCapacity) ? UNKNOWN_CAPACITY : maxCapacity;
  if (max <= MAX_STEPS) {
    return Array.from({ length: max }, (_, index) => index + 1);
  }
  const steps: number[] = [];
  for (let index = 0; index < MAX_STEPS; index += 1) {
    steps.push(Math.max((steps.at(-1) ?? 0) + 1, Math.round(max ** (index / (MAX_STEPS - 1)))));
  }
  return steps;
}

function createScaleOut(scope: Construct, options: BacklogScalingOptions): scaling.StepScalingAction {
  const action = createAction(scope, 'ScaleOut', options);
  const steps = capacitySteps(options.maxCapacity);
  steps.forEach((capacity, index) => {
    // The bounds of a step are relative to the threshold of the alarm, which is 1.
    action.addAdjustment({
      adjustment: capacity,
      lowerBound: (steps[index - 1] ?? 0) * options.backlogPerTask,
      upperBound: index === steps.length - 1 ? undefined : capacity * options.backlogPerTask,
    });
  });
  return action;
}

function createScaleIn(scope: Construct, options: BacklogScalingOptions): scaling.StepScalingAction {
  const action = createAction(scope, 'ScaleIn', options);
  action.addAdjustment({ adjustment: options.minCapacity, upperBound: 0 });
  return action;
}

function createAction(scope: Construct, id: string, options: BacklogScalingOptions): scaling.StepScalingAction {
  return new scaling.StepScalingAction(scope, id, {
    scalingTarget: options.target,
    adjustmentType: scaling.AdjustmentType.EXACT_CAPACITY,
    metricAggregationType: scaling.MetricAggregationType.MAXIMUM,
    cooldown: PERIOD,
  });
}
