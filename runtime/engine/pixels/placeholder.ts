import { rgbaToThumbHash } from 'thumbhash';
import { DEFAULT_BACKGROUND } from '../../contract';
import { formatColor } from './color';
import { scaled } from './geometry';
import type { Pixels } from './pixels';

/**
 * Maximum side in pixels of the reduced image for the calculation of a placeholder. A larger image would not improve a
 * ThumbHash, because a ThumbHash has at most seven components per axis.
 */
export const PLACEHOLDER_SIDE = 32;
/** Number of samples per pixel of the reduced image on each axis. More samples make no visible difference. */
const SAMPLES = 3;
/** Number of the most significant bits per channel that identify a shade. Four bits result in 16 shades per channel. */
const SHADE_BITS = 4;

/** Data from which clients show a placeholder while the image loads. */
export interface Placeholder {
  /** ThumbHash in base64. @see https://evanw.github.io/thumbhash/ */
  readonly thumbHash: string;
  /** Most frequent colour of the image as `#rrggbb`. */
  readonly dominantColor: string;
}

/** Computes the placeholder of an image. */
export function placeholderOf(image: Pixels): Placeholder {
  const { width, height, rgba } = shrink(image);
  return {
    thumbHash: Buffer.from(rgbaToThumbHash(width, height, rgba)).toString('base64'),
    dominantColor: dominantColorOf(rgba),
  };
}

interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

/**
 * Shrinks an image by averaging samples on a grid. This method requires less CPU time than a resize. The result is precise
 * enough for a placeholder.
 */
function shrink(image: Pixels): RgbaImage {
  const { width, height } = scaled(image, Math.min(1, PLACEHOLDER_SIDE / Math.max(image.width, image.height)));
  const columns = samplePositions(image.width, width);
  const rows = samplePositions(image.height, height);
  // Each pixel has four sums: red, green and blue multiplied by alpha, and alpha.
  const sums = new Float64Array(width * height * 4);
  const { data, channels } = image;
  rows.forEach((row, rowIndex) => {
    const start = Math.floor(rowIndex / SAMPLES) * width;
    columns.forEach((column, columnIndex) => {
      const from = (row * image.width + column) * channels;
      const to = (start + Math.floor(columnIndex / SAMPLES)) * 4;
      const alpha = channels === 4 ? (data[from + 3] ?? 0) : 255;
      add(sums, to, (data[from] ?? 0) * alpha);
      add(sums, to + 1, (data[from + 1] ?? 0) * alpha);
      add(sums, to + 2, (data[from + 2] ?? 0) * alpha);
      add(sums, to + 3, alpha);
    });
  });
  const rgba = new Uint8ClampedArray(sums.length);
  for (let at = 0; at < sums.length; at += 4) {
    const alpha = sums[at + 3] ?? 0;
    if (alpha === 0) {
      continue;
    }
    for (let channel = at; channel < at + 3; channel++) {
      rgba[channel] = (sums[channel] ?? 0) / alpha;
    }
    rgba[at + 3] = alpha / SAMPLES ** 2;
  }
  return { width, height, rgba };
}

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] ?? 0) + value;
}

/** Returns evenly spaced positions along a side of the image: {@link SAMPLES} positions per pixel of the reduced image. */
function samplePositions(from: number, to: number): Uint32Array {
  const positions = new Uint32Array(to * SAMPLES);
  return positions.map((_, index) => Math.floor(((index + 0.5) * from) / positions.length));
}

/** Returns the mean colour of the most frequent shade. The alpha of a pixel is its weight in the mean. */
function dominantColorOf(rgba: Uint8ClampedArray): string {
  const shades = new Map<number, { weight: number; red: number; green: number; blue: number }>();
  let most = { weight: 0, red: 0, green: 0, blue: 0 };
  for (let at = 0; at < rgba.length; at += 4) {
    const weight = rgba[at + 3] ?? 0;
    if (weight === 0) {
      continue;
    }
    const [red, green, blue] = [rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0];
    const shift = 8 - SHADE_BITS;
    const key = ((red >> shift) << (2 * SHADE_BITS)) | ((green >> shift) << SHADE_BITS) | (blue >> shift);
    const shade = shades.get(key) ?? { weight: 0, red: 0, green: 0, blue: 0 };
    shade.weight += weight;
    shade.red += red * weight;
    shade.green += green * weight;
    shade.blue += blue * weight;
    shades.set(key, shade);
    if (shade.weight > most.weight) {
      most = shade;
    }
  }
  if (most.weight === 0) {
    return DEFAULT_BACKGROUND;
  }
  return formatColor({ r: most.red / most.weight, g: most.green / most.weight, b: most.blue / most.weight });
}
