import * as z from 'zod';
import { SIGNING_KEYS } from '../../contract';
import type { SigningKey } from './sign';

/** Where signing keys come from. */
export interface SigningKeySource {
  /** The key of an id; undefined where there is none. */
  find(id: string): Promise<SigningKey | undefined>;
  /** The key that signs. */
  newest(): Promise<SigningKey>;
}

/** Keys that are no keys. The message does not hold them. */
export class SigningKeysError extends Error {
  public override readonly name = 'SigningKeysError';
}

const schema = z
  .record(z.string().regex(SIGNING_KEYS.idPattern), z.string().min(SIGNING_KEYS.minLength))
  .refine((keys) => Object.keys(keys).length >= 1 && Object.keys(keys).length <= SIGNING_KEYS.max);

/**
 * Reads the JSON object that holds signing keys by their ids, the oldest first.
 *
 * @throws SigningKeysError
 */
export function parseSigningKeys(text: string): readonly SigningKey[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) {
    return Object.entries(parsed.data).map(([id, key]) => ({ id, key }));
  }
  // Neither the value nor what the parser says of it, which repeats some of it.
  throw new SigningKeysError(
    `the signing keys are none: allowed is a JSON object of 1 to ${SIGNING_KEYS.max} keys by ids, such as ` +
      `{"k1":"…"}, each id a letter and up to 31 letters, digits, _ or -, each key ${SIGNING_KEYS.minLength} or more characters`,
  );
}

/** Keys that stay what they are. */
export function fixedKeys(keys: readonly SigningKey[]): SigningKeySource {
  return refreshedKeys(() => Promise.resolve(keys), { refresh: Infinity, retry: Infinity });
}

/** When keys are fetched again, in milliseconds. */
export interface RefreshOptions {
  /** Age at which keys are fetched again. @default five minutes */
  readonly refresh?: number;
  /** Time between two fetches that an unknown id or a failure brings about. @default ten seconds */
  readonly retry?: number;
  /** @default the clock of the process */
  readonly now?: () => number;
}

/**
 * Keys that are fetched when they are first asked for, and again when they are old or an id is not among them, since a new
 * one may have been added. While they cannot be fetched, the last ones hold.
 */
export function refreshedKeys(
  fetch: () => Promise<readonly SigningKey[]>,
  { refresh = 300_000, retry = 10_000, now = () => performance.now() }: RefreshOptions = {},
): SigningKeySource {
  let known: readonly SigningKey[] | undefined;
  let fetchedAt = -Infinity;
  let triedAt = -Infinity;
  let fetching: Promise<readonly SigningKey[]> | undefined;

  const fetchAgain = (): Promise<readonly SigningKey[]> => {
    fetching ??= (async () => {
      triedAt = now();
      try {
        known = await fetch();
        fetchedAt = now();
        return known;
      } catch (error) {
        if (known === undefined) {
          throw error;
        }
        return known;
      } finally {
        fetching = undefined;
      }
    })();
    return fetching;
  };
  const mayTry = (): boolean => now() - triedAt >= retry;
  const current = (): Promise<readonly SigningKey[]> =>
    known === undefined || (now() - fetchedAt >= refresh && mayTry()) ? fetchAgain() : Promise.resolve(known);

  return {
    find: async (id) => {
      const named = (key: SigningKey): boolean => key.id === id;
      const found = (await current()).find(named);
      return found ?? (mayTry() ? (await fetchAgain()).find(named) : undefined);
    },
    newest: async () => (await current()).at(-1)!,
  };
}
