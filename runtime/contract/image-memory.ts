import type { Limits } from './source-limits';

// Upper bounds of memory: 10 to 50 % above measured values (docs/bad-images.md).

/** Bytes that libvips and the encoders need for every render, regardless of the image size. */
export const RENDER_BASE_BYTES = 32 * 2 ** 20;

/** Bytes per source pixel that each decoder holds in memory. */
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
/** Coefficients per pixel of a JPEG that stores colour at half the resolution. Most files do. */
const COEFFICIENTS = 1.5;

/**
 * Weights of a pixel in the comparison with `maxProgressivePixels`. They reflect the measured memory of decoders that
 * hold the whole image. 36 MP took 391 MB as a progressive CMYK JPEG and 407 MB as an interlaced 16-bit PNG. 35 MP took
 * 443 MB as a HEIC without tiles; 20 MP took 334 MB with 10 bits per channel. 24 MP took 513 MB as an AVIF; 12 MP took
 * 360 MB with 10 bits. Phones write HEIC with tiles, which the decoder reads one by one.
 */
export const HELD_WHOLE = { progressive: 1, heic: 1, deepHeic: 1.25, avif: 1.8, deepAvif: 2.5 } as const;

/**
 * Returns the memory in MiB that a common image within the limits can take. The largest such images are a WebP or GIF
 * of `maxPixels` and a progressive JPEG or AVIF of `maxProgressivePixels`, each with `maxFileSizeBytes`.
 *
 * Images with more than 8 bits, TIFF in one strip and HEIC without tiles can take up to twice as much. The estimate
 * does not include the pixels of the thumbnails.
 */
export function imageMemoryMiB(limits: Limits): number {
  const decoding = Math.max(
    limits.maxPixels * DECODER_BYTES.webp,
    limits.maxProgressivePixels * COEFFICIENT_BYTES * COEFFICIENTS,
    (limits.maxProgressivePixels / HELD_WHOLE.avif) * DECODER_BYTES.avif,
  );
  return Math.ceil((RENDER_BASE_BYTES + limits.maxFileSizeBytes + decoding) / 2 ** 20);
}
