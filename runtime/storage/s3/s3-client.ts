import { createHash } from 'node:crypto';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { AdaptiveRetryStrategy, DefaultRateLimiter } from '@smithy/core/retry';

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
  /** Time to connect, in ms. Default: 2000. */
  readonly connectionTimeout?: number;
  /**
   * Time of one try to the head of the answer, in ms; a body that is sent has more: {@link sendingTime}. Default: 5000.
   * Half of S3's answers come within 200 ms: https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
   */
  readonly requestTimeout?: number;
  /** Time between two pieces of an answer, in ms. Default: 5000. */
  readonly idleTimeout?: number;
}

/** Times of a client, unless told otherwise, in ms. */
export const CLIENT_DEFAULTS = {
  maxAttempts: 4,
  connectionTimeout: 2000,
  requestTimeout: 5000,
  idleTimeout: 5000,
} as const satisfies S3ClientOptions;

/** Bytes a millisecond that a line is trusted to carry: 8 Mbit/s. */
const SLOWEST_LINE = 1000;

/** Milliseconds that a body may take to be sent. */
export function sendingTime(bytes: number): number {
  return Math.ceil(bytes / SLOWEST_LINE);
}

/**
 * A client of S3 or of a service that speaks as S3 does: connections are kept, tries and times are bounded.
 *
 * @throws Error when `S3_FORCE_PATH_STYLE` is neither `true` nor `false`
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
    retryStrategy: new AdaptiveRetryStrategy(maxAttempts, { rateLimiter: new DefaultRateLimiter(FLOOR) }),
    // Waiting for leave to send costs a round trip, and the SDK opens a new connection for it.
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
 * When S3 says «slow down» this client does, by the SDK's adaptive mode; but a client that has sent little so far would fall
 * to one request in two seconds by its defaults, and an image takes a dozen. 350 processes at this floor ask as often as S3
 * serves a prefix at least. How long a call can be held up is bounded by the call: {@link ./s3-call!inTime}.
 */
const FLOOR = { /* Requests a second. */ minFillRate: 10, /* Requests at once. */ minCapacity: 10 } as const;

const AGENT = { keepAlive: true, maxSockets: 64 };

/** AWS checks CRCs of all bodies; not every other service knows them. */
const COMPATIBLE = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} satisfies S3ClientConfig;

function pathStyleFromEnvironment(): boolean | undefined {
  const value = process.env['S3_FORCE_PATH_STYLE'] || undefined;
  if (value === undefined || value === 'true' || value === 'false') {
    return value && value === 'true';
  }
  throw new Error(`S3_FORCE_PATH_STYLE is ${JSON.stringify(value)}: set it to true or false`);
}

/**
 * DeleteObjects needs a checksum. The SDK sends a CRC, services older than that want the MD5 that S3 used to ask for:
 * https://github.com/aws/aws-sdk-js-v3/blob/main/supplemental-docs/MD5_FALLBACK.md
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
    // After the SDK's own checksums, before the signature.
    { step: 'build', priority: 'low', name: 'md5ForDeletes' },
  );
}
