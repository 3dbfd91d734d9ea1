import type { CreateRaw, Sharp } from 'sharp';
import { sharp } from '../libvips';
import type { Size } from './geometry';

/** Decoded pixels: upright, sRGB, 8 bits a channel, rows without space between them, one frame below the other. */
export interface Pixels extends Size {
  /** Height of one frame. */
  readonly height: number;
  readonly frames: number;
  /** Three, or four with opacity (not premultiplied). */
  readonly channels: 3 | 4;
  readonly data: Buffer;
}

/** Starts a pipeline from decoded pixels. */
export function pipelineOf(picture: Pixels): Sharp {
  const { width, height, frames, channels, data } = picture;
  const raw: CreateRaw = { width, height: height * frames, channels };
  return sharp(data, {
    raw: frames > 1 ? { ...raw, pageHeight: height } : raw,
    // Without this the frames are taken for one tall picture.
    animated: frames > 1,
    // The limits were held against the source; what was decoded from it is no larger.
    limitInputPixels: false,
  });
}

/** Runs a pipeline to decoded pixels. */
export async function toPixels(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, channels, pageHeight: height = info.height } = info;
  if (channels !== 3 && channels !== 4) {
    throw new TypeError(`decoded pixels have ${channels} channels, not 3 or 4`);
  }
  return { width, height, frames: info.height / height, channels, data };
}

/** The first frame, without a copy. */
export function firstFrame(picture: Pixels): Pixels {
  const length = picture.width * picture.height * picture.channels;
  return { ...picture, frames: 1, data: picture.data.subarray(0, length) };
}
