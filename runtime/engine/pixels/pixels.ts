import type { CreateRaw, Sharp } from 'sharp';
import { sharp } from '../libvips';
import { ImageRejection } from '../rejection';
import type { Size } from './geometry';

/**
 * Pixels of a decoded image. The image is upright and in sRGB with 8 bits per channel. The channels of each pixel are
 * interleaved. Rows have no padding. The frames of an animation follow one another.
 */
export interface Pixels extends Size {
  /** Height of one frame in pixels. */
  readonly height: number;
  readonly frames: number;
  /** Number of channels: 3 for RGB, or 4 for RGB with unassociated alpha. */
  readonly channels: 3 | 4;
  readonly data: Buffer;
}

/** Returns a sharp pipeline that starts with decoded pixels. */
export function pipelineOf(pixels: Pixels): Sharp {
  const { width, height, frames, channels, data } = pixels;
  const raw: CreateRaw = { width, height: height * frames, channels };
  return sharp(data, {
    raw: frames > 1 ? { ...raw, pageHeight: height } : raw,
    // Without this option, sharp treats all frames together as one tall image.
    animated: frames > 1,
    // No limit is necessary here, because the engine has already checked the size of the source.
    limitInputPixels: false,
  });
}

/**
 * Runs a sharp pipeline and returns the resulting pixels.
 *
 * @throws ImageRejection with code `unsupported-format` if the pixels are neither RGB nor RGB with alpha
 */
export async function toPixels(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, channels, pageHeight: height = info.height } = info;
  if (channels !== 3 && channels !== 4) {
    throw new ImageRejection('unsupported-format', `the image has ${channels} channels; expected 3 or 4`);
  }
  return { width, height, frames: info.height / height, channels, data };
}

/**
 * Runs a sharp pipeline with 16-bit grey samples, and returns 8-bit sRGB pixels.
 *
 * @param table 8-bit sRGB value of each 16-bit sample. The index is the sample.
 */
export async function greyToPixels(pipeline: Sharp, table: Uint8Array): Promise<Pixels> {
  const { data, info } = await pipeline
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const samples = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  const hasAlpha = info.channels === 2;
  const channels = hasAlpha ? 4 : 3;
  const pixels = Buffer.alloc(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    pixels.fill(table[samples[pixel * info.channels]!]!, pixel * channels, pixel * channels + 3);
    if (hasAlpha) {
      pixels[pixel * channels + 3] = samples[pixel * 2 + 1]! >> 8;
    }
  }
  return { width, height, frames: 1, channels, data: pixels };
}

/** Returns the first frame of an image. The result shares memory with the image. */
export function firstFrame(pixels: Pixels): Pixels {
  const length = pixels.width * pixels.height * pixels.channels;
  return { ...pixels, frames: 1, data: pixels.data.subarray(0, length) };
}
