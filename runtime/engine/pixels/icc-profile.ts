import { sharp } from '../libvips';
import { toPixels, type Pixels } from './pixels';

const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;
/** Bytes of an entry in a TIFF directory. */
const ENTRY = 12;

/**
 * Brings pixels that are meant in the colours of an ICC profile to sRGB. libvips does it, but sharp takes no profile
 * beside raw pixels; so they are handed over as an uncompressed TIFF, which is a short header before the same bytes.
 * A profile that is broken, or is not one for these channels, leaves the pixels as they are, as in the other formats.
 */
export function toSrgb(picture: Pixels, profile: Uint8Array): Promise<Pixels> {
  return toPixels(sharp(asTiff(picture, profile), { limitInputPixels: false, failOn: 'error' }));
}

/** The ICC profile of Display P3, for files that name these colours by number. */
export async function displayP3(): Promise<Uint8Array> {
  const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: 'black' } });
  const { icc } = await sharp(await pixel.withIccProfile('p3').png().toBuffer()).metadata();
  if (icc === undefined) {
    throw new TypeError('sharp wrote no profile for Display P3');
  }
  return icc;
}

/** Baseline TIFF 6.0, little endian, one strip; the profile as in ICC.1:2022, annex B.4. */
function asTiff({ width, height, channels, data }: Pixels, profile: Uint8Array): Buffer {
  const entries = (profileAt: number, depthsAt: number, dataAt: number): [number, number, number, number][] => [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, channels, depthsAt],
    [259, SHORT, 1, 1], // not compressed
    [262, SHORT, 1, 2], // RGB
    [273, LONG, 1, dataAt],
    [277, SHORT, 1, channels],
    [278, LONG, 1, height],
    [279, LONG, 1, data.length],
    [284, SHORT, 1, 1], // channels side by side
    ...(channels === 4 ? [[338, SHORT, 1, 2] satisfies [number, number, number, number]] : []), // opacity, not premultiplied
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
    // A value shorter than its field stands at the field's start, which little endian makes the same.
    head.writeUInt32LE(value, at + 8);
  });
  for (let channel = 0; channel < channels; channel++) {
    head.writeUInt16LE(8, depthsAt + channel * 2);
  }
  head.set(profile, profileAt);
  return Buffer.concat([head, data]);
}
