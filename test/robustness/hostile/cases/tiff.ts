import { deflatedZeros, patched, u16le, u32le } from '../bytes';
import { ascii } from '../bytes';
import { noisy } from '../seeds';
import { cases, cutAt, steps, type HostileCase } from './case';

const [SHORT, LONG] = [3, 4];
type Field = readonly [tag: number, type: number, values: readonly number[]];

/** Fields of a TIFF. The defaults describe an uncompressed grey image of 8 × 8 pixels. */
interface TiffOptions {
  readonly width?: number;
  readonly height?: number;
  readonly bits?: readonly number[];
  readonly samples?: number;
  readonly compression?: number;
  readonly photometric?: number;
  readonly rowsPerStrip?: number;
  readonly data?: Buffer;
  readonly more?: readonly Field[];
  /** Offset of the next directory. The offset of this directory is 8. @default - no further directory */
  readonly next?: number;
}

function tiff({
  width = 8,
  height = 8,
  bits = [8],
  samples = 1,
  compression = 1,
  photometric = 1,
  rowsPerStrip = height,
  data = Buffer.alloc(64, 100),
  more = [],
  next = 0,
}: TiffOptions): Buffer {
  const replaced = new Set(more.map(([tag]) => tag));
  const fields: Field[] = (
    [
      [256, LONG, [width]],
      [257, LONG, [height]],
      [258, SHORT, bits],
      [259, SHORT, [compression]],
      [262, SHORT, [photometric]],
      [273, LONG, [0]],
      [277, SHORT, [samples]],
      [278, LONG, [rowsPerStrip]],
      [279, LONG, [data.length]],
    ] satisfies Field[]
  ).filter(([tag]) => !replaced.has(tag));
  const sorted = [...fields, ...more].sort(([one], [other]) => one - other);
  const valuesAt = 8 + 2 + sorted.length * 12 + 4;
  const encoded = sorted.map(([, type, values]) => Buffer.concat(values.map(type === SHORT ? u16le : u32le)));
  const far = encoded.filter(({ length }) => length > 4);
  const dataAt = valuesAt + far.reduce((sum, { length }) => sum + length, 0);
  let at = valuesAt;
  const entries = sorted.map(([tag, type, values], index) => {
    const bytes = encoded[index] ?? Buffer.alloc(0);
    let value = tag === 273 && values[0] === 0 ? u32le(dataAt) : Buffer.concat([bytes, Buffer.alloc(4)]).subarray(0, 4);
    if (bytes.length > 4) {
      value = u32le(at);
      at += bytes.length;
    }
    return Buffer.concat([u16le(tag), u16le(type), u32le(values.length), value]);
  });
  return Buffer.concat([ascii('II'), u16le(42), u32le(8), u16le(sorted.length), ...entries, u32le(next), ...far, data]);
}

const photo = (): Promise<Buffer> => noisy(200, 150).tiff({ compression: 'lzw' }).toBuffer();

/** Hostile TIFF files. */
export const tiffCases: readonly HostileCase[] = cases({
  'a minimal valid file': [() => tiff({}), 'rendered'],
  'truncated at many offsets': [
    async () => {
      const whole = await photo();
      return cutAt(whole, [4, 6, 8, ...steps(whole, 60)]);
    },
    'truncated',
    'corrupt',
    'unsupported-format',
  ],
  'a declared size beyond the limits': [
    () => [
      tiff({ width: 0xffffffff, height: 0xffffffff }),
      tiff({ width: 100_000, height: 100_000 }),
      tiff({ width: 0x10000, height: 0x10000 }),
    ],
    'too-many-pixels',
    'corrupt',
    'truncated',
  ],
  'a small compressed file with many pixels': [
    () => tiff({ width: 20_000, height: 20_000, compression: 8, data: deflatedZeros(4_000_000) }),
    'too-many-pixels',
  ],
  'a small compressed file with many pixels, within the limits': [
    () => tiff({ width: 7000, height: 7000, compression: 8, data: deflatedZeros(49_000_000) }),
    'rendered',
  ],
  'a strip that expands beyond its declared size': [
    () => tiff({ compression: 8, data: deflatedZeros(100_000_000) }),
    'rendered',
    'corrupt',
  ],
  'a declared size above the actual size, within the limits': [
    () => tiff({ width: 7000, height: 7000 }),
    'truncated',
    'corrupt',
    'rendered',
  ],
  'a declared size below the actual size': [() => tiff({ width: 4, height: 4 }), 'rendered', 'corrupt'],
  'a width or height of 0': [
    () => [tiff({ width: 0 }), tiff({ height: 0 })],
    'corrupt',
    'truncated',
    'unsupported-format',
  ],
  strips: [
    () => [
      tiff({ width: 1, height: 60_000, data: Buffer.alloc(60_000) }),
      tiff({ width: 60_000, height: 1, data: Buffer.alloc(60_000) }),
    ],
    'rendered',
  ],
  'a directory chain with a cycle': [() => tiff({ next: 8 }), 'rendered', 'corrupt'],
  'a directory that is its own SubIFD': [
    () =>
      tiff({
        more: [
          [330, LONG, [8]],
          [34665, LONG, [8]],
          [34853, LONG, [8]],
        ],
      }),
    'rendered',
    'corrupt',
  ],
  'many channels': [
    () =>
      [6, 255, 65_535].map((samples) =>
        tiff({
          samples,
          bits: Array.from({ length: samples }, () => 8),
          width: 2,
          height: 2,
          data: Buffer.alloc(4 * samples),
        }),
      ),
    'unsupported-format',
    'corrupt',
    'truncated',
    'too-many-pixels',
  ],
  'invalid depths': [
    () => [0, 3, 7, 13, 24, 33, 64, 65_535].map((bits) => tiff({ bits: [bits] })),
    'unsupported-format',
    'corrupt',
    'truncated',
    'rendered',
  ],
  'invalid compressions': [
    () => [0, 3, 9, 32_766, 34_712, 34_925, 50_000, 65_535].map((compression) => tiff({ compression })),
    'unsupported-format',
    'corrupt',
    'truncated',
    'rendered',
  ],
  'invalid photometric interpretations': [
    () => [4, 9, 10, 32_803, 32_844, 32_845, 65_535].map((photometric) => tiff({ photometric })),
    'unsupported-format',
    'corrupt',
    'rendered',
  ],
  'strips with 0 rows, and with the maximum number of rows': [
    () => [0, 1, 0xffffffff].map((rowsPerStrip) => tiff({ rowsPerStrip })),
    'rendered',
    'corrupt',
    'truncated',
  ],
  'strip offsets outside of the file': [
    () => [
      tiff({ more: [[273, LONG, [0xfffffff0]]] }),
      tiff({ more: [[273, LONG, [8]]] }),
      tiff({ more: [[279, LONG, [0xffffffff]]] }),
    ],
    'truncated',
    'corrupt',
    'rendered',
    'warned',
  ],
  'invalid tile sizes and numbers of tiles': [
    () =>
      [0, 1, 15, 0x10000, 0x7ffffff0].map((side) =>
        tiff({
          more: [
            [322, LONG, [side]],
            [323, LONG, [side]],
            [324, LONG, [8]],
            [325, LONG, [64]],
          ],
        }),
      ),
    'corrupt',
    'truncated',
    'unsupported-format',
    'rendered',
    'out-of-memory',
  ],
  'a directory with an entry for each tag': [() => patched(tiff({}), 8, u16le(65_535)), 'truncated', 'corrupt'],
  'lengths that overflow': [
    () =>
      [
        [258, SHORT],
        [273, LONG],
        [279, LONG],
        [320, SHORT],
        [34675, 7],
      ].map(([tag, type]) => {
        const whole = tiff({ more: [[tag ?? 0, type ?? 0, [8]]] });
        const at = whole.indexOf(Buffer.concat([u16le(tag ?? 0), u16le(type ?? 0)]), 8);
        return patched(whole, at + 4, u32le(0x80000001));
      }),
    'truncated',
    'corrupt',
    'rendered',
    'warned',
  ],
  'large TIFF without its directory': [
    () => Buffer.concat([ascii('II'), u16le(43), u16le(8), u16le(0), u32le(0xffffff00), u32le(0), Buffer.alloc(64)]),
    'truncated',
    'corrupt',
  ],
});
