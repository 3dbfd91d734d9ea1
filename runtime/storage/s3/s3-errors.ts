import { types } from 'node:util';
import { ObjectStoreError, type ObjectStoreErrorCode } from '../object-store';

/**
 * Error codes of the runtime by error code of S3 or of an S3-compatible service.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
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

  // S3 returns this code for an archived object, which requires a restore before a read.
  InvalidObjectState: 'archived',

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

/** Fixes by error code, for error messages. */
const ADVICE: Readonly<Partial<Record<ObjectStoreErrorCode, string>>> = {
  archived: 'restore the object with s3:RestoreObject; its thumbnails are created when the restore is complete',
  'storage-not-found': 'create the bucket, or correct its name',
  'access-denied':
    'the credentials need s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket; without s3:ListBucket, S3 denies ' +
    'access to missing objects',
};

/** Properties of an error that the AWS SDK throws. */
interface S3Failure {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
}

/** Properties that only errors of the AWS SDK or of Node.js have. */
interface SdkError {
  readonly $metadata: { readonly httpStatusCode?: number };
  readonly code: unknown;
  readonly errors: readonly Error[];
}

/** Returns the HTTP status of the response to a failed request. Returns undefined if S3 has sent no response. */
export function statusOf(error: unknown): number | undefined {
  return describe(error).status;
}

/** Returns whether S3 reports a missing object. Returns false for a missing bucket and for a 404 response of a proxy. */
export function isMissingObject(error: unknown): boolean {
  return describe(error).name === 'NoSuchKey';
}

/**
 * Converts an error of the AWS SDK to an {@link ObjectStoreError}.
 *
 * @param doing description of the operation, for the error message `cannot ${doing}: …`
 */
export function toObjectStoreError(error: unknown, doing: string): ObjectStoreError {
  if (error instanceof ObjectStoreError) {
    return error;
  }
  const { name, message, status } = describe(error);
  return objectStoreError(CODES[name] ?? STATUSES[status ?? 0] ?? 'storage-unavailable', doing, name, message, error);
}

/** Converts the error of one key in a DeleteObjects response to an {@link ObjectStoreError}. */
export function fromDeleteError(
  code: string | undefined,
  message: string | undefined,
  doing: string,
): ObjectStoreError {
  const name = code ?? 'unknown error';
  return objectStoreError(CODES[name] ?? 'storage-unavailable', doing, name, message ?? '', undefined);
}

function objectStoreError(
  code: ObjectStoreErrorCode,
  doing: string,
  name: string,
  message: string,
  cause: unknown,
): ObjectStoreError {
  const reason = name === 'Error' || message.startsWith(name) ? message : [name, message].filter(Boolean).join(': ');
  const advice = ADVICE[code];
  return new ObjectStoreError(code, `cannot ${doing}: ${reason}${advice ? ` (${advice})` : ''}`, { cause });
}

function describe(error: unknown): S3Failure {
  if (!types.isNativeError(error)) {
    return { name: 'Error', message: String(error), status: undefined };
  }
  const { $metadata, code, errors } = error as Error & Partial<SdkError>;
  // If all addresses of a host refuse the connection, the message is empty. Only the causes then have a message.
  const message = error.message || (errors?.[0]?.message ?? error.name);
  return {
    name: error.name === 'Error' && typeof code === 'string' ? code : error.name,
    // The AWS SDK appends lines with debugging information to the message.
    message: message.split('\n', 1)[0] ?? '',
    status: $metadata?.httpStatusCode,
  };
}
