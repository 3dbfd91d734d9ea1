import { createSign } from 'node:crypto';
import { Problem } from '../problems/problem';
import type { SigningKeySource } from './signing-keys';

/** Options of {@link CdnLinks}. */
export interface CdnLinkOptions {
  /** URL of the distribution with its base path, without a trailing slash. */
  readonly url: string;
  /** Ids of the public keys in CloudFront, by the ids of the private keys. The last private key has precedence. */
  readonly keyPairIds: Readonly<Record<string, string>>;
  /** Private keys in PEM format. */
  readonly keys: SigningKeySource;
  /** Minimum lifetime of a link in seconds. */
  readonly lifetimeSeconds: number;
  /** Returns the current time in milliseconds since 1970. @default - the system clock */
  readonly now?: () => number;
}

/** Signs links to thumbnails for CloudFront. CloudFront verifies the links with a trusted key group. */
export class CdnLinks {
  public constructor(private readonly options: CdnLinkOptions) {}

  /**
   * Signs a path of a thumbnail for the distribution. The lifetime of a link is from one to two times the minimum. Links expire
   * at common times. Therefore, browsers receive equal URLs and can use their caches.
   *
   * @returns an absolute URL; undefined if the query contains the key, because such paths have no behavior with a key group
   * @throws Problem with code `storage-unavailable` if the private keys are missing or invalid
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
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

  /** Returns the newest private key that has a public key in CloudFront. */
  private async key(): Promise<{ readonly keyPairId: string; readonly pem: string }> {
    for (const [id, keyPairId] of Object.entries(this.options.keyPairIds).reverse()) {
      const found = await this.options.keys.find(id);
      if (found) {
        return { keyPairId, pem: found.key };
      }
    }
    throw unavailable(new Error('The secret contains no private key with the id of a public key.'));
  }
}

/** Signs with RSA and SHA-1, which CloudFront requires. Replaces the characters of base64 that are special in a query. */
function signatureOf(policy: string, pem: string): string {
  try {
    const signature = createSign('RSA-SHA1').update(policy).sign(pem, 'base64');
    return signature.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
  } catch {
    // The original error can contain parts of the key.
    throw unavailable(new Error('The private key is not in PEM format.'));
  }
}

function unavailable(cause: Error): Problem {
  return new Problem('storage-unavailable', 'The keys of the links to thumbnails are unavailable.', { cause });
}
