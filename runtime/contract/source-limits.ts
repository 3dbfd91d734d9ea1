/** Limits of source images. The engine rejects images that exceed a limit before it decodes any pixel. */
export interface Limits {
  /** Size of the file in bytes. */
  readonly maxFileSizeBytes: number;
  /** Maximum number of pixels: width × height. In addition, no side may exceed 65,535 pixels. */
  readonly maxPixels: number;
  /**
   * Maximum number of pixels of an image whose decoder holds the whole image in memory: progressive JPEG, interlaced PNG and
   * HEIC without tiles. AVIF needs more memory per pixel. The maximum for AVIF is this value divided by 1.8, or by 2.5 with
   * more than 8 bits per channel.
   */
  readonly maxProgressivePixels: number;
  /** Maximum number of pixels of a source with an animated thumbnail: width × height × frames. */
  readonly maxAnimationPixels: number;
  /** Maximum number of frames of a source with an animated thumbnail. */
  readonly maxFrames: number;
  /** Maximum number of seconds to decode one image and to encode all its thumbnails. */
  readonly maxDurationSeconds: number;
}

/**
 * Default limits. One process that renders three sizes (200, 320, 1600) of the most expensive image stays below 512 MB.
 *
 * Peaks of memory, measured with Node 20 and sharp 0.35.5 on x64. Each value includes 60 MB of the idle process.
 *
 * | image | MB |
 * |---|---|
 * | 50 MP baseline JPEG, RGB or CMYK | 104, 142 |
 * | 50 MP PNG, RGBA or 16-bit RGBA | 175, 247 |
 * | 50 MP TIFF, 8-bit or floating point in one strip | 136, 288 |
 * | 50 MP WebP, lossless; 50 MP GIF | 308, 341 |
 * | 48 MP HEIC in tiles | 300 |
 * | 35 MP HEIC without tiles | 445 |
 * | 36 MP progressive JPEG, CMYK; 36 MP interlaced 16-bit PNG | 392, 407 |
 * | 20 MP AVIF; 14 MP AVIF of 10 or 12 bits | 446, 429 |
 * | 30 MP of animation | 298 |
 */
export const DEFAULT_LIMITS: Limits = {
  maxFileSizeBytes: 64 * 1024 * 1024,
  maxPixels: 50_000_000,
  maxProgressivePixels: 36_000_000,
  maxAnimationPixels: 30_000_000,
  maxFrames: 256,
  maxDurationSeconds: 20,
};
