import { COEFFICIENT_BYTES, DECODER_BYTES, type Format, RENDER_BASE_BYTES } from '../../contract';
import type { ChromaFormat } from '../heif/decoder-input';
import type { Size } from '../pixels/geometry';
import type { Probe, SourceMetadata } from '../types';

// Upper bounds of memory, calculated from headers: 10 to 50 % above measured values (docs/explanation/bad-images.md).

/** Number of copies of the decoded pixels: the result of libvips, the buffer of Node.js and the input of the encoders. */
const COPIES = 3;
/** Share of the source's pixels in the memory of a decoder that returns the image row by row. */
const STREAMED = 0.25;

/** Memory of a decoder that holds the whole image, as a multiple of the bytes of the pixels. */
const WHOLE = 1.2;
/** Bytes of the HEIC decoder's thread and code. */
const HEIC_DECODER = 40 * 2 ** 20;
/** Number of copies of the file in the memory of the HEIC decoder. */
const HEIC_FILES = 3;

/** Bytes in the memory of an encoder per pixel of the thumbnail. */
const ENCODER_BYTES: Readonly<Record<Format, number>> = { jpeg: 2, png: 2, webp: 7, gif: 12, avif: 22 };
/** Values for lossless encoding that differ from {@link ENCODER_BYTES}. */
const LOSSLESS_ENCODER_BYTES: Readonly<Partial<Record<Format, number>>> = { webp: 32, avif: 46 };

/** Properties of a source's pixels that determine the memory of its decoder. */
export interface StoredPixel {
  /** Bytes per pixel in the file: channels × bytes per sample. */
  readonly bytes: number;
  /** Whether samples have more than 8 bits. */
  readonly deep: boolean;
  /** Whether the source is a HEIC that is decoded tile by tile. */
  readonly tiled: boolean;
  /** Chroma format of a HEIC; 4:2:0 for all other formats. */
  readonly chroma: ChromaFormat;
}

/** Returns an upper bound of the memory for decoding in bytes, without the file and the decoded pixels. */
export function decodingMemory(
  file: Buffer,
  { format, width, height, frames }: Probe,
  pixel: StoredPixel,
  metadata: SourceMetadata,
): number {
  const pixels = width * height;
  switch (format) {
    case 'jpeg':
      return pixels * (metadata.isProgressive ? COEFFICIENT_BYTES * coefficientsOf(metadata) : STREAMED * pixel.bytes);
    case 'png':
      return pixels * pixel.bytes * (metadata.isProgressive ? WHOLE : STREAMED);
    case 'tiff':
      // The metadata does not show whether the file has many strips or a single strip.
      return pixels * pixel.bytes * WHOLE;
    case 'gif':
      return pixels * DECODER_BYTES.gif;
    case 'webp':
      return pixels * (frames === 1 && isSimpleLossy(file) ? STREAMED * pixel.bytes : DECODER_BYTES.webp);
    case 'avif':
      return pixels * (pixel.deep ? DECODER_BYTES.deepAvif : DECODER_BYTES.avif);
    case 'heic': {
      const held = pixel.tiled ? DECODER_BYTES.tiledHeic : pixel.deep ? DECODER_BYTES.deepHeic : DECODER_BYTES.heic;
      return pixels * held + HEIC_DECODER + HEIC_FILES * file.length;
    }
    case 'svg':
      return pixels * DECODER_BYTES.svg;
  }
}

/**
 * Returns the coefficients per pixel of a JPEG, summed over its channels. Most files store colour at half the
 * resolution.
 */
function coefficientsOf({ chromaSubsampling, channels }: SourceMetadata): number {
  if (chromaSubsampling === '4:2:0') {
    return 1.5;
  }
  if (chromaSubsampling === '4:2:2') {
    return 2;
  }
  return channels;
}

/** Returns whether a WebP has the simple lossy layout. The extended layout can contain any kind of image data. */
function isSimpleLossy(webp: Buffer): boolean {
  return webp.toString('latin1', 12, 16) === 'VP8 ';
}

/** Size of a thumbnail in one format. */
export interface EncodedSize {
  readonly type: Format;
  readonly lossless?: boolean;
  readonly canvas: Size;
  /** 1 for a still image. */
  readonly frames: number;
}

/** Sizes that determine the memory of a rendering. */
export interface RenderingSize {
  /** Bytes of the source file. */
  readonly file: number;
  /** Result of {@link decodingMemory}. */
  readonly decoding: number;
  /** Decoded pixels. */
  readonly pixels: Size & { readonly channels: number; readonly frames: number };
  readonly thumbnails: readonly EncodedSize[];
  /** Number of thumbnails that are encoded concurrently. */
  readonly concurrency: number;
}

/** Returns an upper bound of the memory for a rendering in bytes: decoding or encoding, whichever is larger. */
export function renderingMemory({ file, decoding, pixels, thumbnails, concurrency }: RenderingSize): number {
  const decoded = pixels.width * pixels.height * pixels.channels * pixels.frames;
  const encoders = thumbnails
    .map(({ type, lossless, canvas, frames }) => {
      const bytes = (lossless === true ? LOSSLESS_ENCODER_BYTES[type] : undefined) ?? ENCODER_BYTES[type];
      return canvas.width * canvas.height * frames * bytes;
    })
    .sort((one, other) => other - one)
    .slice(0, concurrency);
  const encoding = encoders.reduce((sum, bytes) => sum + bytes, 0);
  return Math.ceil(RENDER_BASE_BYTES + file + COPIES * decoded + Math.max(decoding, encoding));
}
