import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { withAwsErrors } from '../aws-errors';
import { deadLetterArnOf, openQueue } from '../queue';

/**
 * Permissions of the command `redrive`, for error messages.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
const PERMISSIONS =
  'sqs:StartMessageMoveTask, sqs:ListMessageMoveTasks, sqs:CancelMessageMoveTask, sqs:GetQueueAttributes, sqs:GetQueueUrl, ' +
  'sqs:ReceiveMessage and sqs:DeleteMessage on the dead-letter queue; sqs:SendMessage, sqs:GetQueueUrl and ' +
  'sqs:GetQueueAttributes on the queue of the pipeline';

/** A dead-letter queue with a client for its Region. */
export interface DeadLetterQueue {
  readonly client: SQSClient;
  readonly arn: string;
  /** ARN of the source queue; undefined if the user has passed the dead-letter queue. */
  readonly sourceArn?: string;
}

/**
 * Finds a dead-letter queue by its own URL or ARN, or by the URL or ARN of its source queue.
 *
 * @throws Error if `queue` is neither a URL nor an ARN, or SQS rejects a request
 */
export async function findDeadLetterQueue(queue: string): Promise<DeadLetterQueue> {
  const { client, url } = openQueue(queue);
  return withSqsErrors(queue, async () => {
    const QueueUrl = await url();
    const getAttributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'RedrivePolicy'] });
    const { Attributes = {} } = await client.send(getAttributes);
    // Only a source queue has a redrive policy. Without a redrive policy, the given queue is the dead-letter queue.
    const ownArn = Attributes['QueueArn'] ?? '';
    const arn = deadLetterArnOf(Attributes);
    return arn === undefined ? { client, arn: ownArn } : { client, arn, sourceArn: ownArn };
  });
}

/** Runs requests to SQS. Replaces an error of the AWS SDK with an error that states the cause and the fix. */
export function withSqsErrors<T>(queue: string, requests: () => Promise<T>): Promise<T> {
  return withAwsErrors({ resource: queue, kind: 'queue', permissions: PERMISSIONS }, requests);
}
