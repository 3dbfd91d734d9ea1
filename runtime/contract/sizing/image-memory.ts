import type { Limits } from '../source-limits';

// The constants are upper bounds of memory. They exceed the measurements in docs/explanation/bad-images.md by 10 to 50 %.

/** Memory in bytes that libvips and the encoders require for every render, regardless of the image size. */
export const RENDER_BASE_BYTES = 32 * 2 ** 20;

/** Memory of each decoder in bytes per source pixel. */
export const DECODER_BYTES = {
  /** RGBA pixels of the current frame and of the previous frame. */
  gif: 6,
  /** 32-bit pixels and the data of the transforms in lossless images. The decoder reads lossy images row by row. */
  webp: 6,
  avif: 22,
  deepAvif: 30,
  /** Pixels of the image and of the copy for the main thread. */
  tiledHeic: 6,
  /** Pixels of the image, of the copy for the main thread, and of the decoder's colour planes. */
  heic: 13,
  deepHeic: 17,
  /** RGBA pixels. The decoder renders SVG images in strips. */
  svg: 4,
} as const;
/** Memory of the JPEG decoder in bytes per coefficient of a progressive image, including input and output buffers. */
export const COEFFICIENT_BYTES = 2.2;
/** Number of coefficients per pixel of a JPEG with 4:2:0 chroma subsampling. Most JPEG files have this subsampling. */
const COEFFICIENTS = 1.5;

/**
 * Factors for the number of pixels of an image whose decoder allocates memory for the whole image. The number of pixels times
 * the factor must not exceed `maxProgressivePixels`.
 *
 * Measured peak memory of a process that renders the image:
 * - progressive CMYK JPEG of 36 MP: 391 MB
 * - interlaced 16-bit PNG of 36 MP: 407 MB
 * - HEIC without tiles of 35 MP: 443 MB
 * - HEIC without tiles of 20 MP with 10 bits per channel: 334 MB
 * - AVIF of 24 MP: 513 MB
 * - AVIF of 12 MP with 10 bits per channel: 360 MB
 *
 * The factors do not apply to HEIC with tiles, because the decoder reads the tiles one by one. Phones write HEIC with tiles.
 */
export const HELD_WHOLE = { progressive: 1, heic: 1, deepHeic: 1.25, avif: 1.8, deepAvif: 2.5 } as const;

/**
 * Returns the maximum memory in MiB for rendering a typical image within the limits. Of the typical images, these require the
 * most memory:
 * - a WebP or GIF with `maxPixels` and `maxFileSizeBytes`
 * - a progressive JPEG or AVIF with `maxProgressivePixels` and `maxFileSizeBytes`
 *
 * Three kinds of rare images can require up to twice the returned memory: images with more than 8 bits per channel,
 * TIFF in one strip, and HEIC without tiles. The returned memory does not include the pixels of the thumbnails.
 */
export function imageMemoryMiB(limits: Limits): number {
  const decoding = Math.max(
    limits.maxPixels * DECODER_BYTES.webp,
    limits.maxProgressivePixels * COEFFICIENT_BYTES * COEFFICIENTS,
    (limits.maxProgressivePixels / HELD_WHOLE.avif) * DECODER_BYTES.avif,
  );
  return Math.ceil((RENDER_BASE_BYTES + limits.maxFileSizeBytes + decoding) / 2 ** 20);
}
