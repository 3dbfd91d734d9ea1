import type { Limits } from '../contract';
import { turned } from './pixels/geometry';
import { ImageRejection } from './rejection';
import type { Probe } from './types';

/** Longest side of a source in pixels: JPEG's own limit. A strip one pixel high and a million wide is no picture but a trap for decoders. */
export const MAX_SOURCE_SIDE = 65_535;

/**
 * Largest row of a source in bytes. Decoders and resizers hold some hundred rows at once, so a wide row costs memory
 * that its pixels alone do not tell: 65,535 × 762 pixels of 8 bytes took 527 MB where 7071 × 7071 took 180 MB.
 * All that fit into a side of {@link MAX_SOURCE_SIDE} pass with up to 4 bytes a pixel.
 */
export const MAX_ROW_BYTES = 4 * MAX_SOURCE_SIDE;

/**
 * Size of the largest SVG in bytes. Drawing one cannot be stopped and its cost not be told before: a megabyte of text took
 * 1.3 GB. A small file can be as bad, with more effort; SVG is for senders who are trusted.
 */
export const MAX_SVG_BYTES = 256 * 1024;

/** What decoding costs besides the number of pixels. */
export interface DecodingCost {
  /** Bytes of a pixel as the file has it: channels times the bytes of each. */
  readonly bytesPerPixel: number;
  /**
   * How often each pixel counts against `maxProgressivePixels` because the decoder holds the picture whole; 0 when it
   * gives row after row.
   */
  readonly heldWhole: number;
}

/**
 * {@link DecodingCost.heldWhole} of what is held whole, by measured memory: 36 MP took 391 MB as a progressive CMYK JPEG,
 * 407 MB as an interlaced 16-bit PNG; 35 MP took 443 MB as a HEIC in one piece, and 20 MP 334 MB with 10 bits a channel;
 * 24 MP took 513 MB as an AVIF, and 12 MP 360 MB with 10 bits. HEIC in tiles, as phones write it, is decoded tile by tile.
 */
export const HELD_WHOLE = { progressive: 1, heic: 1, deepHeic: 1.25, avif: 1.8, deepAvif: 2.5 } as const;

/** @throws {ImageRejection} `empty`, `too-many-bytes` */
export function checkBytes(bytes: number, limits: Pick<Limits, 'maxFileSizeBytes'>): void {
  if (bytes === 0) {
    throw new ImageRejection('empty-file', 'the image is empty: it has no bytes');
  }
  if (bytes > limits.maxFileSizeBytes) {
    const message = `the image has ${bytes} bytes, more than the ${limits.maxFileSizeBytes} that are allowed (maxBytes)`;
    throw new ImageRejection('file-too-large', message);
  }
}

/** @throws {ImageRejection} `too-many-pixels` */
export function checkPixels(probe: Probe, cost: DecodingCost, limits: Limits): void {
  const { width, height } = probe;
  const size = `the image has ${width} × ${height} pixels`;
  if (
    Math.max(width, height) > MAX_SOURCE_SIDE ||
    turned(probe, probe.orientation).width * cost.bytesPerPixel > MAX_ROW_BYTES
  ) {
    const message = `${size}, a side longer than any that is allowed (${MAX_SOURCE_SIDE}, or ${MAX_ROW_BYTES} bytes a row)`;
    throw new ImageRejection('too-many-pixels', message);
  }
  const pixels = width * height;
  refuse(pixels, limits.maxPixels, `${size}, ${pixels} in all`, 'maxPixels');
  if (cost.heldWhole > 0) {
    const allowed = Math.floor(limits.maxProgressivePixels / cost.heldWhole);
    refuse(pixels, allowed, `${size}, ${pixels} in all, and must be held in memory whole`, 'maxProgressivePixels');
  }
}

/**
 * For sources whose movement is kept.
 * @throws {ImageRejection} `too-many-pixels`, `too-many-frames`
 */
export function checkAnimation({ width, height, frames }: Probe, limits: Limits): void {
  const pixels = width * height * frames;
  const all = `the image has ${frames} frames of ${width} × ${height} pixels, ${pixels} in all`;
  refuse(pixels, limits.maxAnimationPixels, all, 'maxAnimationPixels');
  if (frames > limits.maxFrames) {
    const message = `the image has ${frames} frames, more than the ${limits.maxFrames} that are allowed (maxFrames)`;
    throw new ImageRejection('too-many-frames', message);
  }
}

function refuse(pixels: number, allowed: number, what: string, limit: keyof Limits): void {
  if (pixels > allowed) {
    throw new ImageRejection('too-many-pixels', `${what}, more than the ${allowed} that are allowed (${limit})`);
  }
}
