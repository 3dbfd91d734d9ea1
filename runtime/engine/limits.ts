import type { Limits } from '../contract';
import { orientedSize } from './pixels/geometry';
import { ImageRejection } from './rejection';
import type { Probe } from './types';

/** Maximum side of a source in pixels. JPEG has the same maximum. Without a maximum, the memory for a row is unlimited. */
export const MAX_SOURCE_SIDE = 65_535;

/**
 * Maximum length of a row of a source in bytes. Decoders and resizers keep several hundred rows in memory. Therefore, wide
 * images require more memory than square images with the same number of pixels. Measured peak memory with 8 bytes per pixel:
 * - 65,535 × 762 pixels: 527 MB
 * - 7071 × 7071 pixels: 180 MB
 *
 * With up to 4 bytes per pixel, every width up to {@link MAX_SOURCE_SIDE} is within the limit.
 */
export const MAX_ROW_BYTES = 4 * MAX_SOURCE_SIDE;

/**
 * Maximum size of an SVG in bytes. An SVG with 1 MB of text required 1.3 GB of memory. Smaller files can require as much, and
 * the engine can neither estimate the memory nor cancel the rendering. Therefore, enable SVG only for trusted uploaders.
 */
export const MAX_SVG_BYTES = 256 * 1024;

/**
 * Maximum size of a HEIC in bytes per pixel of `maxPixels`: 15 MB with the default of `maxPixels`. Phones write photos of 48 MP
 * as files of 3 to 12 MB.
 *
 * Both the memory and the CPU time of the decoder increase with the file size. For example, 46 MP without detail (1 MB) took
 * 3 s of CPU time, and 48 MP of noise (21 MB) took 13 s.
 */
const HEIC_BYTES_PER_PIXEL = 0.3;
/** Size in bytes that is allowed for every HEIC, even with a low `maxPixels`. */
const MIN_HEIC_BYTES = 15_000_000;

/** Properties of a source that determine the memory of its decoder, in addition to the number of pixels. */
export interface DecodingCost {
  /** Bytes per pixel in the file: channels × bytes per sample. */
  readonly bytesPerPixel: number;
  /**
   * Factor for the number of pixels. The number of pixels times the factor must not exceed `maxProgressivePixels`. The factor
   * is 0 for decoders that return the image row by row.
   */
  readonly heldWhole: number;
}

/**
 * Factors by the chroma format of a HEIC, with or without tiles. The engine multiplies the factor in `HELD_WHOLE` by this
 * factor to limit the CPU time. Phones write 4:2:0, which has no factor here.
 */
export const CHROMA_COST = { '4:2:2': 1.5, '4:4:4': 2 } as const;

/**
 * Checks the size of a source in bytes.
 *
 * @throws ImageRejection with code `empty-file` or `file-too-large` if the size is out of range
 */
export function checkBytes(bytes: number, limits: Pick<Limits, 'maxFileSizeBytes'>): void {
  if (bytes === 0) {
    throw new ImageRejection('empty-file', 'the file is empty');
  }
  if (bytes > limits.maxFileSizeBytes) {
    throw new ImageRejection(
      'file-too-large',
      `the file has ${bytes} bytes; at most ${limits.maxFileSizeBytes} are allowed (maxFileSizeBytes)`,
    );
  }
}

/**
 * Checks the size of a HEIC in bytes.
 *
 * @throws ImageRejection with code `file-too-large` if the size exceeds {@link MIN_HEIC_BYTES} and
 *   {@link HEIC_BYTES_PER_PIXEL} × `maxPixels`
 */
export function checkHeicBytes(bytes: number, { maxPixels }: Pick<Limits, 'maxPixels'>): void {
  const allowed = Math.max(MIN_HEIC_BYTES, Math.floor(HEIC_BYTES_PER_PIXEL * maxPixels));
  if (bytes > allowed) {
    const message = `the HEIC has ${bytes} bytes; at most ${allowed} are allowed (${HEIC_BYTES_PER_PIXEL} bytes per pixel of maxPixels)`;
    throw new ImageRejection('file-too-large', message);
  }
}

/**
 * Checks the dimensions of an image.
 *
 * @throws ImageRejection with code `too-many-pixels` if a side, a row or the number of pixels exceeds its limit
 */
export function checkPixels(probe: Probe, cost: DecodingCost, limits: Limits): void {
  const { width, height } = probe;
  const size = `the image has ${width} × ${height} pixels`;
  if (
    Math.max(width, height) > MAX_SOURCE_SIDE ||
    orientedSize(probe, probe.orientation).width * cost.bytesPerPixel > MAX_ROW_BYTES
  ) {
    const message = `${size}; a side has at most ${MAX_SOURCE_SIDE} pixels and a row at most ${MAX_ROW_BYTES} bytes`;
    throw new ImageRejection('too-many-pixels', message);
  }
  const pixels = width * height;
  checkCount(pixels, limits.maxPixels, size, 'maxPixels');
  if (cost.heldWhole > 0) {
    const allowed = Math.floor(limits.maxProgressivePixels / cost.heldWhole);
    checkCount(pixels, allowed, `${size}, which its decoder holds in memory at once`, 'maxProgressivePixels');
  }
}

/**
 * Checks the dimensions of a source with an animated thumbnail.
 *
 * @throws ImageRejection with code `too-many-pixels` or `too-many-frames` if the animation exceeds a limit
 */
export function checkAnimation({ width, height, frames }: Probe, limits: Limits): void {
  const size = `the image has ${frames} frames of ${width} × ${height} pixels`;
  checkCount(width * height * frames, limits.maxAnimationPixels, size, 'maxAnimationPixels');
  if (frames > limits.maxFrames) {
    const message = `the image has ${frames} frames; at most ${limits.maxFrames} are allowed (maxFrames)`;
    throw new ImageRejection('too-many-frames', message);
  }
}

function checkCount(pixels: number, allowed: number, size: string, limit: keyof Limits): void {
  if (pixels > allowed) {
    const message = `${size}, ${pixels} in total; at most ${allowed} are allowed (${limit})`;
    throw new ImageRejection('too-many-pixels', message);
  }
}
