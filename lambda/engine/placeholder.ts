import { rgbaToThumbHash } from 'thumbhash';
import { DEFAULT_BACKGROUND } from '../contract';
import { formatColor } from './color';
import { scaled } from './geometry';
import type { Picture } from './picture';

/** Longest side of what a placeholder is made from: a ThumbHash keeps at most seven waves across, and takes up to 100 pixels. */
export const PLACEHOLDER_SIDE = 64;
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
export function placeholderOf(picture: Picture): Placeholder {
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
function shrink(picture: Picture): Small {
  const { width, height } = scaled(picture, Math.min(1, PLACEHOLDER_SIDE / Math.max(picture.width, picture.height)));
  const columns = sampleSpots(picture.width, width);
  const rows = sampleSpots(picture.height, height);
  const pixels = new Uint8ClampedArray(width * height * 4);
  const { data, channels } = picture;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [red, green, blue, opacity, count] = [0, 0, 0, 0, 0];
      for (let row = y * SAMPLES; row < (y + 1) * SAMPLES; row++) {
        const line = (rows[row] ?? 0) * picture.width;
        for (let column = x * SAMPLES; column < (x + 1) * SAMPLES; column++) {
          const at = (line + (columns[column] ?? 0)) * channels;
          const weight = channels === 4 ? (data[at + 3] ?? 0) : 255;
          red += (data[at] ?? 0) * weight;
          green += (data[at + 1] ?? 0) * weight;
          blue += (data[at + 2] ?? 0) * weight;
          opacity += weight;
          count++;
        }
      }
      if (opacity > 0)
        pixels.set([red / opacity, green / opacity, blue / opacity, opacity / count], (y * width + x) * 4);
    }
  }
  return { width, height, pixels };
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
    const [red = 0, green = 0, blue = 0, weight = 0] = pixels.subarray(at, at + 4);
    if (weight === 0) continue;
    const coarse = 8 - SHADE_BITS;
    const key = ((red >> coarse) << (2 * SHADE_BITS)) | ((green >> coarse) << SHADE_BITS) | (blue >> coarse);
    const shade = shades.get(key) ?? { weight: 0, red: 0, green: 0, blue: 0 };
    shade.weight += weight;
    shade.red += red * weight;
    shade.green += green * weight;
    shade.blue += blue * weight;
    shades.set(key, shade);
    if (shade.weight > most.weight) most = shade;
  }
  if (most.weight === 0) return DEFAULT_BACKGROUND;
  return formatColor({ r: most.red / most.weight, g: most.green / most.weight, b: most.blue / most.weight });
}
