import type { Sharp } from 'sharp';
import { sharp } from '../libvips';
import { toPixels, type Pixels } from './pixels';

const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;
/** Size of an entry in a TIFF directory in bytes. */
const ENTRY = 12;

/** Image with uncompressed samples. The samples of each pixel are interleaved. */
interface RawImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  /** Number of bits per sample. Samples of 16 bits are little-endian. */
  readonly bits: 8 | 16;
  readonly data: Buffer;
}

/**
 * Runs a sharp pipeline and converts the resulting pixels from the colours of an ICC profile to sRGB.
 *
 * libvips converts the colours. sharp accepts no profile for raw pixels. Therefore, the function passes the pixels to sharp as
 * an uncompressed TIFF with the profile. If the profile is invalid, libvips returns the pixels unchanged.
 *
 * @param deep whether the samples of the pipeline have 16 bits
 */
export async function convertToSrgb(pipeline: Sharp, profile: Uint8Array, deep: boolean): Promise<Pixels> {
  const raw = deep
    ? pipeline.toColourspace('rgb16').raw({ depth: 'ushort' })
    : pipeline.toColourspace('srgb').raw({ depth: 'uchar' });
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const channels = info.channels === 4 ? 4 : 3;
  return toSrgb({ width, height, channels, bits: deep ? 16 : 8, data }, profile);
}

/** Converts decoded pixels from the colours of an ICC profile to sRGB, like {@link convertToSrgb}. */
export function pixelsToSrgb(pixels: Pixels, profile: Uint8Array): Promise<Pixels> {
  return toSrgb({ ...pixels, bits: 8 }, profile);
}

function toSrgb(image: RawImage, profile: Uint8Array): Promise<Pixels> {
  const source = sharp(asTiff(image, profile), { limitInputPixels: false, failOn: 'error' });
  // Without this call, sharp converts 16-bit images with an ICC profile to Display P3 instead of sRGB.
  return toPixels(image.bits === 16 ? source.withIccProfile('srgb', { attach: false }) : source);
}

/** Returns a baseline TIFF 6.0 with one strip and an ICC profile. ICC.1:2022, annex B.4, defines the tag of the profile. */
function asTiff({ width, height, channels, bits, data }: RawImage, profile: Uint8Array): Buffer {
  const entries = (profileAt: number, depthsAt: number, dataAt: number): [number, number, number, number][] => [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, channels, depthsAt],
    [259, SHORT, 1, 1], // no compression
    [262, SHORT, 1, 2], // RGB
    [273, LONG, 1, dataAt],
    [277, SHORT, 1, channels],
    [278, LONG, 1, height],
    [279, LONG, 1, data.length],
    [284, SHORT, 1, 1], // interleaved channels
    ...(channels === 4 ? [[338, SHORT, 1, 2] satisfies [number, number, number, number]] : []), // unassociated alpha
    [34675, UNDEFINED, profile.length, profileAt],
  ];
  const count = entries(0, 0, 0).length;
  const depthsAt = 8 + 2 + count * ENTRY + 4;
  const profileAt = depthsAt + channels * 2;
  const dataAt = profileAt + profile.length;

  const head = Buffer.alloc(dataAt);
  head.write('II');
  head.writeUInt16LE(42, 2);
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(count, 8);
  entries(profileAt, depthsAt, dataAt).forEach(([tag, type, length, value], index) => {
    const at = 10 + index * ENTRY;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(length, at + 4);
    // TIFF left-justifies a SHORT in the 4-byte value field. A little-endian 32-bit integer has the same bytes.
    head.writeUInt32LE(value, at + 8);
  });
  for (let channel = 0; channel < channels; channel++) {
    head.writeUInt16LE(bits, depthsAt + channel * 2);
  }
  head.set(profile, profileAt);
  return Buffer.concat([head, data]);
}
