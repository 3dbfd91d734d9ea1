import { isSequenceOnly } from '../heif/decoder-input';
import { ImageRejection } from '../rejection';
import { TIFF_TAGS, TiffReader, type TiffDirectory } from '../tiff/tiff-directories';
import type { SourceFormat } from '../types';

/**
 * Second bytes of the frame headers that libvips decodes correctly: baseline, extended sequential and progressive DCT. The last
 * two values are for arithmetic coding.
 */
const JPEG_PROCESSES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2, 0xc9, 0xca]);
/** Maximum number of TIFF directories to check. Camera raw files have their main image in the first directories. */
const MAX_DIRECTORIES = 32;
/** Photometric interpretations in camera raw files: colour filter array and LinearRaw. @see DNG specification 1.7 */
const RAW_PHOTOMETRICS: ReadonlySet<number> = new Set([32_803, 34_892]);
const YCBCR = 6;
const OLD_JPEG = 6;
const PLANAR = 2;
const REDUCED_RESOLUTION = 1;

/**
 * Checks a file for features that libvips decodes to a wrong image.
 *
 * @throws ImageRejection with code `unsupported-format` if the file has such a feature
 */
export function checkFeatures(format: SourceFormat, bytes: Buffer): void {
  const feature =
    format === 'jpeg'
      ? unsupportedJpeg(bytes)
      : format === 'tiff'
        ? unsupportedTiff(bytes)
        : format === 'png' && bytes.toString('latin1', 12, 16) === 'CgBI'
          ? 'a PNG for iOS (CgBI)'
          : (format === 'avif' || format === 'heic') && isSequenceOnly(bytes)
            ? 'an image sequence without a still image'
            : undefined;
  if (feature !== undefined) {
    throw new ImageRejection('unsupported-format', `the file is ${feature}, which is not supported`);
  }
}

function unsupportedJpeg(jpeg: Buffer): string | undefined {
  for (let at = 2; at + 4 < jpeg.length && jpeg[at] === 0xff;) {
    const marker = jpeg[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // The markers DHT, JPG and DAC are in the range of the frame headers, but are no frame headers.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      if (!JPEG_PROCESSES.has(marker)) {
        return `a JPEG with the process SOF${marker - 0xc0} (lossless, hierarchical or arithmetic)`;
      }
      return jpeg[at + 4] === 8 ? undefined : `a JPEG with ${jpeg[at + 4]} bits per sample`;
    }
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return undefined;
}

function unsupportedTiff(tiff: Buffer): string | undefined {
  if (tiff.toString('latin1', 8, 10) === 'CR' && tiff[10] === 2) {
    return 'a camera raw file (CR2)';
  }
  const reader = new TiffReader(tiff);
  const chain = reader.directories(MAX_DIRECTORIES);
  const [first] = chain;
  if (first === undefined) {
    return undefined;
  }
  const nested = chain.flatMap((directory) => directory.get(TIFF_TAGS.subDirectories) ?? []);
  const all = [...chain, ...nested.slice(0, MAX_DIRECTORIES).map((offset) => reader.directoryAt(offset))];
  if (first.has(TIFF_TAGS.dngVersion) || all.some((one) => RAW_PHOTOMETRICS.has(valueOf(one, 'photometric')))) {
    return 'a camera raw file';
  }
  const isPreview = (valueOf(first, 'newSubfileType') & REDUCED_RESOLUTION) !== 0;
  if (isPreview && all.some((one) => one !== first && pixelsOf(one) > pixelsOf(first))) {
    return 'a TIFF whose first directory is a preview';
  }
  if (valueOf(first, 'compression') === OLD_JPEG) {
    return 'a TIFF with old-style JPEG compression';
  }
  if (valueOf(first, 'photometric') === YCBCR && valueOf(first, 'planarConfiguration') === PLANAR) {
    return 'a TIFF with planar YCbCr';
  }
  return undefined;
}

function valueOf(directory: TiffDirectory, tag: keyof typeof TIFF_TAGS): number {
  return directory.get(TIFF_TAGS[tag])?.[0] ?? 0;
}

function pixelsOf(directory: TiffDirectory): number {
  return valueOf(directory, 'width') * valueOf(directory, 'height');
}
