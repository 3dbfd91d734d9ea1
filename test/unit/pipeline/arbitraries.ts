import fc from 'fast-check';

const MAX_KEY_BYTES = 1024;

/** Letters of one to four bytes, and what keys and folders treat in a special way. */
const letter = fc.constantFrom('a', 'b', '/', '.', '~', ' ', '+', '%', '%2B', 'ü', '漢', '😀', '-', '0');

/** Any key of S3 that is no folder marker: short ones of any characters, and ones up to 1024 bytes. */
export const sourceKey: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    fc.array(letter, { minLength: 1, maxLength: 8 }).map((letters) => letters.join('')),
    fc
      .tuple(fc.array(letter, { minLength: 1, maxLength: 6 }), fc.integer({ min: 800, max: MAX_KEY_BYTES }), fc.nat(3))
      .map(([letters, bytes, more]) => longKey(letters.join(''), bytes, 'a'.repeat(more))),
  )
  .filter((key) => !key.endsWith('/') && Buffer.byteLength(key) <= MAX_KEY_BYTES);

/** The text again and again, as often as it fits into so many bytes. */
function longKey(text: string, bytes: number, end: string): string {
  return text.repeat(Math.floor((bytes - end.length) / Buffer.byteLength(text))) + end;
}
