import * as v from 'valibot';
import { SIGNING_KEYS } from '../../contract';
import type { SigningKey } from './sign';

/** Source of signing keys. */
export interface SigningKeySource {
  /** Returns the key with an id. Returns undefined if no key has the id. */
  find(id: string): Promise<SigningKey | undefined>;
  /** Returns the newest key. The newest key signs new links. */
  newest(): Promise<SigningKey>;
}

/** Error for invalid signing keys. The message of the error does not contain the keys. */
export class SigningKeysError extends Error {
  public override readonly name = 'SigningKeysError';
}

const schema = v.pipe(
  v.unknown(),
  // Valibot accepts an array as a record whose keys are numbers.
  v.check((keys) => !Array.isArray(keys)),
  v.record(
    v.pipe(v.string(), v.regex(SIGNING_KEYS.idPattern)),
    v.pipe(v.string(), v.minLength(SIGNING_KEYS.minLength)),
  ),
  v.check((keys) => Object.keys(keys).length >= 1 && Object.keys(keys).length <= SIGNING_KEYS.max),
);

/**
 * Parses a JSON object of signing keys by id. The oldest key is the first entry.
 *
 * @throws SigningKeysError if the text is invalid
 */
export function parseSigningKeys(text: string): readonly SigningKey[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) {
    return Object.entries(parsed.output).map(([id, key]) => ({ id, key }));
  }
  // The error message must not contain the value. The parser's message quotes parts of the value, and is also omitted.
  throw new SigningKeysError(
    `signing keys are invalid; expected a JSON object of 1 to ${SIGNING_KEYS.max} keys by id, such as {"k1":"…"}. ` +
      `An id is a letter followed by up to 31 letters, digits, _ or -. A key has at least ${SIGNING_KEYS.minLength} characters`,
  );
}

/** Returns a source of constant keys. */
export function fixedKeys(keys: readonly SigningKey[]): SigningKeySource {
  return refreshedKeys(() => Promise.resolve(keys), { refresh: Infinity, retry: Infinity });
}

/** Options of {@link refreshedKeys}. */
export interface RefreshOptions {
  /** Age of the keys, in milliseconds, at which the source fetches the keys again. @default 300000 */
  readonly refresh?: number;
  /** Minimum interval in milliseconds between two fetches after an unknown id or a failure. @default 10000 */
  readonly retry?: number;
  /** Function that returns a monotonic time in milliseconds. @default performance.now */
  readonly now?: () => number;
}

/**
 * Returns a source that fetches the keys on the first use and at the refresh interval. If a later fetch fails, the last keys
 * remain valid.
 *
 * The source also fetches the keys for an unknown id, because the id can belong to a new key.
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
      const hasId = (key: SigningKey): boolean => key.id === id;
      const found = (await current()).find(hasId);
      return found ?? (mayTry() ? (await fetchAgain()).find(hasId) : undefined);
    },
    newest: async () => (await current()).at(-1)!,
  };
}
