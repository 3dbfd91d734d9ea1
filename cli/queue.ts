import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createQueueClient } from '../container/queue/queue-client';

const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d{12}):([\w-]{1,80}(?:\.fifo)?)$/;

/** A client for the Region of a queue. */
export interface QueueClient {
  readonly client: SQSClient;
  /** Returns the URL of the queue. Requests the URL from SQS if {@link openQueue} received an ARN. */
  readonly url: () => Promise<string | undefined>;
}

/**
 * Creates a client for a queue. Callers must destroy the client.
 *
 * @param queue URL or ARN of the queue
 * @throws Error if `queue` is neither a URL nor an ARN
 */
export function openQueue(queue: string): QueueClient {
  const [, region, QueueOwnerAWSAccountId, QueueName] = QUEUE_ARN.exec(queue) ?? [];
  if (region === undefined) {
    return { client: createQueueClient(checkUrl(queue), 1), url: () => Promise.resolve(queue) };
  }
  // Derives the endpoint from the Region, because the host in the queue URL of an SQS-compatible service may not be resolvable.
  const client = new SQSClient({ region, useQueueUrlAsEndpoint: false });
  return {
    client,
    url: async () => (await client.send(new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId }))).QueueUrl,
  };
}

/**
 * Returns the ARN of the dead-letter queue from the attributes of a queue; undefined for a queue without a dead-letter queue.
 */
export function deadLetterArnOf({ RedrivePolicy }: Readonly<Record<string, string | undefined>>): string | undefined {
  return RedrivePolicy === undefined
    ? undefined
    : (JSON.parse(RedrivePolicy) as { readonly deadLetterTargetArn?: string }).deadLetterTargetArn;
}

function checkUrl(queue: string): string {
  if (/^https?:\/\/[^/]+\/.+/.test(queue) && URL.canParse(queue)) {
    return queue;
  }
  throw new Error(
    `--queue: got ${queue}; expected the URL or ARN of a queue, for example arn:aws:sqs:eu-central-1:111122223333:dead-letters`,
  );
}
