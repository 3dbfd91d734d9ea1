import { timingSafeEqual } from 'node:crypto';
import { CLOCK_SKEW_SECONDS } from '../../contract';
import { Problem } from '../problems/problem';
import { canonicalPath, signatureOf, signUrl } from './sign';
import type { SigningKeySource } from './signing-keys';

/** How signed links are checked. */
export interface LinkOptions {
  readonly keys: SigningKeySource;
  /** Hosts that links can be signed for; empty for the one that a request names. */
  readonly hosts: readonly string[];
  /** Seconds that a link can be valid for. */
  readonly maxLifetimeSeconds: number;
  /** Milliseconds since 1970. @default the clock of the machine */
  readonly now?: () => number;
}

/** What a request says of itself. */
export interface LinkRequest {
  readonly method: string;
  /** As the client addressed it. */
  readonly host: string;
  /** As it was sent, from the root of the host. */
  readonly path: string;
  /** As it was sent, without `?`. */
  readonly query: string;
}

/** A link whose signature is right and whose time is not over. */
export interface Link {
  /** The host that it is signed for. */
  readonly host: string;
  readonly expires: Date;
}

/** A query that ends as a signed link's does. What comes before cannot be mistaken for it: it is signed too. */
const SIGNED_QUERY = /^((?:.*&)?expires=(\d{1,12})&keyid=([\w-]{1,32}))&signature=([0-9a-f]{64})$/;

/** Checks signed links, and makes others that last as long. */
export class Links {
  public constructor(private readonly options: LinkOptions) {}

  /**
   * Checks that a request is made by a signed link.
   *
   * @throws Problem `invalid-signature` or, where only the time is over, `expired-link`
   */
  public async check({ method, host, path, query }: LinkRequest): Promise<Link> {
    const [, signed, expiresText, keyId, signature] = SIGNED_QUERY.exec(query) ?? [];
    if (signed === undefined || keyId === undefined || signature === undefined) {
      throw invalid('the query has to end with expires, keyid and signature, once each and in this order');
    }
    // In any other form the path could be read in another way than it was signed.
    if (canonicalPath(path) !== path) {
      throw invalid('the path is not written as signed links write it');
    }
    const key = await this.options.keys.find(keyId);
    const given = Buffer.from(signature, 'hex');
    const { hosts } = this.options;
    const signedFor = (hosts.length > 0 ? hosts : [host]).find((each) => {
      const request = { method: method === 'HEAD' ? 'GET' : method, host: each, target: `${path}?${signed}` };
      return timingSafeEqual(signatureOf(key?.key ?? '', request), given);
    });
    if (key === undefined || signedFor === undefined) {
      throw invalid('the signature is not that of this method, host, path and query by a key that is taken');
    }
    const expires = Number(expiresText) * 1000;
    const now = this.options.now?.() ?? Date.now();
    if (expires < now - CLOCK_SKEW_SECONDS * 1000) {
      throw new Problem('expired-link', `the link was valid until ${dateText(expires)}`);
    }
    if (expires > now + (this.options.maxLifetimeSeconds + CLOCK_SKEW_SECONDS) * 1000) {
      throw invalid(`the link ends later than ${this.options.maxLifetimeSeconds} seconds from now, which is the most`);
    }
    return { host: signedFor, expires: new Date(expires) };
  }

  /**
   * A path and query of this API, signed for as long as another link is valid.
   *
   * @param target from the root of the host
   */
  public async sign(target: string, { host, expires }: Link): Promise<string> {
    const url = signUrl(`https://${host}${target}`, { ...(await this.options.keys.newest()), expires });
    return url.slice(url.indexOf('/', 'https://'.length));
  }
}

function invalid(detail: string): Problem {
  return new Problem('invalid-signature', detail);
}

function dateText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
