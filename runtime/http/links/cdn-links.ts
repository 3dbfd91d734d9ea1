import { createSign } from 'node:crypto';
import { Problem } from '../problems/problem';
import type { SigningKeySource } from './signing-keys';

/** Options of {@link CdnLinks}. */
export interface CdnLinkOptions {
  /** URL of the distribution with its base path, without a trailing slash. */
  readonly url: string;
  /** Maps ids of private keys to ids of their public keys in CloudFront. The last available private key signs links. */
  readonly keyPairIds: Readonly<Record<string, string>>;
  /** Private keys in PEM format. */
  readonly keys: SigningKeySource;
  /** Minimum lifetime of a link in seconds. */
  readonly lifetimeSeconds: number;
  /** Function that returns the current time in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Signs links to thumbnails for a CloudFront distribution. CloudFront verifies the links with a trusted key group. */
export class CdnLinks {
  public constructor(private readonly options: CdnLinkOptions) {}

  /**
   * Signs a path of a thumbnail for the distribution.
   *
   * Links expire at multiples of the minimum lifetime. Therefore, browsers receive equal URLs for some time and can use their
   * caches. The lifetime of a link is between the minimum lifetime and twice the minimum lifetime.
   *
   * @returns an absolute URL, or undefined if the query contains the key. CloudFront does not verify signatures for such paths.
   * @throws Problem with code `storage-unavailable` if the private keys are missing or invalid
   * @see
   * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
   */
  public async sign(path: string): Promise<string | undefined> {
    if (!/^\/thumbnails\/[^/?]+\/[^?]/.test(path)) {
      return undefined;
    }
    const { url, lifetimeSeconds, now = Date.now } = this.options;
    const { keyPairId, pem } = await this.key();
    const expires = (Math.floor(now() / 1000 / lifetimeSeconds) + 2) * lifetimeSeconds;
    const resource = url + path;
    const condition = { DateLessThan: { 'AWS:EpochTime': expires } };
    const policy = JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] });
    const separator = path.includes('?') ? '&' : '?';
    const signature = signatureOf(policy, pem);
    return `${resource}${separator}Expires=${expires}&Signature=${signature}&Key-Pair-Id=${keyPairId}`;
  }

  /** Returns the newest private key whose public key is in CloudFront. */
  private async key(): Promise<{ readonly keyPairId: string; readonly pem: string }> {
    for (const [id, keyPairId] of Object.entries(this.options.keyPairIds).reverse()) {
      const found = await this.options.keys.find(id);
      if (found) {
        return { keyPairId, pem: found.key };
      }
    }
    throw unavailable(
      new Error(
        'The secret contains no private key whose id is in CDN_KEY_PAIR_IDS. Add the private key to the secret.',
      ),
    );
  }
}

/** Signs a policy with RSA and SHA-1, as CloudFront requires. Replaces base64 characters that are special in a query. */
function signatureOf(policy: string, pem: string): string {
  try {
    const signature = createSign('RSA-SHA1').update(policy).sign(pem, 'base64');
    return signature.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
  } catch {
    // The new error has no cause, because the message of the original error can contain parts of the key.
    throw unavailable(
      new Error('The private key in the secret is invalid; expected an RSA private key in PEM format.'),
    );
  }
}

function unavailable(cause: Error): Problem {
  return new Problem('storage-unavailable', 'The private keys that sign the links to thumbnails are unavailable.', {
    cause,
  });
}
