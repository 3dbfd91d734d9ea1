import type * as sqs from '@aws-sdk/client-sqs';
import { MessageError } from '../../events';
import { queueConnection } from './queue-connection';

/**
 * Loads the AWS SDK on demand. `require` replaces `import()`, which would need a file extension that only the bundler supports.
 */
declare function require(path: '@aws-sdk/client-sqs'): typeof sqs;

/**
 * Sends the body of a message.
 *
 * @param delaySeconds delay in seconds before consumers receive the message, from 0 to 900. The default is 0.
 */
export type SendMessage = (body: string, delaySeconds?: number) => Promise<void>;

/** Options of {@link messageSender}. */
export interface MessageSenderOptions {
  readonly queueUrl: string;
  /** Description of the content of the messages, for error messages. */
  readonly content: string;
}

/**
 * Returns a function that sends messages to a queue.
 *
 * @returns a function that throws MessageError if the queue does not accept the message
 */
export function messageSender({ queueUrl, content }: MessageSenderOptions): SendMessage {
  const { SendMessageCommand, SQSClient } = require('@aws-sdk/client-sqs');
  const client = new SQSClient({
    ...queueConnection(queueUrl),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
  return async (body, delaySeconds = 0) => {
    try {
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds: delaySeconds }));
    } catch (error) {
      throw new MessageError(
        `the queue ${queueUrl} did not accept ${content}; check the URL and the permission sqs:SendMessage`,
        { cause: error },
      );
    }
  };
}
