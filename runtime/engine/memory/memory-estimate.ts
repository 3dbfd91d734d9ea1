import { COEFFICIENT_BYTES, DECODER_BYTES, type Format, RENDER_BASE_BYTES } from '../../contract';
import type { ChromaFormat } from '../heif/decoder-input';
import type { Size } from '../pixels/geometry';
import type { Probe, SourceMetadata } from '../types';

// The functions calculate upper bounds of memory from headers. The upper bounds exceed the measurements in
// docs/explanation/bad-images.md by 10 to 50 %.

/** Number of copies of the decoded pixels: in the result of libvips, in the buffer of Node.js, and in the encoders. */
const COPIES = 3;
/** Fraction of the source's pixels that a decoder keeps in memory if the decoder returns the image row by row. */
const STREAMED = 0.25;

/** Memory of a decoder that allocates memory for the whole image, relative to the size of the pixels. */
const WHOLE = 1.2;
/** Memory in bytes for the thread and the code of the HEIC decoder. */
const HEIC_DECODER = 40 * 2 ** 20;
/** Number of copies of the file in the memory of the HEIC decoder. */
const HEIC_FILES = 3;

/** Memory of each encoder in bytes per pixel of the thumbnail. */
const ENCODER_BYTES: Readonly<Record<Format, number>> = { jpeg: 2, png: 2, webp: 7, gif: 12, avif: 22 };
/** Memory of each encoder in bytes per pixel for lossless encoding, if different from {@link ENCODER_BYTES}. */
const LOSSLESS_ENCODER_BYTES: Readonly<Partial<Record<Format, number>>> = { webp: 32, avif: 46 };

/** Properties of a source's pixels that determine the memory of its decoder. */
export interface StoredPixel {
  /** Bytes per pixel in the file: channels × bytes per sample. */
  readonly bytes: number;
  /** Whether the samples of the source have more than 8 bits. */
  readonly deep: boolean;
  /** Whether the source is a HEIC with tiles. The decoder reads the tiles one by one. */
  readonly tiled: boolean;
  /** Chroma format of a HEIC. The value for all other formats is 4:2:0. */
  readonly chroma: ChromaFormat;
}

/** Returns an upper bound, in bytes, of the decoder's memory. The result excludes the file and the decoded pixels. */
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
      // Assumes one strip, which the decoder keeps in memory as a whole. The metadata does not contain the number of strips.
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
 * Returns the number of coefficients per pixel of a JPEG, summed over all channels.
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

/** Returns whether a WebP has the simple lossy layout. In the extended layout, the image data can be lossy or lossless. */
function isSimpleLossy(webp: Buffer): boolean {
  return webp.toString('latin1', 12, 16) === 'VP8 ';
}

/** Size of a thumbnail in one format. */
export interface EncodedSize {
  readonly type: Format;
  readonly lossless?: boolean;
  readonly canvas: Size;
  /** Number of frames. A still image has one frame. */
  readonly frames: number;
}

/** Sizes that determine the memory of a rendering. */
export interface RenderingSize {
  /** Size of the source file in bytes. */
  readonly file: number;
  /** Memory of the decoder in bytes: the result of {@link decodingMemory}. */
  readonly decoding: number;
  /** Size, number of channels and number of frames of the decoded pixels. */
  readonly pixels: Size & { readonly channels: number; readonly frames: number };
  readonly thumbnails: readonly EncodedSize[];
  /** Number of thumbnails that the engine encodes concurrently. */
  readonly concurrency: number;
}

/**
 * Returns an upper bound of the memory for a rendering in bytes. The encoders start after the decoder has finished, so the
 * upper bound includes only the larger of their memories.
 */
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
