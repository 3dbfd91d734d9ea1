import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** Seconds that a poll waits for a message: the longest that SQS allows, and the cheapest. */
export const POLL_SECONDS = 20;

/** Amazon's own host names tell the region that a request must be signed for. */
const AMAZON_HOST = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/**
 * A client for one queue. It asks the host in the queue's URL, or that of `AWS_ENDPOINT_URL_SQS`; not that of
 * `AWS_ENDPOINT_URL`, which may lead to an S3-compatible store that knows no queues.
 *
 * @param consumers polls at once
 */
export function createQueueClient(queueUrl: string, consumers: number): SQSClient {
  const { origin, hostname } = new URL(queueUrl);
  const [, region] = AMAZON_HOST.exec(hostname) ?? [];
  // Every consumer may renew and delete besides, all polls hold a connection each.
  const agent = { keepAlive: true, maxSockets: 2 * consumers + 8 };
  return new SQSClient({
    endpoint: process.env['AWS_ENDPOINT_URL_SQS'] || origin,
    ...(region !== undefined && { region }),
    requestHandler: {
      connectionTimeout: 3000,
      // An answer that never comes would keep a consumer from polling for good.
      requestTimeout: (POLL_SECONDS + 10) * 1000,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}

/**
 * The same client for a consumer. When that stops it aborts its poll, which is wanted, and with the same signal everything
 * that it still has to say of the messages that it holds, which is not: they would be neither renewed nor deleted.
 */
export function forConsumer(client: SQSClient): SQSClient {
  const send = (command: Parameters<SQSClient['send']>[0], options?: { readonly abortSignal?: AbortSignal }) =>
    client.send(command, command instanceof ReceiveMessageCommand ? options : undefined);
  return Object.assign(Object.create(client) as SQSClient, { send });
}
