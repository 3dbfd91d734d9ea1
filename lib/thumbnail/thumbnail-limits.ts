import type { Duration, Size } from 'aws-cdk-lib';

/**
 * Limits of source images. The runtime rejects an image that exceeds a limit, before decoding any pixels. The exception is
 * `maxDuration`: if the processing exceeds this time, the attempt fails.
 */
export interface ThumbnailLimits {
  /**
   * Maximum size of a source, from 1 byte to 2 GiB.
   *
   * @default Size.mebibytes(64)
   */
  readonly maxFileSize?: Size;

  /**
   * Maximum number of pixels (width × height) of a source, from 1 to 268,402,689.
   *
   * @default 50000000
   */
  readonly maxPixels?: number;

  /**
   * Maximum number of pixels (width × height) of a progressive JPEG, from 1 to 268,402,689. The decoder keeps all pixels of a
   * progressive JPEG in memory.
   *
   * @default 36000000
   */
  readonly maxProgressivePixels?: number;

  /**
   * Maximum number of pixels (width × height × frames) of an animated source with animated thumbnails, from 1 to
   * 268,402,689.
   *
   * @default 30000000
   */
  readonly maxAnimationPixels?: number;

  /**
   * Maximum number of frames of an animated source with animated thumbnails, from 1 to 10,000.
   *
   * @default 256
   */
  readonly maxFrames?: number;

  /**
   * Maximum processing time of one image, whole seconds from 1 second to 15 minutes. The time includes the download of the
   * source and the upload of the thumbnails.
   *
   * @default Duration.seconds(20)
   */
  readonly maxDuration?: Duration;
}
