import type { Limits } from '../contract';
import { orientedSize } from './pixels/geometry';
import { ImageRejection } from './rejection';
import type { Probe } from './types';

/** Longest side of a source in pixels, which is the limit of JPEG. Decoders need unbounded memory for longer rows. */
export const MAX_SOURCE_SIDE = 65_535;

/**
 * Longest row of a source in bytes. Decoders and resizers hold several hundred rows at once, so wide images need more
 * memory than square ones with the same number of pixels: 65,535 × 762 pixels of 8 bytes took 527 MB, 7071 × 7071 took
 * 180 MB. Every width up to {@link MAX_SOURCE_SIDE} is within the limit with up to 4 bytes per pixel.
 */
export const MAX_ROW_BYTES = 4 * MAX_SOURCE_SIDE;

/**
 * Size of the largest SVG in bytes. Rendering an SVG cannot be cancelled, and its cost is unknown beforehand: 1 MB of text
 * took 1.3 GB of memory. Smaller files can be as expensive, so enable SVG for trusted senders only.
 */
export const MAX_SVG_BYTES = 256 * 1024;

/**
 * Size of the largest HEIC in bytes per pixel of `maxPixels`: 15 MB by default. The CPU time of the decoder depends on pixels
 * and bytes: 46 MP without detail in 1 MB took 3 s, 48 MP of noise in 14.6 MB took 9.8 s, and in 21 MB 13 s. It also holds
 * three copies of the file. Phones write 48 MP in 3 to 12 MB.
 */
const HEIC_BYTES_PER_PIXEL = 0.3;
/** Size in bytes up to which a HEIC is accepted with every `maxPixels`. */
const MIN_HEIC_BYTES = 15_000_000;

/** Properties of a source that determine the memory of its decoder beside the number of pixels. */
export interface DecodingCost {
  /** Bytes per pixel in the file: channels × bytes per sample. */
  readonly bytesPerPixel: number;
  /**
   * Weight of each pixel in the comparison with `maxProgressivePixels`; 0 for decoders that return the image row by
   * row.
   */
  readonly heldWhole: number;
}

/**
/**
 * Factors by the chroma format of a HEIC, with or without tiles. They multiply the weight in `HELD_WHOLE` and limit the
 * CPU time: 36 MP took 19 s with 4:4:4, and 28 MP took 12 s and 605 MiB with 4:4:4 and 10 bits. Phones write 4:2:0.
 */
export const CHROMA_COST = { '4:2:2': 1.5, '4:4:4': 2 } as const;

/**
 * Checks the size of a file.
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
 * Checks the size of a HEIC.
 *
 * @throws ImageRejection with code `file-too-large` if the file is larger than its decoder can read at reasonable cost
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
