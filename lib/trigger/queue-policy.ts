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
import { statementText } from '../private/statement-text';

/** A service that sends to the queue, and what it must say that it does it for. */
interface Sender {
  readonly service: string;
  /** What it sends of. */
  readonly sourceArn: string;
  /** The account that this is of. A bucket's ARN does not say: its name could be another's after it is deleted. */
  readonly account: string;
  /** Conditions that the service is known to meet when it uses the key of an encrypted queue. */
  readonly keyConditions: iam.Conditions;
}

/**
 * The queue as what a bucket notifies. The CDK's own destination would let S3 look at the queue too, which it does not do,
 * and let a bucket of this name in any account send.
 */
export class QueueDestination implements IBucketNotificationDestination {
  private config?: BucketNotificationDestinationConfig;

  public constructor(
    private readonly queue: IQueue,
    private readonly source: IBucket,
  ) {}

  /** Called for every event and filter, of which the queue hears once. */
  public bind(scope: Construct): BucketNotificationDestinationConfig {
    this.config ??= this.define(scope);
    return this.config;
  }

  private define(scope: Construct): BucketNotificationDestinationConfig {
    letSend(scope, this.queue, {
      service: 's3.amazonaws.com',
      sourceArn: this.source.bucketArn,
      account: this.source.env.account,
      // Of what S3 tells KMS nothing is documented; who may send at all is for the policy of the queue to say.
      keyConditions: {},
    });
    return { type: BucketNotificationDestinationType.QUEUE, arn: this.queue.queueArn, dependencies: [this.queue] };
  }
}

/** The queue as the target of a rule, which alone may send. */
export class QueueTarget implements events.IRuleTarget {
  public constructor(private readonly queue: IQueue) {}

  public bind(rule: events.IRule): events.RuleTargetConfig {
    const { account } = rule.env;
    letSend(rule, this.queue, {
      service: 'events.amazonaws.com',
      sourceArn: rule.ruleArn,
      account,
      keyConditions: { StringEquals: { 'aws:SourceAccount': account } },
    });
    return { arn: this.queue.queueArn, targetResource: this.queue };
  }
}

function letSend(scope: Construct, queue: IQueue, sender: Sender): void {
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
    // Without this the first sign would be a failed deployment, or none.
    warn(scope, 'cdk-thumbnails:importedQueuePolicy', 'the queue is imported, so its policy is not changed', statement);
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
  warn(scope, 'cdk-thumbnails:importedQueueKey', 'the key of the queue is imported, so its policy is not changed', use);
}

function warn(scope: Construct, id: string, what: string, statement: iam.PolicyStatement): void {
  const text = statementText(scope, statement);
  Annotations.of(scope).addWarningV2(id, `${what}: it must have this statement, or no image is heard of: ${text}`);
}
