import { Aws, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Universal } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * Interval between two `UntagQueue` calls of the schedule. SQS stops publishing the metrics of a queue after six hours
 * without a call. One failed call therefore has no effect.
 */
const INTERVAL = Duration.hours(3);
/** Tag key that the queue does not have. */
const UNUSED_TAG_KEY = 'cdk-thumbnails:active';

/** Schedule with its execution role. */
export interface KeepActiveSchedule {
  readonly schedule: scheduler.Schedule;
  readonly role: iam.Role;
}

/**
 * Creates a schedule that calls an API action on the queue. SQS then keeps the metrics of the queue active.
 *
 * The action removes a nonexistent tag, and therefore changes nothing. A read-only action is not possible, because EventBridge
 * Scheduler rejects read-only actions.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 */
export function createKeepActiveSchedule(scope: Construct, queue: IQueue): KeepActiveSchedule {
  const role = new iam.Role(scope, 'KeepQueueActiveRole', {
    assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  });
  const schedule = new scheduler.Schedule(scope, 'KeepQueueActive', {
    description: 'cdk-thumbnails: keeps the metrics of a rarely used queue active',
    schedule: scheduler.ScheduleExpression.rate(INTERVAL),
    target: new Universal({
      service: 'sqs',
      action: 'untagQueue',
      input: scheduler.ScheduleTargetInput.fromObject({ QueueUrl: queue.queueUrl, TagKeys: [UNUSED_TAG_KEY] }),
      role,
      policyStatements: [new iam.PolicyStatement({ actions: ['sqs:UntagQueue'], resources: [queue.queueArn] })],
      retryAttempts: 0,
    }),
  });
  return { schedule, role };
}
