import { expectedRange, type Range } from './range';

/** Output formats with measured costs. */
export const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const;
/** Output format with measured costs. */
export type Format = (typeof FORMATS)[number];

/** Maximum size and formats of a thumbnail. The field names are equal to the names in the runtime settings. */
export interface ThumbnailSize {
  /**
   * With `inside`, a thumbnail keeps the aspect ratio of the source. With any other fit, a thumbnail fills the box of `width` ×
   * `height`.
   *
   * @default inside
   */
  readonly fit?: string;
  /** Width of the box in pixels. */
  readonly width: number;
  /** Height of the box in pixels. */
  readonly height: number;
  readonly formats: readonly { readonly type: Format; readonly effort?: number }[];
}

/** Median sizes of the original images. */
export interface Originals {
  /** Median size in megapixels. */
  readonly megapixels: number;
  /** Median size in bytes. */
  readonly bytes: number;
}

/**
 * Default thumbnails of the construct. A test verifies that these values are equal to the defaults in the settings contract.
 */
export const DEFAULT_THUMBNAILS: readonly ThumbnailSize[] = [
  { fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] },
  { fit: 'cover', width: 320, height: 320, formats: [{ type: 'webp' }] },
  { fit: 'inside', width: 1600, height: 1600, formats: [{ type: 'webp' }] },
];

/** Resources that one image needs. */
export interface ImageWork {
  /** CPU time in seconds on one x86 vCPU. */
  readonly cpuSeconds: Range;
  /** Waiting time for S3 in seconds. */
  readonly waitSeconds: number;
  readonly s3Puts: number;
  readonly s3Lists: number;
  readonly s3Gets: number;
  /** Total size of all thumbnails and the manifest of an image, in bytes. */
  readonly storedBytes: number;
}

/**
 * CPU time of decoding in milliseconds: a constant and a value per megapixel. The value per megapixel is small, because the
 * engine decodes JPEG sources at a reduced scale.
 *
 * Both are calculated from docs/explanation/performance.md:
 *
 * - Engine: 30.3 to 31.2 ms before encoding, for photos with an average of 10 megapixels
 * - Growth: the increase from 12 to 50 megapixels for one photo
 */
const DECODE = { constant: 15, perMegapixel: 1.6 } as const;

/**
 * CPU time of encoding in milliseconds per megapixel of output.
 *
 * - JPEG and WebP: the difference between one thumbnail of 640 × 480 pixels and three thumbnails with a total of 2.05
 *   megapixels in docs/explanation/performance.md, Engine.
 * - AVIF, PNG and GIF: the CPU time of WebP, multiplied by 4.7 to 5.0 for AVIF at effort 2, by 0.67 for PNG, and by 15 to 18 for
 *   GIF. These factors were measured with sharp 0.35.5 on four photos at 640 and 1600 pixels in November 2026.
 */
const ENCODE_MS_PER_MEGAPIXEL: Readonly<Record<Format, number>> = { jpeg: 22, webp: 91, avif: 455, png: 61, gif: 1500 };
/**
 * CPU time of WebP at effort 2 or less, relative to effort 4. The measured times are 78 ms at effort 2 and 168 ms at effort 4
 * (docs/explanation/performance.md, Experiments).
 */
const LOW_EFFORT = 78 / 168;

/**
 * Size of a JPEG thumbnail at quality 80 in bytes, as a power function of the megapixels. The function fits the measured sizes
 * of 16.1, 53.3 and 259.5 kB at widths of 320, 640 and 1600 pixels (docs/explanation/performance.md, Quality settings).
 */
const JPEG_BYTES = { factor: 147_700, exponent: 0.8636 } as const;
/**
 * Ratio of the file size of a thumbnail in each format to its file size in JPEG. The values for WebP and AVIF are from
 * docs/explanation/performance.md. The values for PNG and GIF were measured together with {@link ENCODE_MS_PER_MEGAPIXEL}.
 */
const RELATIVE_BYTES: Readonly<Record<Format, number>> = { jpeg: 1, webp: 0.7, avif: 0.6, png: 15, gif: 5 };
const MANIFEST_BYTES = 2000;

/** Wait time for S3 per image in seconds (docs/explanation/performance.md, Memory of Lambda functions and Fargate tasks). */
const WAIT_SECONDS = 0.06;
/** Aspect ratio of a photo. */
const ASPECT = 4 / 3;

/** Returns the CPU time, requests and bytes that one image needs. */
export function imageWork(thumbnails: readonly ThumbnailSize[], { megapixels }: Originals): ImageWork {
  let milliseconds = DECODE.constant + DECODE.perMegapixel * megapixels;
  let storedBytes = MANIFEST_BYTES;
  let files = 0;
  for (const thumbnail of thumbnails) {
    const output = outputMegapixels(thumbnail, megapixels);
    for (const { type, effort } of thumbnail.formats) {
      const factor = type === 'webp' && effort !== undefined && effort <= 2 ? LOW_EFFORT : 1;
      milliseconds += ENCODE_MS_PER_MEGAPIXEL[type] * factor * output;
      storedBytes += RELATIVE_BYTES[type] * JPEG_BYTES.factor * output ** JPEG_BYTES.exponent;
      files += 1;
    }
  }
  return {
    cpuSeconds: expectedRange(milliseconds / 1000),
    waitSeconds: WAIT_SECONDS,
    // A test verifies that the runtime sends this number of requests.
    s3Puts: files + 1,
    s3Lists: 1,
    s3Gets: 3,
    storedBytes,
  };
}

/** Returns the megapixels of a thumbnail. No thumbnail is larger than its source. */
function outputMegapixels({ fit = 'inside', width, height }: ThumbnailSize, megapixels: number): number {
  const sourceHeight = Math.sqrt((megapixels * 1e6) / ASPECT);
  const sourceWidth = sourceHeight * ASPECT;
  if (fit === 'inside') {
    const scale = Math.min(width / sourceWidth, height / sourceHeight, 1);
    return (sourceWidth * scale * sourceHeight * scale) / 1e6;
  }
  return (Math.min(width, sourceWidth) * Math.min(height, sourceHeight)) / 1e6;
}
