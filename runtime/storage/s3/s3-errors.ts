import { types } from 'node:util';
import { StoreError, type StoreErrorCode } from '../object-store';

/** S3's error codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and those of S3-compatible services. */
const CODES: Readonly<Record<string, StoreErrorCode>> = {
  NoSuchBucket: 'not-found',
  InvalidBucketName: 'not-found',

  AccessDenied: 'denied',
  AccountProblem: 'denied',
  AllAccessDisabled: 'denied',
  CredentialsProviderError: 'denied',
  ExpiredToken: 'denied',
  ExpiredTokenException: 'denied',
  InvalidAccessKeyId: 'denied',
  InvalidObjectState: 'denied',
  InvalidToken: 'denied',
  'KMS.DisabledException': 'denied',
  'KMS.KMSInvalidStateException': 'denied',
  'KMS.NotFoundException': 'denied',
  RequestExpired: 'denied',
  RequestTimeTooSkewed: 'denied',
  SignatureDoesNotMatch: 'denied',
  TokenProviderError: 'denied',
  TokenRefreshRequired: 'denied',

  BandwidthLimitExceeded: 'throttled',
  RequestLimitExceeded: 'throttled',
  RequestThrottled: 'throttled',
  ServiceUnavailable: 'throttled',
  SlowDown: 'throttled',
  SlowDownRead: 'throttled',
  SlowDownWrite: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequests: 'throttled',
  TooManyRequestsException: 'throttled',

  EntityTooLarge: 'too-large',
  MetadataTooLarge: 'too-large',

  InvalidURI: 'invalid-key',
  KeyTooLong: 'invalid-key',
  KeyTooLongError: 'invalid-key',
  XMinioInvalidObjectName: 'invalid-key',
};

const STATUSES: Readonly<Record<number, StoreErrorCode>> = {
  401: 'denied',
  403: 'denied',
  429: 'throttled',
  503: 'throttled',
};

/** What to do about it. */
const ADVICE: Readonly<Partial<Record<StoreErrorCode, string>>> = {
  'not-found': 'create the bucket, or correct its name',
  denied:
    'the credentials need s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket; without s3:ListBucket, S3 denies ' +
    'what is missing',
};

/** What is known of an error that the AWS SDK throws. */
interface S3Failure {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
}

/** What errors of the SDK and of Node.js have besides. */
interface SdkError {
  readonly $metadata: { readonly httpStatusCode?: number };
  readonly code: unknown;
  readonly errors: readonly Error[];
}

/** The HTTP status of S3's answer; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  return describe(error).status;
}

/** Whether S3 says that there is no such object: a 404 that speaks of the key, not of the bucket and not of something between. */
export function isMissingObject(error: unknown): boolean {
  return describe(error).name === 'NoSuchKey';
}

/** What an error of the SDK means to a store's caller. `doing` completes «cannot …». */
export function toStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const { name, message, status } = describe(error);
  return storeError(CODES[name] ?? STATUSES[status ?? 0] ?? 'unreachable', doing, name, message, error);
}

/** The same for a key that S3 refused to remove within a request that it answered. */
export function fromDeleteError(code: string | undefined, message: string | undefined, doing: string): StoreError {
  const name = code ?? 'unknown error';
  return storeError(CODES[name] ?? 'unreachable', doing, name, message ?? '', undefined);
}

function storeError(code: StoreErrorCode, doing: string, name: string, message: string, cause: unknown): StoreError {
  const said = name === 'Error' || message.startsWith(name) ? message : [name, message].filter(Boolean).join(': ');
  const advice = ADVICE[code];
  return new StoreError(code, `cannot ${doing}: ${said}${advice ? ` (${advice})` : ''}`, { cause });
}

function describe(error: unknown): S3Failure {
  if (!types.isNativeError(error)) return { name: 'Error', message: String(error), status: undefined };
  const { $metadata, code, errors } = error as Error & Partial<SdkError>;
  // Refused by every address of a host: the message is empty, its causes have one each.
  const message = error.message || (errors?.[0]?.message ?? error.name);
  return {
    name: error.name === 'Error' && typeof code === 'string' ? code : error.name,
    // The SDK adds advice for debuggers on further lines.
    message: message.split('\n', 1)[0] ?? '',
    status: $metadata?.httpStatusCode,
  };
}
