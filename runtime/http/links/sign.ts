// Signs links. It needs nothing but Node.js, and is shipped to callers by itself, without what is marked as internal.
import { createHmac } from 'node:crypto';
import { SIGNING_KEYS } from '../../contract';

/** A key that signs links: one of the JSON object that the pipeline's secret holds. */
export interface SigningKey {
  /** What the link calls it by. */
  readonly id: string;
  /** The secret text. */
  readonly key: string;
}

/** How a link is signed. */
export interface SignOptions extends SigningKey {
  /** When the link ends. */
  readonly expires: Date;
  /** Method that the link is for, in any case; one for GET is for HEAD too. @default GET */
  readonly method?: string;
}

/** A URL as it stands, its host and what follows: a parser would resolve the dots in a key. */
const URL_PARTS = /^(https?):\/\/([^/?#@\s]+)(\/[^?#]*)(?:\?([^#]*))?$/i;
/** Parameters that a signed link ends with. */
const PARAMETERS = /(?:^|&)(?:expires|keyid|signature)=/;

/**
 * A URL of the API with `expires`, `keyid` and `signature` at the end of its query. Nothing may be added to it or taken away.
 *
 * @param url whole, with `https://` and host
 * @throws Error when it is not such a URL, is signed already, its path is no percent-encoded UTF-8, or an option is not as it
 * must be; the message never has the key
 */
export function signUrl(url: string, options: SignOptions): string {
  const { id, key, method, expires } = checked(options);
  const [, scheme, host, path, query] = URL_PARTS.exec(url) ?? [];
  if (scheme === undefined || host === undefined || path === undefined || !URL.canParse(`${scheme}://${host}`)) {
    throw new Error(`got ${JSON.stringify(url)}, allowed: a whole URL such as https://img.example.com/images/cat.jpg`);
  }
  if (query !== undefined && PARAMETERS.test(query)) {
    throw new Error('the query of the URL has expires, keyid or signature: sign the link as it was before');
  }
  const canonical = canonicalPath(path);
  if (canonical === undefined) {
    throw new Error(`got the path ${path}, allowed: percent-encoded UTF-8, in which a literal % is written %25`);
  }
  // As a browser would write it when it sends the request.
  const sent = new URL(`${scheme}://${host}/?${query ?? ''}`);
  const seconds = Math.floor(expires.getTime() / 1000);
  const target = `${canonical}${sent.search || '?'}${sent.search && '&'}expires=${seconds}&keyid=${id}`;
  const signature = signatureOf(key, { method, host: sent.host, target });
  return `${sent.origin}${target}&signature=${signature.toString('hex')}`;
}

/** The options as they are signed: what would only make a link that nobody takes is told at once. */
function checked({ id, key, expires, method = 'GET' }: SignOptions): Required<SignOptions> {
  if (!SIGNING_KEYS.idPattern.test(id)) {
    throw new Error(`id: got ${JSON.stringify(id)}, allowed: a letter and up to 31 letters, digits, _ or -`);
  }
  if (key.length < SIGNING_KEYS.minLength) {
    throw new Error(`key: got ${key.length} characters, allowed: ${SIGNING_KEYS.minLength} or more`);
  }
  if (Number.isNaN(expires.getTime())) {
    throw new Error('expires: got an invalid Date, allowed: a time from now on');
  }
  const upper = method.toUpperCase();
  return { id, key, expires, method: upper === 'HEAD' ? 'GET' : upper };
}

/**
 * What a signature is of.
 *
 * @internal
 */
export interface SignedRequest {
  readonly method: string;
  /** In lower case, with the port where it is not the scheme's own. */
  readonly host: string;
  /** Canonical path and query, up to what is before `&signature=`. */
  readonly target: string;
}

/**
 * HMAC-SHA256 of a request.
 *
 * @internal
 */
export function signatureOf(key: string, { method, host, target }: SignedRequest): Buffer {
  return createHmac('sha256', key).update(`${method}\n${host}\n${target}`).digest();
}

/**
 * The one form of a path: decoded once, then each segment encoded; undefined where it is no percent-encoded UTF-8.
 *
 * @internal
 */
export function canonicalPath(path: string): string | undefined {
  try {
    return decodeURIComponent(path).split('/').map(encodeURIComponent).join('/');
  } catch {
    return undefined;
  }
}
