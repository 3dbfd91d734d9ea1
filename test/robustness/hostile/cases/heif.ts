import sharp from 'sharp';
import { heic } from '../../../support/heic';
import { Random } from '../../../support/random';
import { ascii, patched, u16, u32 } from '../bytes';
import { noisy } from '../seeds';
import { cases, cutAt, steps, type HostileCase } from './case';

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), ascii(type), body]);
}

const start = (brand: string): Buffer => box('ftyp', ascii(brand), u32(0), ascii(brand), ascii('mif1'));
const avif = (): Promise<Buffer> => noisy().avif({ effort: 0 }).toBuffer();

/** Returns an AVIF and a HEIC with the same change. */
async function both(change: (image: Buffer) => Buffer | Buffer[]): Promise<Buffer[]> {
  return [await avif(), heic()].flatMap(change);
}

/** Returns a copy with changed content of a box. */
function within(image: Buffer, type: string, offset: number, bytes: Buffer): Buffer {
  const at = image.indexOf(type);
  if (at < 0) {
    throw new Error(`there is no box ${type}`);
  }
  return patched(image, at + 4 + offset, bytes);
}

/** Returns a copy with another size in the header of a box. */
function sized(image: Buffer, type: string, size: number): Buffer {
  return within(image, type, -8, u32(size));
}

const TYPES = ['meta', 'hdlr', 'pitm', 'iloc', 'iinf', 'iprp', 'ipco', 'ispe', 'ipma', 'mdat'] as const;

/** Hostile AVIF and HEIC files. */
export const heifCases: readonly HostileCase[] = cases({
  'truncated at many offsets': [
    () => both((image) => cutAt(image, [8, 12, 16, 24, ...steps(image, 25)])),
    'truncated',
    'corrupt',
    'unsupported-format',
  ],
  'a file with only an ftyp box': [
    () => ['avif', 'heic', 'avis', 'hevc', 'mif1'].map(start),
    'truncated',
    'corrupt',
    'unsupported-format',
  ],
  'boxes of size zero': [
    () => both((image) => TYPES.map((type) => sized(image, type, 0))),
    'truncated',
    'corrupt',
    'unsupported-format',
    'rendered',
  ],
  'boxes that are smaller than their header': [
    () => both((image) => TYPES.map((type) => sized(image, type, 7))),
    'truncated',
    'corrupt',
    'unsupported-format',
    'rendered',
  ],
  'boxes with extreme 64-bit sizes': [
    () => both((image) => TYPES.map((type) => sized(image, type, 1))),
    'truncated',
    'corrupt',
    'unsupported-format',
    'rendered',
    'warned',
  ],
  'boxes that are larger than the file': [
    () => both((image) => TYPES.flatMap((type) => [sized(image, type, 0x7fffffff), sized(image, type, 0xffffffff)])),
    'truncated',
    'corrupt',
    'unsupported-format',
    'warned',
  ],
  'a long sequence of boxes of size zero': [
    () => ['avif', 'heic'].map((brand) => Buffer.concat([start(brand), Buffer.alloc(100_000)])),
    'truncated',
    'corrupt',
    'unsupported-format',
  ],
  'boxes nested 10,000 levels deep': [
    () => {
      let nested = Buffer.alloc(0);
      for (let depth = 0; depth < 10_000; depth++) {
        nested = Buffer.concat([u32(nested.length + 12), ascii('meta'), u32(0), nested]);
      }
      return ['avif', 'heic'].map((brand) => Buffer.concat([start(brand), nested]));
    },
    'truncated',
    'corrupt',
    'unsupported-format',
  ],
  'a declared size beyond the limits': [
    () => both((image) => within(image, 'ispe', 4, Buffer.concat([u32(0xffffffff), u32(0xffffffff)]))),
    'too-many-pixels',
    'corrupt',
  ],
  'a declared size above the actual size, within the limits': [
    () => both((image) => within(image, 'ispe', 4, Buffer.concat([u32(2000), u32(2000)]))),
    'corrupt',
    'rendered',
    'truncated',
  ],
  'a declared size below the actual size': [
    () => both((image) => within(image, 'ispe', 4, Buffer.concat([u32(8), u32(8)]))),
    'corrupt',
    'rendered',
  ],
  'a width and height of 0': [() => both((image) => within(image, 'ispe', 4, Buffer.alloc(8))), 'corrupt', 'truncated'],
  'offsets outside of the file': [
    () =>
      both((image) => {
        const at = image.indexOf('iloc') + 4;
        return [8, 12, 16, 18, 20, 22, 24].flatMap((offset) =>
          [0xff, 0x7f].map((byte) => patched(image, at + offset, Buffer.alloc(4, byte))),
        );
      }),
    'truncated',
    'corrupt',
    'too-many-frames',
    'unsupported-format',
    'rendered',
    'warned',
  ],
  '65,535 locations': [
    () => both((image) => within(image, 'iloc', 6, u16(0xffff))),
    'truncated',
    'corrupt',
    'too-many-frames',
    'unsupported-format',
  ],
  'missing items': [
    () =>
      both((image) => [
        within(image, 'pitm', 4, u16(0xffff)),
        within(image, 'pitm', 4, u16(0)),
        within(image, 'iinf', 4, u16(0xffff)),
        within(image, 'iinf', 4, u16(0)),
      ]),
    'truncated',
    'corrupt',
    'too-many-frames',
    'unsupported-format',
    'rendered',
  ],
  'a grid that refers to itself': [
    () => {
      const grid = heic({ columns: 2, rows: 2 });
      const at = grid.indexOf('dimg') + 4;
      return [1, 2, 3, 4].map((tile) => patched(grid, at + 4 + 2 * (tile - 1), u16(1)));
    },
    'corrupt',
    'truncated',
    'unsupported-format',
  ],
  'an alpha item that refers to itself': [
    () => {
      const image = heic({ transparent: true });
      const at = image.indexOf('auxl') + 4;
      return [patched(image, at + 4, u16(2)), patched(image, at, u16(1))];
    },
    'corrupt',
    'truncated',
    'unsupported-format',
    'rendered',
  ],
  'a grid of 65,536 missing tiles': [
    () => {
      const grid = heic({ columns: 2, rows: 2 });
      const data = grid.indexOf('mdat') + 4;
      return patched(grid, data + 2, Buffer.from([255, 255]));
    },
    'corrupt',
    'truncated',
    'unsupported-format',
  ],
  'a grid that is larger than its declared size': [
    () => [
      heic({ columns: 2, rows: 2, claim: { width: 3000, height: 3000 } }),
      heic({ columns: 2, rows: 2, claim: { width: 1, height: 1 } }),
    ],
    'corrupt',
    'rendered',
    'truncated',
  ],
  'random bytes as coded pixels': [
    () =>
      both((image) =>
        Array.from({ length: 8 }, (_, index) => {
          const random = Random.of(7, index);
          const data = image.indexOf('mdat') + 4;
          return patched(image, data + random.below(image.length - data - 10), random.bytes(10));
        }),
      ),
    'corrupt',
    'truncated',
    'rendered',
    'unsupported-format',
  ],
  'a crop of size zero, and a crop that exceeds the image': [
    () => [heic({ crop: { width: 0, height: 0 } }), heic({ crop: { width: 60_000, height: 60_000 } })],
    'corrupt',
    'rendered',
    'too-many-pixels',
    'unsupported-format',
    'truncated',
  ],
  'random bytes as an ICC profile': [
    () => [heic({ profile: new Random(8).bytes(4000) }), heic({ profile: Buffer.alloc(0) })],
    'rendered',
    'corrupt',
  ],
  'an invalid rotation': [
    () => {
      const image = heic({ turns: 1 });
      return within(image, 'irot', 0, Buffer.from([0xff]));
    },
    'rendered',
    'corrupt',
  ],
  strips: [
    async () => [
      await sharp({ create: { width: 2000, height: 1, channels: 3, background: 'red' } })
        .avif({ effort: 0 })
        .toBuffer(),
      await sharp({ create: { width: 1, height: 2000, channels: 3, background: 'red' } })
        .avif({ effort: 0 })
        .toBuffer(),
    ],
    'rendered',
  ],
  'another codec than the declared codec': [
    () =>
      both((image) =>
        ['vvc1', 'j2k1', 'jpeg', 'unci', 'xxxx'].map((type) => {
          const copy = Buffer.from(image);
          for (const name of ['av01', 'hvc1']) {
            for (let at = copy.indexOf(name); at >= 0; at = copy.indexOf(name)) {
              copy.set(ascii(type), at);
            }
          }
          return copy;
        }),
      ),
    'unsupported-format',
    'corrupt',
    'truncated',
  ],
});
