import { Annotations, CfnResource, type Duration, Resource, Token } from 'aws-cdk-lib';
import type { CfnQueue, IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { secondsOf } from '../private/validation';

/** What SQS does where no visibility timeout is set. */
const DEFAULT_VISIBILITY_SECONDS = 30;

/** How long a queue hides a message, where the app defines the queue and the value is known before deployment. */
export function visibilitySecondsOf(queue: IQueue): number | undefined {
  const resource = Resource.isOwnedResource(queue) ? queue.node.defaultChild : undefined;
  if (!resource || !CfnResource.isCfnResource(resource) || resource.cfnResourceType !== 'AWS::SQS::Queue') {
    return undefined;
  }
  const seconds = (resource as CfnQueue).visibilityTimeout ?? DEFAULT_VISIBILITY_SECONDS;
  return Token.isUnresolved(seconds) ? undefined : seconds;
}

/** The queue that takes what another gives up on, where the app defines it. */
export function deadLetterQueueOf(queue: IQueue): IQueue | undefined {
  return (queue as Partial<Pick<Queue, 'deadLetterQueue'>>).deadLetterQueue?.queue;
}

/** Warns of what a queue that was passed in lacks: it works all the same, and may be meant so. */
export function warnOfQueue(scope: Construct, queue: IQueue, visibilityTimeout: Duration): void {
  const seconds = visibilitySecondsOf(queue);
  if (seconds === undefined) {
    return;
  }
  const wanted = secondsOf(visibilityTimeout);
  if (wanted !== undefined && seconds < wanted) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:visibilityTimeout',
      `the queue hides a message for ${seconds} s, the compute wants ${wanted} s: images may be worked on twice at once`,
    );
  }
  if (!deadLetterQueueOf(queue)) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:noDeadLetterQueue',
      'the queue has no dead-letter queue: an image that always fails is tried until its message is too old',
    );
  }
}
