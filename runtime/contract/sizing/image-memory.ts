import type { Limits } from '../source-limits';

// The constants are upper bounds of memory. They exceed the measurements in docs/explanation/bad-images.md by 10 to 50 %.

/** Memory in bytes that libvips and the encoders require for every render, regardless of the image size. */
export const RENDER_BASE_BYTES = 32 * 2 ** 20;

/** Memory of each decoder in bytes per source pixel. */
export const DECODER_BYTES = {
  gif: 6,
  webp: 6,
  avif: 22,
  deepAvif: 30,
  tiledHeic: 6,
  heic: 13,
  deepHeic: 17,
  svg: 4,
} as const;
/** Memory of the JPEG decoder in bytes per coefficient of a progressive image, including input and output buffers. */
export const COEFFICIENT_BYTES = 2.2;
/** Number of coefficients per pixel of a JPEG with 4:2:0 chroma subsampling. Most JPEG files have this subsampling. */
const COEFFICIENTS = 1.5;

/**
 * Factors by kind of image, for images whose decoder allocates memory for the whole image. The number of pixels times the
 * factor must not exceed `maxProgressivePixels`. `deepHeic` and `deepAvif` have more than 8 bits per channel.
 *
 * The factors do not apply to 4:2:0 HEIC with tiles, which phones write, because the decoder reads the tiles one by one.
 */
export const HELD_WHOLE = { progressive: 1, heic: 1, deepHeic: 1.25, avif: 1.8, deepAvif: 2.5 } as const;

/**
 * Returns the maximum memory in MiB for rendering a typical image within the limits, without the pixels of its thumbnails.
 * The most expensive typical images are WebP, GIF, progressive JPEG and AVIF at the limits.
 *
 * Three kinds of rare images can require up to twice this memory: images with more than 8 bits per channel, TIFF in one strip,
 * and HEIC without tiles.
 */
export function imageMemoryMiB(limits: Limits): number {
  const decoding = Math.max(
    limits.maxPixels * DECODER_BYTES.webp,
    limits.maxProgressivePixels * COEFFICIENT_BYTES * COEFFICIENTS,
    (limits.maxProgressivePixels / HELD_WHOLE.avif) * DECODER_BYTES.avif,
  );
  return Math.ceil((RENDER_BASE_BYTES + limits.maxFileSizeBytes + decoding) / 2 ** 20);
}
