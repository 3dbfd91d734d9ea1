import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** Wait time of a long poll, the maximum of SQS. */
export const POLL_SECONDS = 20;

/** Host names of SQS, which contain the region for the signature of requests. */
const SQS_HOST = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/**
 * Creates a client for one queue. The endpoint is `AWS_ENDPOINT_URL_SQS` or the host of the queue URL. `AWS_ENDPOINT_URL` is
 * ignored, because it may point to an S3-compatible store without queues.
 *
 * @param consumers number of concurrent polls
 */
export function createQueueClient(queueUrl: string, consumers: number): SQSClient {
  const { origin, hostname } = new URL(queueUrl);
  const [, region] = SQS_HOST.exec(hostname) ?? [];
  // Each poll holds a connection, and each consumer may extend or delete a message at the same time.
  const agent = { keepAlive: true, maxSockets: 2 * consumers + 8 };
  return new SQSClient({
    endpoint: process.env['AWS_ENDPOINT_URL_SQS'] || origin,
    ...(region !== undefined && { region }),
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
 * Wraps the client for a consumer, so that stopping it aborts only its poll. The consumer passes the same abort signal to
 * requests that extend or delete the messages in progress, which must still succeed.
 */
export function forConsumer(client: SQSClient): SQSClient {
  const send = (command: Parameters<SQSClient['send']>[0], options?: { readonly abortSignal?: AbortSignal }) =>
    client.send(command, command instanceof ReceiveMessageCommand ? options : undefined);
  return Object.assign(Object.create(client) as SQSClient, { send });
}
