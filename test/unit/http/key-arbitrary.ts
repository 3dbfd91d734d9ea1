import fc from 'fast-check';

/** Strings with a special meaning in URLs, gateways or parsers. */
const TRICKY = ['%', '%2F', '%25', '+', '%2B', '?', '#', '&', '=', ';', '/', '//', '.', '..', '/../', '/./', '\\', ' '];
const LETTERS = [
  'a',
  'cat.jpg',
  'é',
  'e\u0301',
  '日本',
  'λ',
  '😀',
  '\n',
  '\u007f',
  '"',
  '<',
  "'",
  '\u2028',
  '{name}',
  ':key',
  '*',
];

/** Keys that S3 and this API support: 1 to 1024 bytes of UTF-8 without NUL. S3 also supports NUL. */
export const keyArbitrary: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(fc.constantFrom(...TRICKY), fc.constantFrom(...LETTERS), fc.string({ unit: 'binary', maxLength: 20 })),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((pieces) => pieces.join(''))
  .filter((key) => key !== '' && Buffer.byteLength(key) <= 1024 && !key.includes('\0'));

/** Decodes a path like an API Gateway HTTP API: twice. After the first time, a `?` ends the path. */
export function asHttpApiDecodes(path: string): string {
  return decodeURIComponent(decodeURIComponent(path).split('?')[0]!);
}

/** Number of runs and seed of property tests. */
export const RUNS = { seed: 1, numRuns: Number(process.env['RUNS'] ?? 300) };
