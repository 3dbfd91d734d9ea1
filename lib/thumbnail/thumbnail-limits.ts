import type { Duration, Size } from 'aws-cdk-lib';

/** Bounds on the images that are taken in. Anything beyond is refused before a pixel of it is decoded. */
export interface ThumbnailLimits {
  /**
   * Size of a source, 1 byte to 2 GiB.
   *
   * @default Size.mebibytes(64)
   */
  readonly maxFileSize?: Size;

  /**
   * Width × height of a source in pixels, 1 to 268402689.
   *
   * @default 50000000
   */
  readonly maxPixels?: number;

  /**
   * Width × height of a progressive JPEG in pixels, 1 to 268402689: its decoder holds the whole picture in memory.
   *
   * @default 36000000
   */
  readonly maxProgressivePixels?: number;

  /**
   * Width × height × frames of a moving source that keeps its movement, in pixels, 1 to 268402689.
   *
   * @default 30000000
   */
  readonly maxAnimationPixels?: number;

  /**
   * Frames of a moving source that keeps its movement, 1 to 10000.
   *
   * @default 256
   */
  readonly maxFrames?: number;

  /**
   * Time for one image from its first byte to its last thumbnail, 1 second to 15 minutes.
   *
   * @default Duration.seconds(20)
   */
  readonly maxDuration?: Duration;
}
