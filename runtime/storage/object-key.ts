import { ObjectStoreError } from './object-store';

/**
 * Maximum length of a key in bytes of UTF-8.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export const MAX_KEY_BYTES = 1024;
/** Maximum number of characters of a key in a message. */
const MAX_SHOWN = 100;

/** Returns whether S3 accepts a key. A key has from 1 to {@link MAX_KEY_BYTES} bytes of well-formed UTF-8. */
export function isLegalKey(key: string): boolean {
  return key !== '' && Buffer.byteLength(key) <= MAX_KEY_BYTES && !/\p{Surrogate}/u.test(key);
}

/**
 * Checks a key. All object stores use this function. Therefore, all object stores reject the same keys.
 *
 * @throws ObjectStoreError with code `invalid-key` if S3 does not accept the key
 */
export function checkKey(key: string): void {
  if (isLegalKey(key)) {
    return;
  }
  throw new ObjectStoreError(
    'invalid-key',
    `${showKey(key)} is not a valid key: expected 1 to ${MAX_KEY_BYTES} bytes of well-formed UTF-8`,
  );
}

/** Formats a key for a message. The result is quoted, on one line, and limited to 100 characters of the key. */
export function showKey(key: string): string {
  const shown = JSON.stringify(key.slice(0, MAX_SHOWN));
  return key.length > MAX_SHOWN ? `${shown}… (${Buffer.byteLength(key)} bytes)` : shown;
}

/**
 * Compares two keys by their UTF-8 bytes, as in S3 listings. The result is negative if `a` precedes `b`.
 *
 * The operator `<` of JavaScript has a different order. It compares UTF-16 code units, and sorts characters above U+FFFF before
 * U+E000, because they consist of surrogates (U+D800 to U+DFFF).
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) {
      return rank(left) - rank(right);
    }
  }
  return a.length - b.length;
}

/** Returns a number that sorts a UTF-16 code unit as UTF-8 does: surrogates after all other code units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
