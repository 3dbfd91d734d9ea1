import type * as secretsManager from '@aws-sdk/client-secrets-manager';
import type { SigningSettings } from '../config/signing-settings';
import { fixedKeys, parseSigningKeys, refreshedKeys, type SigningKeySource } from '../http/links/signing-keys';
import { Problem } from '../http/problems/problem';

/**
 * Loads the AWS SDK on demand. `require` replaces `import()`, which would need a file extension that only the bundler supports.
 */
declare function require(path: '@aws-sdk/client-secrets-manager'): typeof secretsManager;

/**
 * Returns the source of the signing keys. The source contains fixed keys, or reads a secret in Secrets Manager on demand.
 *
 * @throws SigningKeysError if fixed keys are invalid
 */
export function signingKeysOf(signing: SigningSettings): SigningKeySource {
  if ('keys' in signing) {
    return fixedKeys(parseSigningKeys(signing.keys));
  }
  const { GetSecretValueCommand, SecretsManagerClient } = require('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
  });
  return refreshedKeys(async () => {
    try {
      const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: signing.secret }));
      return parseSigningKeys(SecretString);
    } catch (error) {
      throw new Problem('storage-unavailable', 'The signing keys are temporarily unavailable.', { cause: error });
    }
  });
}
