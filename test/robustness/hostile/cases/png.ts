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
/** Where the first chunk after the header starts. */
const AFTER_HEADER = 33;

/** Width, height, bit depth, colour type, compression, filter, interlacing. */
function header(width: number, height: number, depth: number, color: number, interlaced = 0): Buffer {
  return pngChunk('IHDR', Buffer.concat([u32(width), u32(height), Buffer.from([depth, color, 0, 0, interlaced])]));
}

/** Returns a PNG of zeros: a small file with many pixels. */
function bomb(width: number, height: number, depth: number, color: number, interlaced = 0): Buffer {
  const channels = [1, 0, 3, 1, 2, 0, 4][color] ?? 1;
  // Interlacing has more rows, each with a byte for its filter.
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

/** PNG as it is sent to do harm. */
export const pngCases: readonly HostileCase[] = cases({
  'cut off at and within every chunk': [
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
  'a bomb of one bit, 16,383 × 16,383': [() => bomb(16_383, 16_383, 1, 0), 'too-many-pixels'],
  'a bomb of one bit within the limits': [() => bomb(7000, 7000, 1, 0), 'rendered'],
  'a bomb of 16 bits a channel, 8000 × 8000': [() => claimOf(bomb(8000, 2, 16, 6), 8000, 8000), 'too-many-pixels'],
  'an interlaced bomb': [() => claimOf(bomb(64, 64, 8, 6, 1), 6500, 6500), 'too-many-pixels'],
  'an interlaced bomb within the limits': [() => bomb(3000, 3000, 8, 2, 1), 'rendered', 'warned', 'corrupt'],
  'a header that says two thousand million': [
    async () => [await claiming(2_000_000_000, 1), await claiming(0xffffffff, 0xffffffff)],
    'too-many-pixels',
    'corrupt',
  ],
  'a header that says too much, within the limits': [() => claiming(7000, 7000), 'truncated', 'corrupt'],
  'a header that says too little': [
    async () => [await claiming(200, 40), await claiming(40, 150)],
    'rendered',
    'corrupt',
  ],
  'no height, no width': [async () => [await claiming(200, 0), await claiming(0, 150)], 'corrupt', 'truncated'],
  'a strip of one pixel': [
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
  'a strip beyond any side': [() => bomb(1_000_000, 1, 8, 2), 'too-many-pixels'],
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
  'text that expands to 100 MB': [
    () => withChunks(pngChunk('zTXt', named('Comment', Buffer.from([0]), deflatedZeros(EXPANDED)))),
    'rendered',
    'corrupt',
  ],
  'international text that expands to 100 MB': [
    () =>
      withChunks(
        pngChunk('iTXt', named('Comment', Buffer.from([1, 0]), named('en'), named('Comment'), deflatedZeros(EXPANDED))),
      ),
    'rendered',
    'corrupt',
  ],
  'a profile that expands to 100 MB': [
    () => withChunks(pngChunk('iCCP', named('icc', Buffer.from([0]), deflatedZeros(EXPANDED)))),
    'rendered',
    'corrupt',
  ],
  'a profile and EXIF that are garbage': [
    () =>
      withChunks(
        pngChunk('iCCP', named('icc', Buffer.from([0]), deflateSync(Buffer.alloc(500, 9)))),
        pngChunk('eXIf', Buffer.alloc(5000, 0x49)),
      ),
    'rendered',
    'corrupt',
  ],
  'twenty thousand texts': [
    () => withChunks(...Array.from({ length: 20_000 }, () => pngChunk('tEXt', named('a', ascii('b'))))),
    'rendered',
    'corrupt',
  ],
  'data in twenty thousand empty chunks': [
    () => withChunks(...Array.from({ length: 20_000 }, () => pngChunk('IDAT'))),
    'corrupt',
    'rendered',
    'truncated',
  ],
  'data that goes on for 100 MB after the picture': [
    async () => {
      const [first] = pngChunksOf(await photo());
      const start = (await photo()).subarray(0, first!.end);
      return Buffer.concat([start, pngChunk('IDAT', deflatedZeros(EXPANDED)), pngChunk('IEND')]);
    },
    'rendered',
    'corrupt',
  ],
  'a palette that is empty, missing, or too short for its pixels': [
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
  'frames: none, too many, none of them there': [
    async () => {
      const png = await movingPng();
      const control = png.indexOf('acTL') + 4;
      return [0, 1, 1000, 0x7fffffff, 0xffffffff].map((frames) => mendedPng(patched(png, control, u32(frames))));
    },
    'rendered',
    'corrupt',
  ],
  'frames larger than the picture': [
    async () => {
      const png = await movingPng();
      const frame = png.lastIndexOf('fcTL') + 8;
      return mendedPng(patched(png, frame, Buffer.concat([u32(60_000), u32(60_000)])));
    },
    'rendered',
    'corrupt',
  ],
  'twenty thousand frames': [
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
