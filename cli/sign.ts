import { DEFAULT_MAX_LINK_LIFETIME_SECONDS, HTTP_VARIABLES } from '../runtime/contract';
import { signUrl } from '../runtime/http';
import { signingKeysOf } from '../runtime/program/signing-secret';

/** Options of the command `sign`. */
export interface SignCommandOptions {
  /** How long the link is valid: a number and s, m, h or d. */
  readonly expires: string;
  readonly method: string;
  /** Name or ARN of the secret. Default: SIGNING_SECRET, or the keys in SIGNING_KEYS. */
  readonly secret?: string;
  /** Default: the newest. */
  readonly keyId?: string;
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const DURATION = /^(\d{1,9})([smhd])$/;
const METHODS = ['GET', 'POST', 'DELETE'];

/**
 * The signed link of a URL.
 *
 * @throws Error that names what is wrong; never what a key is
 */
export async function sign(
  url: string,
  options: SignCommandOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const seconds = readDuration(options.expires);
  const method = options.method.toUpperCase();
  if (!METHODS.includes(method)) {
    throw new Error(`--method: got ${options.method}, allowed: ${METHODS.join(', ')}`);
  }
  const secret = options.secret ?? environment[HTTP_VARIABLES.signingSecret];
  const keys = environment[HTTP_VARIABLES.signingKeys];
  if (secret === undefined && keys === undefined) {
    const { signingSecret, signingKeys } = HTTP_VARIABLES;
    throw new Error(`there is no key to sign with: give --secret, or set ${signingSecret} or ${signingKeys}`);
  }
  const source = signingKeysOf(secret === undefined ? { keys: keys ?? '' } : { secret });
  const key = options.keyId === undefined ? await source.newest() : await source.find(options.keyId);
  if (key === undefined) {
    throw new Error(`--key-id: there is no key ${options.keyId}`);
  }
  return signUrl(url, { ...key, method, expires: new Date(Date.now() + seconds * 1000) });
}

function readDuration(text: string): number {
  const [, number, unit] = DURATION.exec(text) ?? [];
  const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS];
  if (!(seconds >= 1 && seconds <= DEFAULT_MAX_LINK_LIFETIME_SECONDS)) {
    throw new Error(
      `--expires: got ${text}, allowed: 1s to ${DEFAULT_MAX_LINK_LIFETIME_SECONDS / SECONDS.d}d, as in 90s, 15m, 1h, 7d`,
    );
  }
  return seconds;
}
