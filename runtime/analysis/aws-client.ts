import { S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { readResponse, type TextResponse } from './service-requests';

/** Options of {@link createAwsClient}. */
export interface AwsClientOptions {
  /** Name of the service in host names and signatures. */
  readonly service: 'rekognition' | 'lambda';
  /** @default - the Region of the runtime */
  readonly region?: string | undefined;
}

/** A request to an AWS service. */
export interface AwsRequest {
  /** Percent-encoded path. @default / */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Sends a signed POST request. */
export type AwsClient = (request: AwsRequest) => Promise<TextResponse>;

/**
 * Returns a function that signs requests to an AWS service and sends the requests. The function replaces the AWS SDK client of
 * the service. That SDK client would enlarge all bundles, although a pipeline requires at most two operations.
 *
 * `AWS_ENDPOINT_URL_REKOGNITION` or `AWS_ENDPOINT_URL_LAMBDA` sets the endpoint. The default is the endpoint of the Region.
 * As in the AWS SDK, `AWS_USE_FIPS_ENDPOINT=true` selects the FIPS endpoint.
 */
export function createAwsClient({ service, region: requiredRegion }: AwsClientOptions): AwsClient {
  // Resolves the credentials and the Region with the S3 client, because all bundles already contain it.
  const { config } = new S3Client(requiredRegion === undefined ? {} : { region: requiredRegion });
  const { credentials, region, sha256 } = config;
  const signer = new SignatureV4({ credentials, region, sha256, service });
  return async ({ path = '/', headers, body, signal }) => {
    const url = new URL(path, endpointOf(service, await region()));
    const { hostname, port, protocol, pathname } = url;
    const signed = await signer.sign({
      method: 'POST',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: pathname,
      query: {},
      headers: { ...headers, host: url.host },
      body,
    });
    const { headers: sent } = signed;
    return readResponse(await fetch(url, { method: 'POST', headers: sent, body, redirect: 'error', signal }));
  };
}

function endpointOf(service: AwsClientOptions['service'], region: string): string {
  const custom = process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`];
  if (custom) {
    return custom;
  }
  const name = process.env['AWS_USE_FIPS_ENDPOINT'] === 'true' ? `${service}-fips` : service;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${name}.${region}.${domain}`;
}
