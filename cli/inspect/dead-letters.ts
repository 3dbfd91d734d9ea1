import { GetQueueAttributesCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { readChangedObjects } from '../../runtime/pipeline';
import { openQueue } from '../queue';
import { findDeadLetterQueue, withSqsErrors } from '../redrive/dead-letter-queue';

/** A message in a dead-letter queue that contains a key. */
export interface DeadLetter {
  readonly messageId: string;
  /** Time in ISO 8601 at which a sender added the message to the source queue. */
  readonly sent: string;
}

/** Maximum number of receive requests per search. SQS returns up to ten messages per request. */
const MAX_REQUESTS = 20;

/**
 * Searches a dead-letter queue for messages that contain a key. The messages remain visible, because the requests have
 * a visibility timeout of zero. In a long queue, the search does not find all messages, because SQS returns only
 * samples.
 *
 * @param queue URL or ARN of the queue of the pipeline
 * @returns the messages. The result also states whether the search has read all messages of the queue.
 * @throws Error if SQS rejects a request
 */
export async function findDeadLetters(
  queue: string,
  key: string,
): Promise<{ readonly found: readonly DeadLetter[]; readonly isComplete: boolean }> {
  const { client: sourceClient, arn } = await findDeadLetterQueue(queue);
  sourceClient.destroy();
  const { client, url } = openQueue(arn);
  try {
    return await withSqsErrors(arn, async () => search(client, await url(), key));
  } finally {
    client.destroy();
  }
}

async function search(
  client: SQSClient,
  QueueUrl: string | undefined,
  key: string,
): ReturnType<typeof findDeadLetters> {
  const getTotal = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
  const total = Number((await client.send(getTotal)).Attributes?.['ApproximateNumberOfMessages'] ?? 0);
  const seen = new Map<string, DeadLetter | undefined>();
  for (let count = 0; count < MAX_REQUESTS && seen.size < total; count++) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    for (const { MessageId = '', Body = '', Attributes } of Messages) {
      const sent = new Date(Number(Attributes?.SentTimestamp ?? 0)).toISOString();
      seen.set(MessageId, names(Body, key) ? { messageId: MessageId, sent } : undefined);
    }
  }
  return { found: [...seen.values()].filter((message) => message !== undefined), isComplete: seen.size >= total };
}

function names(body: string, key: string): boolean {
  try {
    return readChangedObjects(body).some((changed) => changed.key === key);
  } catch {
    return false;
  }
}
