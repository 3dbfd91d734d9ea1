import sharp from 'sharp';
import { animation } from '../../../support/images';
import { Random } from '../../../support/random';
import { ascii, patched, u16le, u32le } from '../bytes';
import { noisy } from '../seeds';
import { cases, cutAt, steps, type HostileCase } from './case';

const photo = (): Promise<Buffer> => noisy(200, 150).webp().toBuffer();
const lossless = (): Promise<Buffer> => noisy(200, 150).webp({ lossless: true }).toBuffer();

function riff(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([ascii('WEBP'), ...chunks]);
  return Buffer.concat([ascii('RIFF'), u32le(body.length), body]);
}

function chunk(type: string, content: Buffer): Buffer {
  return Buffer.concat([ascii(type), u32le(content.length), content, Buffer.alloc(content.length % 2)]);
}

const u24le = (value: number): Buffer => u32le(value).subarray(0, 3);

/** Returns a VP8X chunk: flags (2 animation, 4 XMP, 8 EXIF, 16 alpha, 32 ICC) and the canvas size. */
function extended(flags: number, width: number, height: number): Buffer {
  return chunk('VP8X', Buffer.concat([Buffer.from([flags, 0, 0, 0]), u24le(width - 1), u24le(height - 1)]));
}

/** Returns a WebP file without its header, so that only the image chunk remains. */
async function coded(width: number, height: number): Promise<Buffer> {
  return (
    await sharp({ create: { width, height, channels: 3, background: 'red' } })
      .webp({ lossless: true })
      .toBuffer()
  ).subarray(12);
}

function frame(left: number, top: number, width: number, height: number, picture: Buffer): Buffer {
  return chunk(
    'ANMF',
    Buffer.concat([
      u24le(left / 2),
      u24le(top / 2),
      u24le(width - 1),
      u24le(height - 1),
      u24le(50),
      Buffer.from([0]),
      picture,
    ]),
  );
}

const movement = chunk('ANIM', Buffer.concat([u32le(0), u16le(0)]));

/** Hostile WebP files. */
export const webpCases: readonly HostileCase[] = cases({
  'truncated at many offsets': [
    async () =>
      (
        await Promise.all([photo(), lossless(), animation({ format: 'webp', frames: ['red', 'green', 'blue'] })])
      ).flatMap((webp) => cutAt(webp, [12, 16, 20, 30, ...steps(webp, 25)])),
    'truncated',
    'corrupt',
    'warned',
    'unsupported-format',
  ],
  'a canvas beyond the limits': [
    async () => riff(extended(0, 16_777_216, 16_777_216), await coded(8, 8)),
    'too-many-pixels',
    'corrupt',
  ],
  'a declared size beyond the limits': [
    async () => [
      // VP8 stores each side in 14 bits.
      patched(await photo(), 26, Buffer.concat([u16le(0x3fff), u16le(0x3fff)])),
      // VP8L stores both sides minus one, in 14 bits each, after the signature.
      patched(await lossless(), 21, u32le(0x0fffffff)),
    ],
    'too-many-pixels',
    'corrupt',
  ],
  'a declared size above the actual size, within the limits': [
    async () => patched(await photo(), 26, Buffer.concat([u16le(7000), u16le(7000)])),
    'corrupt',
    'truncated',
    'rendered',
  ],
  'a declared size below the actual size': [
    async () => patched(await photo(), 26, Buffer.concat([u16le(20), u16le(20)])),
    'rendered',
    'corrupt',
  ],
  'a width or height of 0': [async () => patched(await photo(), 26, Buffer.alloc(4)), 'corrupt', 'truncated'],
  'a canvas that is larger than the image': [
    async () => riff(extended(0, 900, 900), await coded(8, 8)),
    'corrupt',
    'rendered',
  ],
  'a wrong file length in the header': [
    async () => {
      const webp = await photo();
      return [0, 4, 11, webp.length, webp.length + 1000, 0xfffffffe, 0xffffffff].map((length) =>
        patched(webp, 4, u32le(length)),
      );
    },
    'truncated',
    'corrupt',
    'rendered',
    'warned',
  ],
  'chunks with wrong lengths': [
    async () => {
      const webp = await photo();
      return [0, 1, 0x7fffffff, 0xffffffff].map((length) => patched(webp, 16, u32le(length)));
    },
    'truncated',
    'corrupt',
  ],
  strips: [
    async () => [await noisy(1, 16_383).webp().toBuffer(), await noisy(16_383, 1).webp().toBuffer()],
    'rendered',
  ],
  'thousands of frames': [
    async () => {
      const picture = await coded(8, 8);
      return riff(extended(2, 8, 8), movement, ...Array.from({ length: 5000 }, () => frame(0, 0, 8, 8, picture)));
    },
    'too-many-frames',
  ],
  'frames that exceed the canvas': [
    async () => {
      const picture = await coded(8, 8);
      return [
        riff(extended(2, 8, 8), movement, frame(0, 0, 8, 8, picture), frame(4000, 4000, 8, 8, picture)),
        riff(extended(2, 4, 4), movement, frame(0, 0, 8, 8, picture)),
      ];
    },
    'corrupt',
    'truncated',
    'rendered',
  ],
  'frames whose size differs from the declared size': [
    async () => {
      const picture = await coded(8, 8);
      return riff(extended(2, 800, 800), movement, frame(0, 0, 800, 800, picture), frame(0, 0, 8, 8, picture));
    },
    'corrupt',
    'rendered',
    'truncated',
  ],
  'an animation without frames': [
    () => [riff(extended(2, 8, 8), movement), riff(extended(2, 8, 8)), riff(movement), riff()],
    'corrupt',
    'truncated',
    'unsupported-format',
  ],
  'Huffman codes that are crafted': [
    async () => {
      const webp = await lossless();
      return Array.from({ length: 60 }, (_, index) => {
        const random = Random.of(4863, index);
        return patched(webp, 25 + random.below(40), random.bytes(24));
      });
    },
    'corrupt',
    'truncated',
    'rendered',
  ],
  'EXIF and profile that are garbage': [
    async () =>
      riff(
        extended(8 | 32, 8, 8),
        chunk('ICCP', Buffer.alloc(900, 7)),
        await coded(8, 8),
        chunk('EXIF', new Random(5).bytes(9000)),
      ),
    'rendered',
    'corrupt',
  ],
  'a profile of 30 MB': [
    async () => riff(extended(32, 8, 8), chunk('ICCP', Buffer.alloc(30_000_000, 7)), await coded(8, 8)),
    'rendered',
    'corrupt',
  ],
  '20,000 unknown chunks': [
    async () =>
      riff(extended(0, 8, 8), ...Array.from({ length: 20_000 }, () => chunk('junk', ascii('ab'))), await coded(8, 8)),
    'rendered',
    'corrupt',
  ],
});
