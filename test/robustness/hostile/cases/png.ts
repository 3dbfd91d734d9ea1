import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import {
  ascii,
  deflatedZeros,
  inserted,
  mendedPng,
  patched,
  pngChunk,
  pngChunksOf,
  PNG_SIGNATURE,
  u16,
  u32,
} from '../bytes';
import { movingPng, noisy } from '../seeds';
import { cases, cutAt, type HostileCase } from './case';

const photo = (): Promise<Buffer> => noisy(200, 150).png().toBuffer();
/** Offset of the first chunk after the header. */
const AFTER_HEADER = 33;

/** Returns an IHDR chunk: width, height, bit depth, colour type, compression, filter, interlacing. */
function header(width: number, height: number, depth: number, color: number, interlaced = 0): Buffer {
  return pngChunk('IHDR', Buffer.concat([u32(width), u32(height), Buffer.from([depth, color, 0, 0, interlaced])]));
}

/** Returns a PNG whose pixels are zero: a small file with many pixels. */
function bomb(width: number, height: number, depth: number, color: number, interlaced = 0): Buffer {
  const channels = [1, 0, 3, 1, 2, 0, 4][color] ?? 1;
  // An interlaced image has more rows, and each row has a filter byte.
  const row = Math.ceil((width * depth * channels) / 8) + 1 + (interlaced > 0 ? 2 : 0);
  const data = deflatedZeros(row * (interlaced > 0 ? Math.ceil(height * 1.9) : height));
  return Buffer.concat([
    PNG_SIGNATURE,
    header(width, height, depth, color, interlaced),
    pngChunk('IDAT', data),
    pngChunk('IEND'),
  ]);
}

async function claiming(width: number, height: number): Promise<Buffer> {
  return mendedPng(patched(await photo(), 16, Buffer.concat([u32(width), u32(height)])));
}

async function withChunks(...chunks: readonly Buffer[]): Promise<Buffer> {
  return inserted(await photo(), AFTER_HEADER, Buffer.concat(chunks));
}

async function withHeaderByte(at: number, values: readonly number[]): Promise<Buffer[]> {
  const png = await photo();
  return values.map((value) => mendedPng(patched(png, at, Buffer.from([value]))));
}

const EXPANDED = 100 * 1024 * 1024;
const named = (name: string, ...rest: readonly Buffer[]): Buffer => Buffer.concat([ascii(`${name}\0`), ...rest]);

/** Hostile PNG files. */
export const pngCases: readonly HostileCase[] = cases({
  'truncated at and within each chunk': [
    async () => {
      const png = await photo();
      return cutAt(
        png,
        pngChunksOf(png).flatMap(({ at, end }) => [at, at + 4, at + 8, Math.floor((at + end) / 2), end - 2]),
      );
    },
    'truncated',
    'warned',
    'rendered',
  ],
  'a small file of 16,383 × 16,383 one-bit pixels': [() => bomb(16_383, 16_383, 1, 0), 'too-many-pixels'],
  'a small file of one-bit pixels, within the limits': [() => bomb(7000, 7000, 1, 0), 'rendered'],
  'a small file of 8000 × 8000 pixels with 16 bits per channel': [
    () => claimOf(bomb(8000, 2, 16, 6), 8000, 8000),
    'too-many-pixels',
  ],
  'a small interlaced file with many pixels': [() => claimOf(bomb(64, 64, 8, 6, 1), 6500, 6500), 'too-many-pixels'],
  'a small interlaced file with many pixels, within the limits': [
    () => bomb(3000, 3000, 8, 2, 1),
    'rendered',
    'warned',
    'corrupt',
  ],
  'a declared size of two billion pixels per side': [
    async () => [await claiming(2_000_000_000, 1), await claiming(0xffffffff, 0xffffffff)],
    'too-many-pixels',
    'corrupt',
  ],
  'a declared size above the actual size, within the limits': [() => claiming(7000, 7000), 'truncated', 'corrupt'],
  'a declared size below the actual size': [
    async () => [await claiming(200, 40), await claiming(40, 150)],
    'rendered',
    'corrupt',
  ],
  'a width or height of 0': [async () => [await claiming(200, 0), await claiming(0, 150)], 'corrupt', 'truncated'],
  'images with a side of one pixel': [
    async () => [
      await sharp({ create: { width: 1, height: 65_500, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
      await sharp({ create: { width: 65_500, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    ],
    'rendered',
  ],
  'a side that exceeds the maximum': [() => bomb(1_000_000, 1, 8, 2), 'too-many-pixels'],
  'wrong checksums': [
    async () => {
      const png = await photo();
      return pngChunksOf(png).map(({ end }) => patched(png, end - 4, u32(0)));
    },
    'corrupt',
    'rendered',
    'truncated',
  ],
  'invalid bit depths, colour types and interlacing': [
    async () => [
      ...(await withHeaderByte(24, [0, 3, 5, 32, 255])),
      ...(await withHeaderByte(25, [1, 5, 7, 255])),
      ...(await withHeaderByte(26, [1, 255])),
      ...(await withHeaderByte(28, [2, 255])),
    ],
    'corrupt',
    'truncated',
  ],
  'a compressed text of 100 MB': [
    () => withChunks(pngChunk('zTXt', named('Comment', Buffer.from([0]), deflatedZeros(EXPANDED)))),
    'rendered',
    'corrupt',
  ],
  'a compressed international text of 100 MB': [
    () =>
      withChunks(
        pngChunk('iTXt', named('Comment', Buffer.from([1, 0]), named('en'), named('Comment'), deflatedZeros(EXPANDED))),
      ),
    'rendered',
    'corrupt',
  ],
  'a compressed ICC profile of 100 MB': [
    () => withChunks(pngChunk('iCCP', named('icc', Buffer.from([0]), deflatedZeros(EXPANDED)))),
    'rendered',
    'corrupt',
  ],
  'random bytes as an ICC profile and as EXIF': [
    () =>
      withChunks(
        pngChunk('iCCP', named('icc', Buffer.from([0]), deflateSync(Buffer.alloc(500, 9)))),
        pngChunk('eXIf', Buffer.alloc(5000, 0x49)),
      ),
    'rendered',
    'corrupt',
  ],
  '20,000 texts': [
    () => withChunks(...Array.from({ length: 20_000 }, () => pngChunk('tEXt', named('a', ascii('b'))))),
    'rendered',
    'corrupt',
  ],
  '20,000 empty data chunks': [
    () => withChunks(...Array.from({ length: 20_000 }, () => pngChunk('IDAT'))),
    'corrupt',
    'rendered',
    'truncated',
  ],
  '100 MB of data after the last pixel': [
    async () => {
      const [first] = pngChunksOf(await photo());
      const start = (await photo()).subarray(0, first!.end);
      return Buffer.concat([start, pngChunk('IDAT', deflatedZeros(EXPANDED)), pngChunk('IEND')]);
    },
    'rendered',
    'corrupt',
  ],
  'an empty, a missing and a short palette': [
    async () => {
      const png = await noisy().png({ palette: true, colours: 16 }).toBuffer();
      const { at, end } = pngChunksOf(png).find(({ type }) => type === 'PLTE')!;
      const without = Buffer.concat([png.subarray(0, at), png.subarray(end)]);
      return [
        without,
        inserted(without, at, pngChunk('PLTE')),
        inserted(without, at, pngChunk('PLTE', Buffer.alloc(3))),
      ];
    },
    'corrupt',
    'rendered',
    'truncated',
  ],
  'an animation with a wrong number of frames': [
    async () => {
      const png = await movingPng();
      const control = png.indexOf('acTL') + 4;
      return [0, 1, 1000, 0x7fffffff, 0xffffffff].map((frames) => mendedPng(patched(png, control, u32(frames))));
    },
    'rendered',
    'corrupt',
  ],
  'frames that are larger than the image': [
    async () => {
      const png = await movingPng();
      const frame = png.lastIndexOf('fcTL') + 8;
      return mendedPng(patched(png, frame, Buffer.concat([u32(60_000), u32(60_000)])));
    },
    'rendered',
    'corrupt',
  ],
  '20,000 frames': [
    async () => {
      const [size, ...rest] = pngChunksOf(await noisy(8, 8).png().toBuffer());
      const still = await noisy(8, 8).png().toBuffer();
      const data = rest.find(({ type }) => type === 'IDAT')!;
      const frames = Array.from({ length: 20_000 }, (_, index) =>
        pngChunk('fcTL', Buffer.concat([u32(index), u32(8), u32(8), u32(0), u32(0), u16(1), u16(10), u16(0)])),
      );
      return Buffer.concat([
        still.subarray(0, size!.end),
        pngChunk('acTL', Buffer.concat([u32(20_000), u32(0)])),
        ...frames,
        still.subarray(data.at),
      ]);
    },
    'rendered',
    'corrupt',
  ],
});

function claimOf(png: Buffer, width: number, height: number): Buffer {
  return mendedPng(patched(png, 16, Buffer.concat([u32(width), u32(height)])));
}
