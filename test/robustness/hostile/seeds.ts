import sharp from 'sharp';
import { heic } from '../../support/heic';
import { animation } from '../../support/images';
import { Random } from '../../support/random';
import { ascii, pngChunk, pngChunksOf, PNG_SIGNATURE, u16, u32 } from './bytes';

/** A valid image from which hostile images are created. */
export interface Seed {
  readonly name: string;
  readonly bytes: Buffer;
}

const WIDTH = 72;
const HEIGHT = 56;

/** Creates an image of noise. Its pixels take more bytes than its header. */
export function noisy(width = WIDTH, height = HEIGHT, channels: 1 | 3 | 4 = 3): sharp.Sharp {
  const random = new Random(7);
  const pixels = Buffer.alloc(width * height * channels);
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = (at * 7) / 9 + random.below(70);
  }
  return sharp(pixels, { raw: { width, height, channels } });
}

/** An SVG with many kinds of elements. */
export const SVG = `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="72" height="56" viewBox="0 0 72 56">
  <defs><linearGradient id="g"><stop offset="0" stop-color="#e61e1e"/><stop offset="1" stop-color="#1e1ee6"/></linearGradient></defs>
  <rect width="72" height="56" fill="url(#g)"/><path d="M10 10 L60 40 Q30 50 10 10 Z" fill="#fd0" opacity=".5"/>
  <g transform="rotate(10)"><circle cx="30" cy="20" r="9"/><text x="5" y="30" font-size="9">a</text></g>
</svg>`;

/**
 * Creates an animated PNG with equal frames. Chunks of the type `fdAT` repeat the data of the first frame, after a sequence
 * number.
 */
export async function movingPng(frames = 3): Promise<Buffer> {
  const still = await noisy(24, 16).png().toBuffer();
  const [size, ...rest] = pngChunksOf(still).map(({ at, end }) => still.subarray(at, end));
  const data = rest.filter((chunk) => chunk.toString('latin1', 4, 8) === 'IDAT').map((chunk) => chunk.subarray(8, -4));
  let sequence = 0;
  const control = (): Buffer =>
    pngChunk('fcTL', Buffer.concat([u32(sequence++), u32(24), u32(16), u32(0), u32(0), u16(1), u16(10), u16(0)]));
  const chunks = [
    pngChunk('acTL', Buffer.concat([u32(frames), u32(0)])),
    control(),
    pngChunk('IDAT', Buffer.concat(data)),
  ];
  for (let frame = 1; frame < frames; frame++) {
    chunks.push(control(), pngChunk('fdAT', Buffer.concat([u32(sequence++), ...data])));
  }
  return Buffer.concat([PNG_SIGNATURE, size ?? Buffer.alloc(0), ...chunks, pngChunk('IEND')]);
}

/**
 * Returns a small image of each kind that the engine reads. The images are equal on all machines with the same
 * encoders.
 */
export async function seeds(): Promise<Seed[]> {
  const exif = { IFD0: { Copyright: 'nobody', ImageDescription: 'a picture' }, IFD2: { ExposureTime: '1/60' } };
  const kinds: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
    jpeg: () => noisy().jpeg().toBuffer(),
    'jpeg progressive': () => noisy().jpeg({ progressive: true }).toBuffer(),
    'jpeg with metadata': () =>
      noisy().withExif(exif).withMetadata({ orientation: 6 }).withIccProfile('p3').jpeg().toBuffer(),
    'jpeg cmyk': () => noisy().toColourspace('cmyk').jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    'jpeg grey': () => noisy(WIDTH, HEIGHT, 1).toColourspace('b-w').jpeg().toBuffer(),
    png: () => noisy().png().toBuffer(),
    'png interlaced': () => noisy(WIDTH, HEIGHT, 4).png({ progressive: true }).toBuffer(),
    'png palette': () => noisy().png({ palette: true, colours: 4 }).toBuffer(),
    'png deep': () => noisy(WIDTH, HEIGHT, 4).toColourspace('rgb16').png().toBuffer(),
    'png with metadata': () => noisy().withExif(exif).withIccProfile('p3').png().toBuffer(),
    'png moving': () => movingPng(),
    gif: () => noisy().gif().toBuffer(),
    'gif moving': () => animation({ frames: ['red', 'green', 'blue', 'yellow'] }),
    webp: () => noisy().webp().toBuffer(),
    'webp lossless': () => noisy().webp({ lossless: true }).toBuffer(),
    'webp with opacity': () => noisy(WIDTH, HEIGHT, 4).webp().withExif(exif).toBuffer(),
    'webp moving': () => animation({ format: 'webp', frames: ['red', 'green', 'blue', 'yellow'] }),
    tiff: () => noisy().tiff({ compression: 'none' }).toBuffer(),
    'tiff lzw': () => noisy().tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer(),
    'tiff deflate in tiles': () =>
      noisy().tiff({ compression: 'deflate', tile: true, tileWidth: 32, tileHeight: 32 }).toBuffer(),
    'tiff jpeg': () => noisy().tiff({ compression: 'jpeg' }).toBuffer(),
    'tiff in pages': () =>
      noisy().tiff({ compression: 'lzw', pyramid: true, tile: true, tileWidth: 32, tileHeight: 32 }).toBuffer(),
    'tiff big': () => noisy().tiff({ compression: 'lzw', bigtiff: true }).toBuffer(),
    'tiff fax': () =>
      noisy(WIDTH, HEIGHT, 1)
        .threshold()
        .toColourspace('b-w')
        .tiff({ compression: 'ccittfax4', bitdepth: 1 })
        .toBuffer(),
    avif: () => noisy().avif({ effort: 0 }).toBuffer(),
    'avif deep': () => noisy().avif({ effort: 0, bitdepth: 10 }).toBuffer(),
    'avif with opacity': () => noisy(WIDTH, HEIGHT, 4).avif({ effort: 0 }).toBuffer(),
    heic: () => heic(),
    'heic in tiles': () => heic({ columns: 2, rows: 2, turns: 1, orientation: 6 }),
    'heic with opacity': () => heic({ transparent: true }),
    'heic deep': () => heic({ deep: true, primaries: 12 }),
    svg: () => ascii(SVG),
  };
  return Promise.all(Object.entries(kinds).map(async ([name, make]) => ({ name, bytes: await make() })));
}
