import { Annotations, CfnResource, type Duration, Resource, Token } from 'aws-cdk-lib';
import type { CfnQueue, IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { secondsOf } from '../../private/validation';

/**
 * Default visibility timeout of SQS in seconds:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
const DEFAULT_VISIBILITY_SECONDS = 30;

/** Returns the visibility timeout of a queue in seconds, or undefined for an imported queue or a token. */
export function visibilitySecondsOf(queue: IQueue): number | undefined {
  const resource = Resource.isOwnedResource(queue) ? queue.node.defaultChild : undefined;
  if (!resource || !CfnResource.isCfnResource(resource) || resource.cfnResourceType !== 'AWS::SQS::Queue') {
    return undefined;
  }
  const seconds = (resource as CfnQueue).visibilityTimeout ?? DEFAULT_VISIBILITY_SECONDS;
  return Token.isUnresolved(seconds) ? undefined : seconds;
}

/** Returns the dead-letter queue of a queue. Returns undefined for an imported queue or a queue without a dead-letter queue. */
export function deadLetterQueueOf(queue: IQueue): IQueue | undefined {
  return (queue as Partial<Pick<Queue, 'deadLetterQueue'>>).deadLetterQueue?.queue;
}

/** Warns about settings of an existing queue that cause repeated processing of messages. */
export function warnAboutQueue(scope: Construct, queue: IQueue, visibilityTimeout: Duration): void {
  const seconds = visibilitySecondsOf(queue);
  if (seconds === undefined) {
    return;
  }
  const recommended = secondsOf(visibilityTimeout);
  if (recommended !== undefined && seconds < recommended) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:visibilityTimeout',
      `The visibility timeout of the queue is ${seconds} s, and the compute requires ${recommended} s. ` +
        'A shorter timeout can cause an image to be processed twice at the same time.',
    );
  }
  if (!deadLetterQueueOf(queue)) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:noDeadLetterQueue',
      'The queue has no dead-letter queue. An image that always fails is retried until its message expires.',
    );
  }
}
