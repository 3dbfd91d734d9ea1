import { createHash } from 'node:crypto';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { AdaptiveRetryStrategy, DefaultRateLimiter } from '@smithy/core/retry';

/** Connection settings for S3. The AWS SDK reads missing values from the environment, the profile or the IAM role. */
export interface S3ClientOptions {
  /**
   * URL of an S3-compatible service.
   *
   * @default - `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, or Amazon S3
   */
  readonly endpoint?: string;
  /** AWS Region of the bucket. @default - the Region of the environment */
  readonly region?: string;
  /** Credentials for all requests. @default - the default credential provider chain */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * Whether the client uses path-style URLs, which most S3-compatible services require.
   *
   * @default - `S3_FORCE_PATH_STYLE` (`true` or `false`), otherwise true if there is an endpoint
   */
  readonly pathStyle?: boolean;
  /** Maximum number of attempts per request, 1 or more. @default 4 */
  readonly maxAttempts?: number;
  /** Timeout for opening a connection in milliseconds. @default 2000 */
  readonly connectionTimeout?: number;
  /**
   * Timeout in milliseconds for the response headers of one attempt. S3 typically responds within 100 to 200 milliseconds. For
   * uploads, the timeout also includes {@link sendingTime}.
   *
   * @default 5000
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
   */
  readonly requestTimeout?: number;
  /** Timeout in milliseconds between two chunks of a response body. @default 5000 */
  readonly idleTimeout?: number;
}

/** Default settings of a client. All times are in milliseconds. */
export const CLIENT_DEFAULTS = {
  maxAttempts: 4,
  connectionTimeout: 2000,
  requestTimeout: 5000,
  idleTimeout: 5000,
} as const satisfies S3ClientOptions;

/** Minimum bandwidth for uploads in bytes per millisecond. The value corresponds to 8 Mbit/s. */
const MIN_BANDWIDTH = 1000;

/** Returns the maximum time in milliseconds for sending a body. */
export function sendingTime(bytes: number): number {
  return Math.ceil(bytes / MIN_BANDWIDTH);
}

/**
 * Creates a client for S3 or an S3-compatible service with persistent connections, timeouts and a limited number of attempts.
 *
 * @throws Error if `S3_FORCE_PATH_STYLE` is neither `true` nor `false`
 */
export function createS3Client(options: S3ClientOptions = {}): S3Client {
  const { AWS_ENDPOINT_URL_S3: s3Endpoint, AWS_ENDPOINT_URL: anyEndpoint } = process.env;
  const endpoint = options.endpoint ?? (s3Endpoint || anyEndpoint || undefined);
  const maxAttempts = options.maxAttempts ?? CLIENT_DEFAULTS.maxAttempts;
  const client = new S3Client({
    ...(endpoint === undefined ? {} : { endpoint, ...COMPATIBLE }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    forcePathStyle: options.pathStyle ?? pathStyleFromEnvironment() ?? endpoint !== undefined,
    maxAttempts,
    retryStrategy: new AdaptiveRetryStrategy(maxAttempts, { rateLimiter: new DefaultRateLimiter(MIN_RATE) }),
    // `Expect: 100-continue` would require an additional round trip and a new connection.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: options.connectionTimeout ?? CLIENT_DEFAULTS.connectionTimeout,
      requestTimeout: options.requestTimeout ?? CLIENT_DEFAULTS.requestTimeout,
      throwOnRequestTimeout: true,
      socketTimeout: options.idleTimeout ?? CLIENT_DEFAULTS.idleTimeout,
      httpAgent: AGENT,
      httpsAgent: AGENT,
    },
  });
  if (endpoint !== undefined) {
    useMd5ForDeletes(client);
  }
  return client;
}

/**
 * Settings of the AWS SDK's adaptive retry mode: the minimum rate in requests per second, and the minimum burst in requests.
 *
 * After a throttling error, the defaults would allow a new client only one request in two seconds, although an image requires a
 * dozen requests. The higher minimums are safe, because only hundreds of processes together can reach the limits of S3.
 */
const MIN_RATE = { minFillRate: 10, minCapacity: 10 } as const;

const AGENT = { keepAlive: true, maxSockets: 64 };

/** Settings for S3-compatible services. Some services do not support the CRC checksums that the AWS SDK sends by default. */
const COMPATIBLE = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} satisfies S3ClientConfig;

function pathStyleFromEnvironment(): boolean | undefined {
  const value = process.env['S3_FORCE_PATH_STYLE'] || undefined;
  if (value === undefined || value === 'true' || value === 'false') {
    return value && value === 'true';
  }
  throw new Error(`S3_FORCE_PATH_STYLE: ${JSON.stringify(value)} is invalid; expected true or false`);
}

/**
 * Configures a client to send `Content-MD5` with DeleteObjects instead of a CRC checksum. Older S3-compatible services require
 * this header.
 *
 * @see https://github.com/aws/aws-sdk-js-v3/blob/main/supplemental-docs/MD5_FALLBACK.md
 */
function useMd5ForDeletes(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      if (context['commandName'] !== 'DeleteObjectsCommand') {
        return next(args);
      }
      const request = args.request as { headers: Record<string, string>; readonly body: string | Uint8Array };
      const others = Object.entries(request.headers).filter(([name]) => !/^x-amz-(?:sdk-)?checksum-/i.test(name));
      const md5 = createHash('md5').update(request.body).digest('base64');
      request.headers = { ...Object.fromEntries(others), 'content-md5': md5 };
      return next(args);
    },
    // This step runs after the AWS SDK adds the checksums, and before the AWS SDK signs the request.
    { step: 'build', priority: 'low', name: 'md5ForDeletes' },
  );
}
