import { rgbaToThumbHash } from 'thumbhash';
import { DEFAULT_BACKGROUND } from '../../contract';
import { formatColor } from './color';
import { scaled } from './geometry';
import type { Pixels } from './pixels';

/** Longest side of what a placeholder is made from: a ThumbHash keeps at most seven waves across, and its cost grows with the area. */
export const PLACEHOLDER_SIDE = 32;
/** Pixels that are looked at, across and down, for each pixel of that: more changes nothing that could be seen. */
const SAMPLES = 3;

/** Bits of a channel that tell whether two pixels are of the same colour: 16 shades each. */
const SHADE_BITS = 4;

/** What stands for a picture until it is loaded. */
export interface Placeholder {
  /** Base64: https://evanw.github.io/thumbhash/ */
  readonly thumbHash: string;
  /** `#rrggbb` */
  readonly dominantColor: string;
}

/** Makes the placeholder of a picture from pixels that are decoded already. */
export function placeholderOf(picture: Pixels): Placeholder {
  const { width, height, pixels } = shrink(picture);
  return {
    thumbHash: Buffer.from(rgbaToThumbHash(width, height, pixels)).toString('base64'),
    dominantColor: dominantColor(pixels),
  };
}

interface Small {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, opacity. */
  readonly pixels: Uint8ClampedArray;
}

/** Shrinks by averaging samples on a grid: a fraction of what a resize costs, on pixels that are smooth already. */
function shrink(picture: Pixels): Small {
  const { width, height } = scaled(picture, Math.min(1, PLACEHOLDER_SIDE / Math.max(picture.width, picture.height)));
  const columns = sampleSpots(picture.width, width);
  const rows = sampleSpots(picture.height, height);
  // Sums of the samples of each pixel: red, green and blue weighted by opacity, then opacity.
  const sums = new Float64Array(width * height * 4);
  const { data, channels } = picture;
  rows.forEach((row, down) => {
    const start = Math.floor(down / SAMPLES) * width;
    columns.forEach((column, across) => {
      const from = (row * picture.width + column) * channels;
      const to = (start + Math.floor(across / SAMPLES)) * 4;
      const opacity = channels === 4 ? (data[from + 3] ?? 0) : 255;
      add(sums, to, (data[from] ?? 0) * opacity);
      add(sums, to + 1, (data[from + 1] ?? 0) * opacity);
      add(sums, to + 2, (data[from + 2] ?? 0) * opacity);
      add(sums, to + 3, opacity);
    });
  });
  const pixels = new Uint8ClampedArray(sums.length);
  for (let at = 0; at < sums.length; at += 4) {
    const opacity = sums[at + 3] ?? 0;
    if (opacity === 0) {
      continue;
    }
    for (let channel = at; channel < at + 3; channel++) {
      pixels[channel] = (sums[channel] ?? 0) / opacity;
    }
    pixels[at + 3] = opacity / SAMPLES ** 2;
  }
  return { width, height, pixels };
}

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] ?? 0) + value;
}

/** Evenly spread places along a side, {@link SAMPLES} for each pixel of the smaller side. */
function sampleSpots(from: number, to: number): Uint32Array {
  const spots = new Uint32Array(to * SAMPLES);
  return spots.map((_, index) => Math.floor(((index + 0.5) * from) / spots.length));
}

/** The mean of the pixels of the commonest shade; what cannot be seen does not count. */
function dominantColor(pixels: Uint8ClampedArray): string {
  const shades = new Map<number, { weight: number; red: number; green: number; blue: number }>();
  let most = { weight: 0, red: 0, green: 0, blue: 0 };
  for (let at = 0; at < pixels.length; at += 4) {
    const weight = pixels[at + 3] ?? 0;
    if (weight === 0) {
      continue;
    }
    const [red, green, blue] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
    const coarse = 8 - SHADE_BITS;
    const key = ((red >> coarse) << (2 * SHADE_BITS)) | ((green >> coarse) << SHADE_BITS) | (blue >> coarse);
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
