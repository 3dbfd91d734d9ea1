import { MARKERS, readFrame, segmentsOf } from './jpeg-segments';

/** What a JPEG says of itself before its first pixel. */
export interface JpegHeader {
  /** As it is stored. */
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number;
}

/** Longest side that libjpeg takes. */
const MAX_SIDE = 65_500;
/** What an EXIF segment starts with, and how many bytes of it are before the TIFF that it holds. */
const EXIF = 'Exif\0\0';
/** TIFF 6.0, section 2: bytes of an entry of a directory; the tag of the orientation; the type of a number of two bytes. */
const ENTRY = 12;
const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * Reads the header of a JPEG as cameras write it: sequential, in one scan, grey or in three colours. libvips would make
 * texts of all that EXIF holds, twice: a hundredth of the CPU of a photo (docs/performance.md).
 *
 * @returns undefined for any other, and where something is odd: what to make of that is for libvips to say
 */
export function readJpegHeader(jpeg: Buffer): JpegHeader | undefined {
  let size: Omit<JpegHeader, 'orientation'> | undefined;
  let orientation: number | undefined;
  for (const { marker, content } of segmentsOf(jpeg)) {
    if (marker === MARKERS.baseline || marker === MARKERS.extended) {
      if (size) {
        return undefined;
      }
      size = sizeOf(content);
      if (!size) {
        return undefined;
      }
    } else if (marker === MARKERS.exif && content.toString('latin1', 0, 4) === 'Exif') {
      // libvips takes one of several.
      if (orientation !== undefined) {
        return undefined;
      }
      orientation = readOrientation(content);
      if (orientation === undefined) {
        return undefined;
      }
    } else if (marker === MARKERS.startOfScan) {
      // A scan of some of the colours is the first of several.
      return size && content[0] === size.channels ? { ...size, orientation: orientation ?? 1 } : undefined;
    }
  }
  return undefined;
}

function sizeOf(content: Buffer): Omit<JpegHeader, 'orientation'> | undefined {
  const frame = readFrame(content);
  if (!frame || frame.precision !== 8 || content.length !== 6 + 3 * frame.components.length) {
    return undefined;
  }
  const { width, height } = frame;
  const channels = frame.components.length;
  if ((channels !== 1 && channels !== 3) || Math.max(width, height) > MAX_SIDE) {
    return undefined;
  }
  return { width, height, channels };
}

/** The orientation in an EXIF segment, 1 when it has none; undefined where libexif might see it otherwise. */
function readOrientation(exif: Buffer): number | undefined {
  const tiff = exif.subarray(EXIF.length);
  if (exif.toString('latin1', 0, EXIF.length) !== EXIF || tiff.length < 8) {
    return undefined;
  }
  const order = tiff.toString('latin1', 0, 4);
  if (order !== 'II*\0' && order !== 'MM\0*') {
    return undefined;
  }
  const [u16, u32] =
    order === 'II*\0'
      ? [(at: number) => tiff.readUInt16LE(at), (at: number) => tiff.readUInt32LE(at)]
      : [(at: number) => tiff.readUInt16BE(at), (at: number) => tiff.readUInt32BE(at)];
  const directory = u32(4);
  if (directory < 8 || directory + 2 > tiff.length) {
    return undefined;
  }
  const end = directory + 2 + u16(directory) * ENTRY;
  if (end > tiff.length) {
    return undefined;
  }
  let orientation: number | undefined;
  for (let at = directory + 2; at < end; at += ENTRY) {
    if (u16(at) !== ORIENTATION) {
      continue;
    }
    const value = u16(at + 8);
    const isUsual = u16(at + 2) === SHORT && u32(at + 4) === 1 && value >= 1 && value <= 8;
    if (!isUsual || orientation !== undefined) {
      return undefined;
    }
    orientation = value;
  }
  return orientation ?? 1;
}
