import { CfnResource, Resource, Token } from 'aws-cdk-lib';
import type { CfnQueue, IQueue, Queue } from 'aws-cdk-lib/aws-sqs';

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
