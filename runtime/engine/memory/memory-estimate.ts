import type { Format } from '../../contract';
import type { Size } from '../pixels/geometry';
import type { Probe, SourceMetadata } from '../types';

/**
 * What sources and thumbnails cost in memory, from what headers say: upper bounds, calibrated on what processes were
 * measured to take (docs/bad-images.md), a tenth to a half above it.
 */

/** Bytes that every rendering takes: libvips's and the encoders' own. */
const BASE = 32 * 2 ** 20;
/** How often the decoded picture lies in memory: as libvips makes it, as it is handed over, and as it is read. */
const COPIES = 3;
/** Bytes of a pixel of the source where it goes through row by row, as a share of those that it has in the file. */
const STREAMED = 0.25;

/** Bytes of each pixel of the source that its decoder holds, where that does not follow from what it has in the file. */
const HELD = {
  /** Red, green, blue, opacity, and a frame before. */
  gif: 6,
  /** As 32-bit pixels, and what transforms them; lossy ones come row by row. */
  webp: 6,
  avif: 22,
  deepAvif: 30,
  /** In tiles: the picture, and as it is handed over. In one piece the decoder's planes come beside it. */
  tiledHeic: 6,
  heic: 13,
  deepHeic: 17,
  /** Drawn in strips. */
  svg: 4,
} as const;
/** Bytes of each coefficient of a progressive JPEG, and with what precedes and follows it. */
const COEFFICIENT = 2.2;
/** By what share of the pixels' bytes what holds a picture whole is larger than it. */
const WHOLE = 1.2;
/** The thread and the code of the HEIC decoder, in bytes, and how often it has the file. */
const HEIC_DECODER = 40 * 2 ** 20;
const HEIC_FILES = 3;

/** Bytes of each pixel of a thumbnail that its encoder holds, and where every pixel is kept. */
const ENCODING: Readonly<Record<Format, number>> = { jpeg: 2, png: 2, webp: 7, gif: 12, avif: 22 };
const ENCODING_LOSSLESS: Readonly<Partial<Record<Format, number>>> = { webp: 32, avif: 46 };

/** What of a source's pixel tells about memory. */
export interface StoredPixel {
  /** Bytes of it in the file: channels times the bytes of each. */
  readonly bytes: number;
  /** More than 8 bits a channel. */
  readonly deep: boolean;
  /** A HEIC that is decoded tile by tile. */
  readonly tiled: boolean;
}

/** The bytes that decoding a source takes at most, beside the file and the picture that comes out. */
export function decodingMemory(
  bytes: Buffer,
  { format, width, height, frames }: Probe,
  pixel: StoredPixel,
  metadata: SourceMetadata,
): number {
  const pixels = width * height;
  switch (format) {
    case 'jpeg':
      return pixels * (metadata.isProgressive ? COEFFICIENT * coefficientsOf(metadata) : STREAMED * pixel.bytes);
    case 'png':
      return pixels * pixel.bytes * (metadata.isProgressive ? WHOLE : STREAMED);
    case 'tiff':
      // Row by row or, in one strip, whole: the header does not say.
      return pixels * pixel.bytes * WHOLE;
    case 'gif':
      return pixels * HELD.gif;
    case 'webp':
      return pixels * (frames === 1 && isPlainLossy(bytes) ? STREAMED * pixel.bytes : HELD.webp);
    case 'avif':
      return pixels * (pixel.deep ? HELD.deepAvif : HELD.avif);
    case 'heic': {
      const held = pixel.tiled ? HELD.tiledHeic : pixel.deep ? HELD.deepHeic : HELD.heic;
      return pixels * held + HEIC_DECODER + HEIC_FILES * bytes.length;
    }
    case 'svg':
      return pixels * HELD.svg;
  }
}

/** Coefficients of each pixel of a JPEG, all channels taken together: colours are often stored at half the resolution. */
function coefficientsOf({ chromaSubsampling, channels }: SourceMetadata): number {
  if (chromaSubsampling === '4:2:0') {
    return 1.5;
  }
  if (chromaSubsampling === '4:2:2') {
    return 2;
  }
  return channels;
}

/** Whether a WebP is of the plain lossy kind; behind an extended header there may be anything. */
function isPlainLossy(bytes: Buffer): boolean {
  return bytes.toString('latin1', 12, 16) === 'VP8 ';
}

/** A thumbnail in one format. */
export interface EncodedSize {
  readonly type: Format;
  readonly lossless?: boolean;
  readonly canvas: Size;
  /** 1 where it does not move. */
  readonly frames: number;
}

/** What a rendering is made of. */
export interface RenderingMemory {
  /** Bytes of the file. */
  readonly file: number;
  /** {@link decodingMemory}. */
  readonly decoding: number;
  /** The picture that everything is made from: its size, its channels, and its frames. */
  readonly picture: Size & { readonly channels: number; readonly frames: number };
  readonly thumbnails: readonly EncodedSize[];
  /** Thumbnails that are encoded at once. */
  readonly lanes: number;
}

/** The bytes that a rendering takes at most: while it decodes or while it encodes, whichever is more. */
export function renderingMemory({ file, decoding, picture, thumbnails, lanes }: RenderingMemory): number {
  const decoded = picture.width * picture.height * picture.channels * picture.frames;
  const encoders = thumbnails
    .map(({ type, lossless, canvas, frames }) => {
      const held = (lossless === true ? ENCODING_LOSSLESS[type] : undefined) ?? ENCODING[type];
      return canvas.width * canvas.height * frames * held;
    })
    .sort((one, other) => other - one)
    .slice(0, lanes);
  const encoding = encoders.reduce((sum, bytes) => sum + bytes, 0);
  return Math.ceil(BASE + file + COPIES * decoded + Math.max(decoding, encoding));
}
