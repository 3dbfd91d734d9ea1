import fc from 'fast-check';

/** Pieces that a URL, a gateway or a parser could take for something else. */
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

/** Keys as S3 takes them: 1 to 1024 bytes of UTF-8; no NUL, which S3 takes and this API refuses. */
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

/** Decodes percent-encoding as an API Gateway HTTP API does to a path: twice, with what follows a `?` in between cut off. */
export function asHttpApiDecodes(path: string): string {
  return decodeURIComponent(decodeURIComponent(path).split('?')[0]!);
}

/** How often the properties here are tried, with the same keys every time. */
export const RUNS = { seed: 1, numRuns: Number(process.env['RUNS'] ?? 300) };
