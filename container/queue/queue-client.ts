import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { queueConnection } from '../../runtime/program/queue/queue-connection';

/** Wait time of a long poll in seconds. The value is the maximum of SQS. */
export const POLL_SECONDS = 20;

/**
 * Creates a client for one queue.
 *
 * @param consumers number of concurrent polls
 */
export function createQueueClient(queueUrl: string, consumers: number): SQSClient {
  // A consumer needs two connections, because it may extend or delete a message during a poll.
  const agent = { keepAlive: true, maxSockets: 2 * consumers + 8 };
  return new SQSClient({
    ...queueConnection(queueUrl),
    requestHandler: {
      connectionTimeout: 3000,
      // Without a timeout, a lost response would block a consumer forever.
      requestTimeout: (POLL_SECONDS + 10) * 1000,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}

/**
 * Wraps the client for a consumer. A consumer passes its abort signal to all requests, but the wrapper uses the signal only for
 * polls. Requests that extend or delete messages in progress must succeed after the consumer stops.
 */
export function forConsumer(client: SQSClient): SQSClient {
  const send = (command: Parameters<SQSClient['send']>[0], options?: { readonly abortSignal?: AbortSignal }) =>
    client.send(command, command instanceof ReceiveMessageCommand ? options : undefined);
  return Object.assign(Object.create(client) as SQSClient, { send });
}
