import { createHash } from 'node:crypto';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

/** How to reach S3. What is left out comes from where the AWS SDK takes it: environment, profile, role. */
export interface S3ClientOptions {
  /** URL of an S3-compatible service. Default: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, or AWS itself. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * Name the bucket in the path and not in the host. Default: `S3_FORCE_PATH_STYLE` (`true` or `false`), or whether there
   * is an endpoint: only AWS and few others resolve a host for every bucket.
   */
  readonly pathStyle?: boolean;
  /** Tries of one request, 1 or more. Default: 4. */
  readonly maxAttempts?: number;
  /** Time to connect, in ms. Default: 3000. */
  readonly connectionTimeout?: number;
  /** Time from the first byte sent to the head of the answer, in ms. Default: 30 000. */
  readonly requestTimeout?: number;
  /** Time between two pieces of an answer, in ms. Default: 10 000. */
  readonly idleTimeout?: number;
}

/**
 * A client of S3 or of a service that speaks as S3 does: connections are kept, tries and times are bounded.
 *
 * @throws Error when `S3_FORCE_PATH_STYLE` is neither `true` nor `false`
 */
export function createS3Client(options: S3ClientOptions = {}): S3Client {
  const { AWS_ENDPOINT_URL_S3: s3Endpoint, AWS_ENDPOINT_URL: anyEndpoint } = process.env;
  const endpoint = options.endpoint ?? (s3Endpoint || anyEndpoint || undefined);
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint, ...COMPATIBLE }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    forcePathStyle: options.pathStyle ?? pathStyleFromEnvironment() ?? endpoint !== undefined,
    // Not adaptive: its limiter makes every caller of a process wait when one bucket is busy, without a bound.
    retryMode: 'standard',
    maxAttempts: options.maxAttempts ?? 4,
    // Waiting for leave to send costs a round trip, and the SDK opens a new connection for it.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: options.connectionTimeout ?? 3000,
      requestTimeout: options.requestTimeout ?? 30_000,
      throwOnRequestTimeout: true,
      socketTimeout: options.idleTimeout ?? 10_000,
      httpAgent: AGENT,
      httpsAgent: AGENT,
    },
  });
  if (endpoint !== undefined) useMd5ForDeletes(client);
  return client;
}

const AGENT = { keepAlive: true, maxSockets: 64 };

/** AWS checks CRCs of all bodies; not every other service knows them. */
const COMPATIBLE = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} satisfies S3ClientConfig;

function pathStyleFromEnvironment(): boolean | undefined {
  const value = process.env['S3_FORCE_PATH_STYLE'] || undefined;
  if (value === undefined || value === 'true' || value === 'false') return value && value === 'true';
  throw new Error(`S3_FORCE_PATH_STYLE is ${JSON.stringify(value)}: set it to true or false`);
}

/**
 * DeleteObjects needs a checksum. The SDK sends a CRC, services older than that want the MD5 that S3 used to ask for:
 * https://github.com/aws/aws-sdk-js-v3/blob/main/supplemental-docs/MD5_FALLBACK.md
 */
function useMd5ForDeletes(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      if (context['commandName'] !== 'DeleteObjectsCommand') return next(args);
      const request = args.request as { headers: Record<string, string>; readonly body: string | Uint8Array };
      const others = Object.entries(request.headers).filter(([name]) => !/^x-amz-(?:sdk-)?checksum-/i.test(name));
      const md5 = createHash('md5').update(request.body).digest('base64');
      request.headers = { ...Object.fromEntries(others), 'content-md5': md5 };
      return next(args);
    },
    // After the SDK's own checksums, before the signature.
    { step: 'build', priority: 'low', name: 'md5ForDeletes' },
  );
}
