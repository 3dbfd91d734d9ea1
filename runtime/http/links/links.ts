import { timingSafeEqual } from 'node:crypto';
import { CLOCK_SKEW_SECONDS } from '../../contract';
import { Problem } from '../problems/problem';
import { canonicalPath, signatureOf, signUrl } from './sign';
import type { SigningKeySource } from './signing-keys';

/** Options of {@link Links}. */
export interface LinkOptions {
  readonly keys: SigningKeySource;
  /** Hosts for which links are valid. If the list is empty, a link is valid only for the host of the request. */
  readonly hosts: readonly string[];
  /** Maximum time in seconds from the request to the expiry of the link. */
  readonly maxLifetimeSeconds: number;
  /** Function that returns the current time in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Parts of a request from which the signature is calculated. */
export interface LinkRequest {
  readonly method: string;
  /** Host in the URL that the client requested. */
  readonly host: string;
  /** Unchanged path of the request, including the base path. */
  readonly path: string;
  /** Unchanged query of the request, without `?`. */
  readonly query: string;
}

/** A valid signed link. */
export interface Link {
  /** Host for which the link is signed. */
  readonly host: string;
  readonly expires: Date;
}

/** Pattern of the query of a signed link. The signature is valid only with the same parameters before `expires`. */
const SIGNED_QUERY = /^((?:.*&)?expires=(\d{1,12})&keyid=([\w-]{1,32}))&signature=([0-9a-f]{64})$/;

/** Validates signed links. After validation, also signs other links, which expire at the same time as the validated link. */
export class Links {
  public constructor(private readonly options: LinkOptions) {}

  /**
   * Validates the signed link of a request.
   *
   * @throws Problem with code `invalid-signature` if the link is not signed for the request
   * @throws Problem with code `expired-link` if the signature is valid, but the link has expired
   */
  public async check({ method, host, path, query }: LinkRequest): Promise<Link> {
    const [, signed, expiresText, keyId, signature] = SIGNED_QUERY.exec(query) ?? [];
    if (signed === undefined || keyId === undefined || signature === undefined) {
      throw invalid('The query must end with expires, keyid and signature, in this order.');
    }
    // Rejects other encodings of the signed path, because a proxy could route them differently.
    if (canonicalPath(path) !== path) {
      throw invalid('The path is not in the canonical encoding of signed links.');
    }
    const key = await this.options.keys.find(keyId);
    const given = Buffer.from(signature, 'hex');
    const { hosts } = this.options;
    const signedFor = (hosts.length > 0 ? hosts : [host]).find((each) => {
      const request = { method: method === 'HEAD' ? 'GET' : method, host: each, target: `${path}?${signed}` };
      return timingSafeEqual(signatureOf(key?.key ?? '', request), given);
    });
    if (key === undefined || signedFor === undefined) {
      throw invalid('The signature does not match the method, host, path and query, or the signing key is unknown.');
    }
    const expires = Number(expiresText) * 1000;
    const now = this.options.now?.() ?? Date.now();
    if (expires < now - CLOCK_SKEW_SECONDS * 1000) {
      throw new Problem('expired-link', `The link expired at ${new Date(expires).toISOString()}.`);
    }
    if (expires > now + (this.options.maxLifetimeSeconds + CLOCK_SKEW_SECONDS) * 1000) {
      throw invalid(`The link expires more than ${this.options.maxLifetimeSeconds} seconds from now.`);
    }
    return { host: signedFor, expires: new Date(expires) };
  }

  /**
   * Signs a path and query for the host of another link. The new link expires at the same time as the other link.
   *
   * @param target path and query, including the base path
   * @returns the path and query of the new link
   */
  public async sign(target: string, { host, expires }: Link): Promise<string> {
    const url = signUrl(`https://${host}${target}`, { ...(await this.options.keys.newest()), expires });
    return url.slice(url.indexOf('/', 'https://'.length));
  }
}

function invalid(detail: string): Problem {
  return new Problem('invalid-signature', detail);
}
