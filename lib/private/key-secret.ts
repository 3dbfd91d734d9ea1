import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** Length of a generated key in characters. 64 letters and digits have more than 256 bits of entropy. */
const KEY_LENGTH = 64;

/** Options of {@link createKeySecret}. */
export interface KeySecretOptions {
  readonly description: string;
  /** Id of the generated key. */
  readonly keyId: string;
}

/** Creates a secret whose value is a JSON object with one property. The name is `keyId`, and the value is a generated key. */
export function createKeySecret(scope: Construct, id: string, { description, keyId }: KeySecretOptions): ISecret {
  return new Secret(scope, id, {
    description,
    generateSecretString: {
      secretStringTemplate: '{}',
      generateStringKey: keyId,
      passwordLength: KEY_LENGTH,
      excludePunctuation: true,
    },
  });
}
