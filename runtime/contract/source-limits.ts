/** Limits of source images. Before decoding any pixel, the engine rejects images that exceed a limit. */
export interface Limits {
  /** Maximum size of the source file in bytes. */
  readonly maxFileSizeBytes: number;
  /** Maximum number of pixels: width × height. Independently of this limit, no side may exceed 65,535 pixels. */
  readonly maxPixels: number;
  /**
   * Maximum number of pixels of an image whose decoder allocates memory for the whole image: progressive JPEG, interlaced PNG
   * and HEIC without tiles.
   *
   * AVIF requires more memory per pixel. The maximum for AVIF is this value divided by 1.8. With more than 8 bits per channel,
   * the maximum for AVIF is this value divided by 2.5.
   */
  readonly maxProgressivePixels: number;
  /** Maximum number of pixels of a source with an animated thumbnail: width × height × frames. */
  readonly maxAnimationPixels: number;
  /** Maximum number of frames of a source with an animated thumbnail. */
  readonly maxFrames: number;
  /** Maximum duration in seconds for decoding one image and encoding all its thumbnails. */
  readonly maxDurationSeconds: number;
}

/**
 * Default limits. With these limits, a process requires less than 512 MB for three thumbnails of any image. The thumbnails have
 * sizes of 200, 320 and 1600 pixels.
 *
 * The table contains the peak memory of the process, measured with Node 20 and sharp 0.35.5 on x64. Each value includes the
 * 60 MB of an idle process. MP are megapixels.
 *
 * | image | peak memory in MB |
 * |---|---|
 * | 50 MP baseline JPEG, RGB | 104 |
 * | 50 MP baseline JPEG, CMYK | 142 |
 * | 50 MP PNG, 8-bit RGBA | 175 |
 * | 50 MP PNG, 16-bit RGBA | 247 |
 * | 50 MP TIFF, 8-bit | 136 |
 * | 50 MP TIFF, floating point in one strip | 288 |
 * | 50 MP WebP, lossless | 308 |
 * | 50 MP GIF | 341 |
 * | 48 MP HEIC with tiles | 300 |
 * | 35 MP HEIC without tiles | 445 |
 * | 36 MP progressive JPEG, CMYK | 392 |
 * | 36 MP interlaced PNG, 16-bit | 407 |
 * | 20 MP AVIF, 8-bit | 446 |
 * | 14 MP AVIF, 10-bit or 12-bit | 429 |
 * | animation with 30 MP in all frames | 298 |
 */
export const DEFAULT_LIMITS: Limits = {
  maxFileSizeBytes: 64 * 1024 * 1024,
  maxPixels: 50_000_000,
  maxProgressivePixels: 36_000_000,
  maxAnimationPixels: 30_000_000,
  maxFrames: 256,
  maxDurationSeconds: 20,
};
