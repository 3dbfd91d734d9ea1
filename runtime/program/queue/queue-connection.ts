/** Pattern of the host names of SQS. A host name contains the Region, which the signature of requests requires. */
const SQS_HOST = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/**
 * Returns the endpoint and the Region of a queue. `AWS_ENDPOINT_URL_SQS` sets the endpoint. The default is the host of the
 * queue URL. `AWS_ENDPOINT_URL` has no effect, because its value can be the URL of an S3-compatible store without queues.
 */
export function queueConnection(queueUrl: string): { readonly endpoint: string; readonly region?: string } {
  const { origin, hostname } = new URL(queueUrl);
  const [, region] = SQS_HOST.exec(hostname) ?? [];
  return { endpoint: process.env['AWS_ENDPOINT_URL_SQS'] || origin, ...(region !== undefined && { region }) };
}
