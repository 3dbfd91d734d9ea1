import { types } from 'node:util';
import { ObjectStoreError, type ObjectStoreErrorCode } from '../object-store';

/** S3's error codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and those of S3-compatible services. */
const CODES: Readonly<Record<string, ObjectStoreErrorCode>> = {
  NoSuchBucket: 'storage-not-found',
  InvalidBucketName: 'storage-not-found',

  AccessDenied: 'access-denied',
  AccountProblem: 'access-denied',
  AllAccessDisabled: 'access-denied',
  CredentialsProviderError: 'access-denied',
  ExpiredToken: 'access-denied',
  ExpiredTokenException: 'access-denied',
  InvalidAccessKeyId: 'access-denied',
  InvalidObjectState: 'access-denied',
  InvalidToken: 'access-denied',
  'KMS.DisabledException': 'access-denied',
  'KMS.KMSInvalidStateException': 'access-denied',
  'KMS.NotFoundException': 'access-denied',
  RequestExpired: 'access-denied',
  RequestTimeTooSkewed: 'access-denied',
  SignatureDoesNotMatch: 'access-denied',
  TokenProviderError: 'access-denied',
  TokenRefreshRequired: 'access-denied',

  BandwidthLimitExceeded: 'storage-throttled',
  RequestLimitExceeded: 'storage-throttled',
  RequestThrottled: 'storage-throttled',
  ServiceUnavailable: 'storage-throttled',
  SlowDown: 'storage-throttled',
  SlowDownRead: 'storage-throttled',
  SlowDownWrite: 'storage-throttled',
  Throttling: 'storage-throttled',
  ThrottlingException: 'storage-throttled',
  TooManyRequests: 'storage-throttled',
  TooManyRequestsException: 'storage-throttled',

  EntityTooLarge: 'file-too-large',
  MetadataTooLarge: 'file-too-large',

  InvalidURI: 'invalid-key',
  KeyTooLong: 'invalid-key',
  KeyTooLongError: 'invalid-key',
  XMinioInvalidObjectName: 'invalid-key',
};

const STATUSES: Readonly<Record<number, ObjectStoreErrorCode>> = {
  401: 'access-denied',
  403: 'access-denied',
  429: 'storage-throttled',
  503: 'storage-throttled',
};

/** What to do about it. */
const ADVICE: Readonly<Partial<Record<ObjectStoreErrorCode, string>>> = {
  'storage-not-found': 'create the bucket, or correct its name',
  'access-denied':
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
export function toObjectStoreError(error: unknown, doing: string): ObjectStoreError {
  if (error instanceof ObjectStoreError) {
    return error;
  }
  const { name, message, status } = describe(error);
  return storeError(CODES[name] ?? STATUSES[status ?? 0] ?? 'storage-unavailable', doing, name, message, error);
}

/** The same for a key that S3 refused to remove within a request that it answered. */
export function fromDeleteError(
  code: string | undefined,
  message: string | undefined,
  doing: string,
): ObjectStoreError {
  const name = code ?? 'unknown error';
  return storeError(CODES[name] ?? 'storage-unavailable', doing, name, message ?? '', undefined);
}

function storeError(
  code: ObjectStoreErrorCode,
  doing: string,
  name: string,
  message: string,
  cause: unknown,
): ObjectStoreError {
  const said = name === 'Error' || message.startsWith(name) ? message : [name, message].filter(Boolean).join(': ');
  const advice = ADVICE[code];
  return new ObjectStoreError(code, `cannot ${doing}: ${said}${advice ? ` (${advice})` : ''}`, { cause });
}

function describe(error: unknown): S3Failure {
  if (!types.isNativeError(error)) {
    return { name: 'Error', message: String(error), status: undefined };
  }
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
