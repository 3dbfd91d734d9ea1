import { withAwsErrors } from '../../../cli/aws-errors';

const context = { resource: 'photos', kind: 'secret', permissions: 'secretsmanager:GetSecretValue on the secret' };

function awsError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name, $metadata: {} });
}

test.each([
  [
    'CredentialsProviderError',
    'Could not load credentials from any providers',
    'no AWS credentials found; set AWS_PROFILE',
  ],
  ['Error', 'Region is missing', 'no AWS Region found; set AWS_REGION'],
  ['ExpiredTokenException', 'The security token is expired', 'AWS rejected the credentials (ExpiredTokenException)'],
  ['ResourceNotFoundException', 'not found', 'no such secret in this account and Region'],
  ['AccessDeniedException', 'User x is not authorized', 'not authorized (required: secretsmanager:GetSecretValue'],
  ['InternalServiceError', 'try later', 'try later'],
])('the wrapper explains %s', async (name, message, explanation) => {
  const wrapped = new Error('keys are not available', { cause: awsError(name, message) });
  await expect(withAwsErrors(context, () => Promise.reject(wrapped))).rejects.toThrow(explanation);
});

test('withAwsErrors() returns the result of successful requests', async () => {
  expect(await withAwsErrors(context, () => Promise.resolve(1))).toBe(1);
});
