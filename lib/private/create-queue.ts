import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** Options of {@link createQueue}. */
export interface QueueOptions {
  readonly deadLetterQueue?: sqs.IQueue;
  readonly maxReceiveCount?: number;
}

/** Creates an encrypted queue with a dead-letter queue. */
export function createQueue(scope: Construct, id: string, props: QueueOptions, visibilityTimeout: Duration): sqs.Queue {
  const deadLetterQueue =
    props.deadLetterQueue ??
    new sqs.Queue(scope, 'DeadLetterQueue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  return new sqs.Queue(scope, id, {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    visibilityTimeout,
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: props.maxReceiveCount ?? 5 },
  });
}
