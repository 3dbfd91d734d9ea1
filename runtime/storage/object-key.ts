import { ObjectStoreError } from './object-store';

/** Longest key in bytes of UTF-8: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024;
/** Characters of a key in a message. */
const MAX_SHOWN = 100;

/** Whether S3 can hold an object by this key: 1 to {@link MAX_KEY_BYTES} bytes of well-formed Unicode. */
export function isLegalKey(key: string): boolean {
  return key !== '' && Buffer.byteLength(key) <= MAX_KEY_BYTES && !/\p{Surrogate}/u.test(key);
}

/**
 * Throws for what is no key in S3, so that every store refuses the same.
 *
 * @throws StoreError `invalid-key`
 */
export function checkKey(key: string): void {
  if (isLegalKey(key)) {
    return;
  }
  throw new ObjectStoreError(
    'invalid-key',
    `no object can have the key ${showKey(key)}: a key is 1 to ${MAX_KEY_BYTES} bytes of well-formed UTF-8`,
  );
}

/** A key for a message: quoted, on one line, cut where it is long. */
export function showKey(key: string): string {
  const shown = JSON.stringify(key.slice(0, MAX_SHOWN));
  return key.length > MAX_SHOWN ? `${shown}… (${Buffer.byteLength(key)} bytes)` : shown;
}

/**
 * Order of two keys by the bytes of their UTF-8, in which S3 lists: negative when `a` comes first. JavaScript's own order
 * of strings differs where one holds a character beyond U+FFFF: the halves of its surrogate pair are lower than U+E000.
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

/** A UTF-16 unit, surrogates lifted above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
