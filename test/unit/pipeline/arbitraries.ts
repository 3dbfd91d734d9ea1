import fc from 'fast-check';

const MAX_KEY_BYTES = 1024;

/** Characters of one to four bytes, including characters with a special meaning in keys and folders. */
const letter = fc.constantFrom('a', 'b', '/', '.', '~', ' ', '+', '%', '%2B', 'ü', '漢', '😀', '-', '0');

/** Keys that S3 accepts, without folder markers: short keys of any characters, and keys of up to 1024 bytes. */
export const sourceKey: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    fc.array(letter, { minLength: 1, maxLength: 8 }).map((letters) => letters.join('')),
    fc
      .tuple(fc.array(letter, { minLength: 1, maxLength: 6 }), fc.integer({ min: 800, max: MAX_KEY_BYTES }), fc.nat(3))
      .map(([letters, bytes, more]) => longKey(letters.join(''), bytes, 'a'.repeat(more))),
  )
  .filter((key) => !key.endsWith('/') && Buffer.byteLength(key) <= MAX_KEY_BYTES);

/** Repeats a text up to a number of bytes, and appends `end`. */
function longKey(text: string, bytes: number, end: string): string {
  return text.repeat(Math.floor((bytes - end.length) / Buffer.byteLength(text))) + end;
}
