import { Sha256Node } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/transport';
import { SignatureV4 } from '@smithy/signature-v4';
import { createS3Client } from '../../runtime/storage/s3/s3-client';

/** An HTTP request with a body in memory. */
export interface PlainRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Signs a request with Signature Version 4 and the credentials of the AWS SDK. Returns the headers of the signed request.
 *
 * @param service name of the service in the signature, such as `execute-api`
 * @throws Error if the AWS SDK finds no credentials
 */
export async function signRequest(
  service: string,
  region: string,
  url: URL,
  { method, headers, body }: PlainRequest,
): Promise<Record<string, string>> {
  const client = createS3Client();
  try {
    const signer = new SignatureV4({ service, region, credentials: client.config.credentials, sha256: Sha256Node });
    const { headers: signed } = await signer.sign(
      new HttpRequest({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { ...headers, host: url.host },
        body,
      }),
    );
    // Omits the header `host`, because `fetch` sets this header.
    return Object.fromEntries(Object.entries(signed).filter(([name]) => name !== 'host'));
  } finally {
    client.destroy();
  }
}
