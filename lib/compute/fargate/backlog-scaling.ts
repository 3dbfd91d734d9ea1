import { Duration, Token } from 'aws-cdk-lib';
import * as scaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { ApplicationScalingAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** SQS counts its messages once a minute, and an alarm that looks as often starts a task with the first count. */
const PERIOD = Duration.minutes(1);
/** Steps of a policy: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html */
const MAX_STEPS = 20;
/** What an unknown number of tasks is taken to be; the target bounds it all the same. */
const UNKNOWN_CAPACITY = 1000;

/** How the number of tasks follows a queue. */
export interface BacklogScalingOptions {
  readonly target: scaling.ScalableTarget;
  readonly queue: IQueue;
  /** Messages for which there is one task. */
  readonly backlogPerTask: number;
  /** Messages that a task holds while it is busy. */
  readonly messagesInTask: number;
  readonly minCapacity: number;
  readonly maxCapacity: number;
  /** Minutes without a message before tasks end. */
  readonly idleMinutes: number;
}

/** The alarms that change the number of tasks. */
export interface BacklogAlarms {
  /** Fires when more tasks are wanted than are busy. */
  readonly backlog: cloudwatch.Alarm;
  /** Fires when the queue has been empty. */
  readonly idle: cloudwatch.Alarm;
}

/**
 * Lets the number of tasks follow the backlog of a queue, up while there is more than the tasks can do, and down when there
 * is nothing left.
 *
 * - *Up.* The backlog is what waits and what is being worked on. One task is wanted for each `backlogPerTask` of it. How many
 *   are at work SQS tells itself: a busy task holds as many messages as it has workers. That count comes with the other one,
 *   at the same moment; the tasks that ECS counts come minutes later and cost Container Insights. While more are wanted than
 *   are at work, the policy sets the number that is wanted: exactly, so that the same alarm a minute later, when those tasks
 *   have yet to start, changes nothing, or takes back a start that has become needless.
 * - *Down.* When neither waits nor is worked on for `idleMinutes` in a row. No task ends over its work, so none needs to be
 *   protected; and a task that ends nevertheless, by a deployment or for Spot capacity, gives its messages back.
 *
 * SQS may leave out a count of nothing, hence FILL; the count of what waits is there as long as the queue is in use, and where
 * it is late the sum is late with it and not zero.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export function scaleOnBacklog(scope: Construct, options: BacklogScalingOptions): BacklogAlarms {
  const { backlogPerTask, messagesInTask } = options;
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
  const all = 'visible + FILL(held, 0)';
  const math = (label: string, expression: string): cloudwatch.MathExpression =>
    new cloudwatch.MathExpression({ label, expression, usingMetrics, period: PERIOD });

  const backlog = new cloudwatch.Alarm(scope, 'BacklogAlarm', {
    alarmDescription: `cdk-thumbnails: starts tasks, one for each ${backlogPerTask} images in the queue`,
    metric: math(
      'Images for which there are too few tasks',
      `IF((${all}) * ${messagesInTask} > ${backlogPerTask} * FILL(held, 0), ${all}, 0)`,
    ),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 1,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  backlog.addAlarmAction(new ApplicationScalingAction(scaleOut(scope, options)));

  const idle = new cloudwatch.Alarm(scope, 'IdleAlarm', {
    alarmDescription: `cdk-thumbnails: ends tasks when the queue has been empty for ${options.idleMinutes} minutes`,
    metric: math('Images that wait or are worked on', all),
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 0,
    evaluationPeriods: options.idleMinutes,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  idle.addAlarmAction(new ApplicationScalingAction(scaleIn(scope, options)));
  return { backlog, idle };
}

/**
 * Numbers of tasks to choose from: each up to the maximum where that is 20 or less, else 20 of them, each larger than the one
 * before by about the same factor.
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

function scaleOut(scope: Construct, options: BacklogScalingOptions): scaling.StepScalingAction {
  const action = new scaling.StepScalingAction(scope, 'ScaleOut', {
    scalingTarget: options.target,
    adjustmentType: scaling.AdjustmentType.EXACT_CAPACITY,
    metricAggregationType: scaling.MetricAggregationType.MAXIMUM,
    cooldown: PERIOD,
  });
  const steps = capacitySteps(options.maxCapacity);
  steps.forEach((capacity, index) => {
    // Bounds count from the alarm's threshold, which is 1: so many images over the first one.
    action.addAdjustment({
      adjustment: capacity,
      lowerBound: (steps[index - 1] ?? 0) * options.backlogPerTask,
      upperBound: index === steps.length - 1 ? undefined : capacity * options.backlogPerTask,
    });
  });
  return action;
}

function scaleIn(scope: Construct, options: BacklogScalingOptions): scaling.StepScalingAction {
  const action = new scaling.StepScalingAction(scope, 'ScaleIn', {
    scalingTarget: options.target,
    adjustmentType: scaling.AdjustmentType.EXACT_CAPACITY,
    metricAggregationType: scaling.MetricAggregationType.MAXIMUM,
    cooldown: PERIOD,
  });
  action.addAdjustment({ adjustment: options.minCapacity, upperBound: 0 });
  return action;
}
