/** Resource and required permissions of AWS requests. If a request fails, the error message contains these values. */
export interface AwsContext {
  /** Name, ARN or URL of the resource. */
  readonly resource: string;
  /** Kind of the resource, such as `queue`. */
  readonly kind: string;
  /** Required permissions, such as `sqs:GetQueueUrl on the queue`. */
  readonly permissions: string;
}

const CREDENTIALS_FIX =
  'set AWS_PROFILE to a profile of ~/.aws/config (sign in with "aws sso login" or "aws configure"), or set ' +
  'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/**
 * Runs requests to AWS. Replaces an error of the AWS SDK with an error that states the cause and the fix.
 *
 * @throws Error if `requests` rejects; the message starts with the resource
 */
export async function withAwsErrors<T>(context: AwsContext, requests: () => Promise<T>): Promise<T> {
  try {
    return await requests();
  } catch (error) {
    throw new Error(`${context.resource}: ${explain(awsErrorOf(error), context)}`, { cause: error });
  }
}

/**
 * Follows the `cause` properties of an error to the first error of the AWS SDK, or to the last error, and returns this error.
 */
function awsErrorOf(error: unknown): Error {
  const { name, cause } = error as Error;
  const isAwsError = name === 'CredentialsProviderError' || Object.hasOwn(error as Error, '$metadata');
  return cause instanceof Error && !isAwsError ? awsErrorOf(cause) : (error as Error);
}

function explain({ name, message }: Error, { kind, permissions }: AwsContext): string {
  if (name === 'CredentialsProviderError' || /credential is not valid|could not load credentials/i.test(message)) {
    return `no AWS credentials found; ${CREDENTIALS_FIX}`;
  }
  if (/region is missing/i.test(message)) {
    return 'no AWS Region found; set AWS_REGION, for example AWS_REGION=eu-central-1';
  }
  if (/ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch/.test(name)) {
    return `AWS rejected the credentials (${name}); ${CREDENTIALS_FIX}`;
  }
  if (/NotFound|NonExistent|DoesNotExist/.test(name)) {
    return `no such ${kind} in this account and Region`;
  }
  if (/AccessDenied|NotAuthorized/.test(name)) {
    return `${message} (required: ${permissions})`;
  }
  if (/must be configured as a dead[ -]?letter queue/i.test(message)) {
    return 'the queue is not a dead-letter queue and has no dead-letter queue';
  }
  return message || name;
}
