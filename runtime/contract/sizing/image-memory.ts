import type { Limits } from '../source-limits';

// Upper bounds of memory: 10 to 50 % above measured values (docs/explanation/bad-images.md).

/** Bytes that libvips and the encoders need for every render, regardless of the image size. */
export const RENDER_BASE_BYTES = 32 * 2 ** 20;

/** Bytes per source pixel in the memory of each decoder. */
export const DECODER_BYTES = {
  /** RGBA and the previous frame. */
  gif: 6,
  /** 32-bit pixels and transforms. Lossy images without alpha are decoded row by row. */
  webp: 6,
  avif: 22,
  deepAvif: 30,
  /** The image and its copy for the main thread. */
  tiledHeic: 6,
  /** The image, its copy for the main thread, and the planes of the decoder. */
  heic: 13,
  deepHeic: 17,
  /** SVG images are rendered in strips. */
  svg: 4,
} as const;
/** Bytes per coefficient of a progressive JPEG, including input and output buffers. */
export const COEFFICIENT_BYTES = 2.2;
/** Number of coefficients per pixel of a JPEG with colour at half the resolution, as in most files. */
const COEFFICIENTS = 1.5;

/**
 * Factors for the pixel count of an image whose decoder holds the whole image in memory. The product must not exceed
 * `maxProgressivePixels`.
 *
 * Measured memory:
 * - progressive CMYK JPEG of 36 MP: 391 MB
 * - interlaced 16-bit PNG of 36 MP: 407 MB
 * - HEIC without tiles of 35 MP: 443 MB
 * - HEIC without tiles of 20 MP with 10 bits per channel: 334 MB
 * - AVIF of 24 MP: 513 MB
 * - AVIF of 12 MP with 10 bits per channel: 360 MB
 *
 * The factors do not apply to HEIC with tiles, which phones write. The decoder reads the tiles one by one.
 */
export const HELD_WHOLE = { progressive: 1, heic: 1, deepHeic: 1.25, avif: 1.8, deepAvif: 2.5 } as const;

/**
 * Returns the maximum memory in MiB for a common image within the limits. The most expensive common images are:
 * - a WebP or GIF with `maxPixels` and `maxFileSizeBytes`
 * - a progressive JPEG or AVIF with `maxProgressivePixels` and `maxFileSizeBytes`
 *
 * Images with more than 8 bits, TIFF in one strip and HEIC without tiles can require up to twice this memory. The estimate does
 * not include the pixels of the thumbnails.
 */
export function imageMemoryMiB(limits: Limits): number {
  const decoding = Math.max(
    limits.maxPixels * DECODER_BYTES.webp,
    limits.maxProgressivePixels * COEFFICIENT_BYTES * COEFFICIENTS,
    (limits.maxProgressivePixels / HELD_WHOLE.avif) * DECODER_BYTES.avif,
  );
  return Math.ceil((RENDER_BASE_BYTES + limits.maxFileSizeBytes + decoding) / 2 ** 20);
}
