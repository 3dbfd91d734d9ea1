/** Host names of SQS, which contain the region for the signature of requests. */
const SQS_HOST = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/**
 * Returns the endpoint and the Region of a queue. The endpoint is `AWS_ENDPOINT_URL_SQS` or the host of the queue URL.
 * `AWS_ENDPOINT_URL` is ignored, because it may point to an S3-compatible store without queues.
 */
export function queueConnection(queueUrl: string): { readonly endpoint: string; readonly region?: string } {
  const { origin, hostname } = new URL(queueUrl);
  const [, region] = SQS_HOST.exec(hostname) ?? [];
  return { endpoint: process.env['AWS_ENDPOINT_URL_SQS'] || origin, ...(region !== undefined && { region }) };
}
