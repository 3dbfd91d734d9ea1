import { Aws, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Universal } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** Half of the time after which SQS takes a queue to be asleep, so that one call may fail. */
const INTERVAL = Duration.hours(3);
/** A tag that no queue has. */
const TAG = 'cdk-thumbnails:active';

/** A schedule, and the role by which it does its work. */
export interface KeepActiveSchedule {
  readonly schedule: scheduler.Schedule;
  readonly role: iam.Role;
}

/**
 * Touches a queue now and then. Any call does; this one takes off a tag that is not there and changes nothing. Calls that only
 * read would be plainer, but EventBridge Scheduler makes none.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 */
export function defineKeepActiveSchedule(scope: Construct, queue: IQueue): KeepActiveSchedule {
  const role = new iam.Role(scope, 'KeepQueueActiveRole', {
    assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  });
  const schedule = new scheduler.Schedule(scope, 'KeepQueueActive', {
    description: 'cdk-thumbnails: keeps SQS counting the messages of a queue that is seldom used',
    schedule: scheduler.ScheduleExpression.rate(INTERVAL),
    target: new Universal({
      service: 'sqs',
      action: 'untagQueue',
      input: scheduler.ScheduleTargetInput.fromObject({ QueueUrl: queue.queueUrl, TagKeys: [TAG] }),
      role,
      policyStatements: [new iam.PolicyStatement({ actions: ['sqs:UntagQueue'], resources: [queue.queueArn] })],
      retryAttempts: 0,
    }),
  });
  return { schedule, role };
}
