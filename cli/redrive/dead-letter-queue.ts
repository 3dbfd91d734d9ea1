import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createQueueClient } from '../../container/queue/queue-client';
import { withAwsErrors } from '../aws-errors';

const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d{12}):([\w-]{1,80}(?:\.fifo)?)$/;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html */
const PERMISSIONS =
  'sqs:StartMessageMoveTask, sqs:ListMessageMoveTasks, sqs:CancelMessageMoveTask, sqs:GetQueueAttributes, sqs:GetQueueUrl, ' +
  'sqs:ReceiveMessage and sqs:DeleteMessage on the dead-letter queue; sqs:SendMessage, sqs:GetQueueUrl and ' +
  'sqs:GetQueueAttributes on the queue of the pipeline';

/** A dead-letter queue with a client for its Region. */
export interface DeadLetterQueue {
  readonly client: SQSClient;
  readonly arn: string;
}

/**
 * Finds a dead-letter queue by its own URL or ARN, or by that of its source queue.
 *
 * @throws Error if `queue` is neither a URL nor an ARN, or SQS rejects a request
 */
export async function findDeadLetterQueue(queue: string): Promise<DeadLetterQueue> {
  const [, region, accountId, name] = QUEUE_ARN.exec(queue) ?? [];
  const client = region === undefined ? createQueueClient(checkUrl(queue), 1) : new SQSClient({ region });
  return withSqsErrors(queue, async () => {
    const getUrl = new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: accountId });
    const QueueUrl = region === undefined ? queue : (await client.send(getUrl)).QueueUrl;
    const getAttributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'RedrivePolicy'] });
    const { QueueArn = '', RedrivePolicy } = (await client.send(getAttributes)).Attributes ?? {};
    // Only a source queue has a redrive policy.
    const policy = RedrivePolicy === undefined ? {} : (JSON.parse(RedrivePolicy) as { deadLetterTargetArn?: string });
    return { client, arn: policy.deadLetterTargetArn ?? QueueArn };
  });
}

/** Runs requests to SQS. Replaces an error by one that states the cause and the fix. */
export function withSqsErrors<T>(queue: string, requests: () => Promise<T>): Promise<T> {
  return withAwsErrors({ resource: queue, kind: 'queue', permissions: PERMISSIONS }, requests);
}

function checkUrl(queue: string): string {
  if (/^https?:\/\/[^/]+\/.+/.test(queue) && URL.canParse(queue)) {
    return queue;
  }
  throw new Error(
    `--queue: got ${queue}; expected the URL or ARN of a queue, for example arn:aws:sqs:eu-central-1:111122223333:dead-letters`,
  );
}
