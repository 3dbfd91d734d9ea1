// The package exports this module as cdk-thumbnails/signer, without the internal members. Therefore, the module must depend
// only on Node.js.
import { createHmac } from 'node:crypto';
import { SIGNING_KEYS } from '../../contract';

/** A signing key. The signing secret of a pipeline is a JSON object whose entries are signing keys. */
export interface SigningKey {
  /** Id of the key. A signed link contains this id. */
  readonly id: string;
  /** Secret value of the key. */
  readonly key: string;
}

/** Options of {@link signUrl}. */
export interface SignOptions extends SigningKey {
  /** Time at which the link expires. */
  readonly expires: Date;
  /** HTTP method in upper or lower case. A link for `GET` is also valid for `HEAD`. @default GET */
  readonly method?: string;
}

/** Pattern of the parts of a URL. The module uses no URL parser for keys, because a URL parser would resolve dot segments. */
const URL_PARTS = /^(https?):\/\/([^/?#@\s]+)(\/[^?#]*)(?:\?([^#]*))?$/i;
/** Query parameters of a signed link. */
const PARAMETERS = /(?:^|&)(?:expires|keyid|signature)=/;

/**
 * Signs a URL of the API. The function appends `expires`, `keyid` and `signature` to the query. Any later change of the URL
 * invalidates the signature.
 *
 * @param url absolute URL of a thumbnail, a manifest or another route of the API
 * @throws Error if the URL or an option is invalid, or if the URL is already signed. The message never contains the key.
 */
export function signUrl(url: string, options: SignOptions): string {
  const { id, key, method, expires } = checked(options);
  const [, scheme, host, path, query] = URL_PARTS.exec(url) ?? [];
  if (scheme === undefined || host === undefined || path === undefined || !URL.canParse(`${scheme}://${host}`)) {
    throw new Error(
      `url: received ${JSON.stringify(url)}; expected an absolute URL such as https://img.example.com/images/cat.jpg`,
    );
  }
  if (query !== undefined && PARAMETERS.test(query)) {
    throw new Error('url: the query already contains expires, keyid or signature; sign the unsigned URL');
  }
  const canonical = canonicalPath(path);
  if (canonical === undefined) {
    throw new Error(`url: received the path ${path}; expected percent-encoded UTF-8, with %25 for a literal %`);
  }
  // A browser normalizes the host and the query before the request. The signature must include the normalized values.
  const sent = new URL(`${scheme}://${host}/?${query ?? ''}`);
  const seconds = Math.floor(expires.getTime() / 1000);
  const target = `${canonical}${sent.search || '?'}${sent.search && '&'}expires=${seconds}&keyid=${id}`;
  const signature = signatureOf(key, { method, host: sent.host, target });
  return `${sent.origin}${target}&signature=${signature.toString('hex')}`;
}

/** Validates the options and normalizes the method. */
function checked({ id, key, expires, method = 'GET' }: SignOptions): Required<SignOptions> {
  if (!SIGNING_KEYS.idPattern.test(id)) {
    throw new Error(
      `id: received ${JSON.stringify(id)}; expected a letter followed by up to 31 letters, digits, _ or -`,
    );
  }
  if (key.length < SIGNING_KEYS.minLength) {
    throw new Error(`key: received ${key.length} characters; expected at least ${SIGNING_KEYS.minLength}`);
  }
  if (Number.isNaN(expires.getTime())) {
    throw new Error('expires: received an invalid Date; expected a time in the future');
  }
  const upper = method.toUpperCase();
  return { id, key, expires, method: upper === 'HEAD' ? 'GET' : upper };
}

/**
 * Parts of a request from which the signature is calculated.
 *
 * @internal
 */
export interface SignedRequest {
  readonly method: string;
  /** Host in lower case. The host includes a port that is not the default port of the scheme. */
  readonly host: string;
  /** Canonical path and query, without `&signature=` and its value. */
  readonly target: string;
}

/**
 * Returns the HMAC-SHA256 of a request.
 *
 * @internal
 */
export function signatureOf(key: string, { method, host, target }: SignedRequest): Buffer {
  return createHmac('sha256', key).update(`${method}\n${host}\n${target}`).digest();
}

/**
 * Returns the canonical form of a path. The function decodes the path once, and then encodes each segment. Returns undefined if
 * the path is not percent-encoded UTF-8.
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
