import { DEFAULT_MAX_LINK_LIFETIME_SECONDS, HTTP_VARIABLES } from '../runtime/contract';
import { signUrl } from '../runtime/http';
import { signingKeysOf } from '../runtime/program/signing-secret';
import { withAwsErrors } from './aws-errors';

/** Options of the command `sign`. */
export interface SignCommandOptions {
  /** Lifetime of the link: a number and the unit s, m, h or d, such as `15m`. */
  readonly expires: string;
  /** HTTP method that the link permits: GET, POST or DELETE. GET includes HEAD. */
  readonly method: string;
  /** Name or ARN of the secret with the signing keys. @default - the variable SIGNING_SECRET, or the keys in SIGNING_KEYS */
  readonly secret?: string;
  /** Id of the signing key. @default - the newest key */
  readonly keyId?: string;
}

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const LIFETIME = /^(\d{1,9})([smhd])$/;
const METHODS = ['GET', 'POST', 'DELETE'];

/**
 * Returns the signed link for a URL.
 *
 * @throws Error if an option is invalid or the keys cannot be read; the message never contains a key
 */
export async function signLink(
  url: string,
  options: SignCommandOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const seconds = readLifetime(options.expires);
  const method = options.method.toUpperCase();
  if (!METHODS.includes(method)) {
    throw new Error(`--method: got ${options.method}; expected ${METHODS.join(', ')}`);
  }
  const secret = options.secret ?? environment[HTTP_VARIABLES.signingSecret];
  const keys = environment[HTTP_VARIABLES.signingKeys];
  if (secret === undefined && keys === undefined) {
    const { signingSecret, signingKeys } = HTTP_VARIABLES;
    throw new Error(
      `--secret: is missing; expected --secret with the name of a secret, or the variable ${signingSecret} or ${signingKeys}`,
    );
  }
  const key = await (secret === undefined
    ? findKey({ keys: keys ?? '' }, options.keyId)
    : withAwsErrors(
        { resource: secret, kind: 'secret', permissions: 'secretsmanager:GetSecretValue on the secret' },
        () => findKey({ secret }, options.keyId),
      ));
  if (key === undefined) {
    throw new Error(
      `--key-id: got ${options.keyId}; expected the id of a key in the secret. Omit --key-id to use the newest key`,
    );
  }
  return signUrl(url, { ...key, method, expires: new Date(Date.now() + seconds * 1000) });
}

async function findKey(signing: Parameters<typeof signingKeysOf>[0], keyId: string | undefined) {
  const source = signingKeysOf(signing);
  return keyId === undefined ? source.newest() : source.find(keyId);
}

function readLifetime(text: string): number {
  const [, number, unit] = LIFETIME.exec(text) ?? [];
  const seconds = Number(number) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS];
  if (!(seconds >= 1 && seconds <= DEFAULT_MAX_LINK_LIFETIME_SECONDS)) {
    const maxDays = DEFAULT_MAX_LINK_LIFETIME_SECONDS / UNIT_SECONDS.d;
    throw new Error(`--expires: got ${text}; expected 1s to ${maxDays}d, for example 90s, 15m, 1h or 7d`);
  }
  return seconds;
}
