import { createPublicKey } from 'node:crypto';
import { Token } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { SIGNING_KEYS } from '../../runtime/contract';
import { invalidValue, outOfRange, quoted, validateDuration, validatePattern } from '../private/validation';
import type { ThumbnailLinkSigningOptions } from './thumbnail-behavior-options';

const DEFAULT_LIFETIME_SECONDS = 3600;
const MAX_LIFETIME_SECONDS = 7 * 86_400;
/** Maximum number of public keys in a CloudFront key group that this library creates: the current key and its successor. */
const MAX_KEYS = 2;

/** Settings that the API requires to sign links. */
export interface LinkSigningSettings {
  readonly privateKeys: ISecret;
  /** Ids of the public keys in CloudFront, by the ids of the private keys. */
  readonly keyPairIds: Readonly<Record<string, string>>;
  readonly lifetimeSeconds: number;
  /** URL of the distribution with its base path, without a trailing slash. */
  readonly url: string;
}

/** Creates the public keys and their key group. */
export function createLinkKeys(
  scope: Construct,
  { publicKeys, privateKeys, minLifetime }: ThumbnailLinkSigningOptions,
): { readonly keyGroup: cloudfront.KeyGroup; readonly settings: Omit<LinkSigningSettings, 'url'> } {
  const keys = Object.entries(publicKeys).map(
    ([id, encodedKey]) => [id, new cloudfront.PublicKey(scope, `PublicKey-${id}`, { encodedKey })] as const,
  );
  const keyGroup = new cloudfront.KeyGroup(scope, 'KeyGroup', { items: keys.map(([, key]) => key) });
  const keyPairIds = Object.fromEntries(keys.map(([id, key]) => [id, key.publicKeyId]));
  const lifetimeSeconds = minLifetime?.toSeconds() ?? DEFAULT_LIFETIME_SECONDS;
  return { keyGroup, settings: { privateKeys, keyPairIds, lifetimeSeconds } };
}

export function validateLinkSigning({ publicKeys, minLifetime, url }: ThumbnailLinkSigningOptions): string[] {
  const ids = Object.keys(publicKeys);
  return [
    ...(ids.length >= 1 && ids.length <= MAX_KEYS
      ? []
      : [outOfRange('publicKeys', `${ids.length} keys`, `1 to ${MAX_KEYS} keys`)]),
    ...ids.flatMap((id) =>
      validatePattern('publicKeys', id, SIGNING_KEYS.idPattern, 'ids that start with a letter, such as k1'),
    ),
    ...Object.entries(publicKeys)
      .filter(([, key]) => !Token.isUnresolved(key) && !isRsa2048(key))
      .map(([id]) => invalidValue(`publicKeys.${id}`, 'the key', 'a public RSA key of 2,048 bits in PEM format')),
    ...validateDuration('minLifetime', minLifetime, { min: 60, max: MAX_LIFETIME_SECONDS }),
    ...(url === undefined || Token.isUnresolved(url) || /^https:\/\/[^/?#\s]+(?:\/[\w.~-]+)*$/.test(url)
      ? []
      : [invalidValue('url', quoted(url), 'a URL such as https://img.example.com, without a trailing slash')]),
  ];
}

function isRsa2048(pem: string): boolean {
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) {
    return false;
  }
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(pem);
    return asymmetricKeyType === 'rsa' && asymmetricKeyDetails?.modulusLength === 2048;
  } catch {
    return false;
  }
}
