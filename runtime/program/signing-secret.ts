import type * as secretsManager from '@aws-sdk/client-secrets-manager';
import type { HttpSettings } from '../config/http-settings';
import { fixedKeys, parseSigningKeys, Problem, refreshedKeys, type SigningKeySource } from '../http';

/** Loads the AWS SDK when it is called: an `import()` would need a file extension that only the bundler understands. */
declare function require(path: '@aws-sdk/client-secrets-manager'): typeof secretsManager;

/**
 * Where the keys of signed links come from.
 *
 * @throws SigningKeysError at once where the keys themselves are given, and are none
 */
export function signingKeysOf(signing: NonNullable<HttpSettings['signing']>): SigningKeySource {
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
      throw new Problem('storage-unavailable', 'the keys of signed links cannot be had now', { cause: error });
    }
  });
}
