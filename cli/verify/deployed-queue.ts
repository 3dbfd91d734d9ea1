import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { openQueue } from '../queue';
import { findDeadLetterQueue, withSqsErrors } from '../redrive/dead-letter-queue';
import { CheckSkipped } from './check';
import type { VerifyQueue } from './verify-target';

/** Names of the errors that SQS-compatible services return for an unsupported operation. */
const UNSUPPORTED = /InvalidAction|UnsupportedOperation|UnknownOperation|NotImplemented/;

/**
 * Returns the interface through which the checks use the queue of a pipeline.
 *
 * @param queue URL or ARN of the queue
 */
export function deployedQueue(queue: string): VerifyQueue {
  return {
    deadLetters: () =>
      withDeadLetters(queue, async ({ client, url }) => {
        const { Attributes = {} } = await client.send(
          new GetQueueAttributesCommand({ QueueUrl: await url(), AttributeNames: ['All'] }),
        );
        return (
          Number(Attributes['ApproximateNumberOfMessages'] ?? 0) +
          Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0)
        );
      }),
    addDeadLetter: (body) =>
      withDeadLetters(queue, async ({ client, url, arn }) => {
        await expectRedrives(client, arn);
        await client.send(new SendMessageCommand({ QueueUrl: await url(), MessageBody: body }));
      }),
    redrive: () =>
      withDeadLetters(queue, async ({ client, arn, sourceArn }) => {
        // The destination is required, because the test message was sent to the dead-letter queue directly.
        await client.send(new StartMessageMoveTaskCommand({ SourceArn: arn, DestinationArn: sourceArn }));
      }),
  };
}

type OpenDeadLetters = ReturnType<typeof openQueue> & { readonly arn: string; readonly sourceArn: string };

/**
 * Runs requests to the dead-letter queue of a pipeline.
 *
 * @throws CheckSkipped if the queue has no dead-letter queue
 */
async function withDeadLetters<T>(queue: string, send: (opened: OpenDeadLetters) => Promise<T>): Promise<T> {
  const { client, arn, sourceArn } = await findDeadLetterQueue(queue);
  client.destroy();
  if (sourceArn === undefined) {
    throw new CheckSkipped('the queue has no dead-letter queue');
  }
  const opened = openQueue(arn);
  try {
    return await withSqsErrors(arn, () => send({ ...opened, arn, sourceArn }));
  } catch (error) {
    throw (error as Error).cause instanceof CheckSkipped ? (error as Error).cause : error;
  } finally {
    opened.client.destroy();
  }
}

/**
 * Checks that the queue supports redrives.
 *
 * @throws CheckSkipped if an SQS-compatible service does not support redrives
 */
async function expectRedrives(client: SQSClient, SourceArn: string): Promise<void> {
  try {
    await client.send(new ListMessageMoveTasksCommand({ SourceArn }));
  } catch (error) {
    if (UNSUPPORTED.test((error as Error).name)) {
      throw new CheckSkipped('the queue service does not support redrives');
    }
    throw error;
  }
}
