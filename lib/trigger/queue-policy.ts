import { Annotations, Resource } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  type BucketNotificationDestinationConfig,
  BucketNotificationDestinationType,
  type IBucket,
  type IBucketNotificationDestination,
} from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { isInOtherStack, statementJson } from '../private/stacks';

/** AWS service that sends messages to the queue, with the conditions of its permission. */
interface Sender {
  readonly service: string;
  /** ARN of the bucket or rule that causes the messages. */
  readonly sourceArn: string;
  /**
   * Account of the bucket or rule. A condition for this account is necessary, because the ARN of a bucket contains no account,
   * and another account can reuse the name of a deleted bucket.
   */
  readonly account: string;
  /** Conditions of the permission to use the KMS key of the queue. */
  readonly keyConditions: iam.Conditions;
}

/**
 * Destination of the notifications of one bucket.
 *
 * Replaces `SqsDestination` of the CDK, which also grants read actions to S3, and accepts a bucket with the same name in any
 * account.
 */
export class QueueDestination implements IBucketNotificationDestination {
  private config?: BucketNotificationDestinationConfig;

  public constructor(
    private readonly queue: IQueue,
    private readonly source: IBucket,
  ) {}

  /** The bucket calls this method for every event and filter. Only the first call adds a statement to the queue policy. */
  public bind(scope: Construct): BucketNotificationDestinationConfig {
    this.config ??= this.createConfig(scope);
    return this.config;
  }

  private createConfig(scope: Construct): BucketNotificationDestinationConfig {
    grantSend(scope, this.queue, {
      service: 's3.amazonaws.com',
      sourceArn: this.source.bucketArn,
      account: this.source.env.account,
      // The condition keys of S3's requests to KMS are undocumented. Therefore, only the queue policy restricts the sender.
      keyConditions: {},
    });
    return { type: BucketNotificationDestinationType.QUEUE, arn: this.queue.queueArn, dependencies: [this.queue] };
  }
}

/** Target of one rule. */
export class QueueTarget implements events.IRuleTarget {
  public constructor(
    private readonly queue: IQueue,
    private readonly deadLetterQueue: IQueue | undefined,
  ) {}

  public bind(rule: events.IRule): events.RuleTargetConfig {
    const { account } = rule.env;
    const sender = {
      service: 'events.amazonaws.com',
      sourceArn: rule.ruleArn,
      account,
      keyConditions: { StringEquals: { 'aws:SourceAccount': account } },
    };
    grantSend(rule, this.queue, sender);
    // The rule uses the dead-letter queue only if this stack creates the queue. A stack cannot change the policy of an imported
    // queue, and the policy of a queue in another stack would cause a cyclic dependency.
    const deadLetterQueue =
      this.deadLetterQueue &&
      Resource.isOwnedResource(this.deadLetterQueue) &&
      !isInOtherStack(rule, this.deadLetterQueue)
        ? this.deadLetterQueue
        : undefined;
    if (deadLetterQueue) {
      grantSend(rule, deadLetterQueue, sender);
    }
    return {
      arn: this.queue.queueArn,
      targetResource: this.queue,
      ...(deadLetterQueue && { deadLetterConfig: { arn: deadLetterQueue.queueArn } }),
    };
  }
}

function grantSend(scope: Construct, queue: IQueue, sender: Sender): void {
  const principals = [new iam.ServicePrincipal(sender.service)];
  const statement = new iam.PolicyStatement({
    principals,
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: {
      ArnEquals: { 'aws:SourceArn': sender.sourceArn },
      StringEquals: { 'aws:SourceAccount': sender.account },
    },
  });
  if (!Resource.isOwnedResource(queue) || !queue.addToResourcePolicy(statement).statementAdded) {
    warn(scope, 'cdk-thumbnails:importedQueuePolicy', 'the policy of the imported queue', statement);
  }
  const key = queue.encryptionMasterKey;
  if (!key) {
    return;
  }
  const use = new iam.PolicyStatement({
    principals,
    actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
    resources: ['*'],
    conditions: sender.keyConditions,
  });
  if (key.addToResourcePolicy(use, true).statementAdded) {
    return;
  }
  warn(scope, 'cdk-thumbnails:importedQueueKey', 'the policy of the imported KMS key of the queue', use);
}

function warn(scope: Construct, id: string, policy: string, statement: iam.PolicyStatement): void {
  Annotations.of(scope).addWarningV2(
    id,
    `The app cannot change ${policy}. Add the following statement. Otherwise, the queue receives no events. ` +
      statementJson(scope, statement),
  );
}
