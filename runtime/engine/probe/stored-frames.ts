import { GIF_BLOCKS, gifBlocksOf } from '../gif/gif-blocks';
import { itemTypesOf } from '../heif/iso-boxes';
import { ImageRejection } from '../rejection';
import { TiffReader } from '../tiff/tiff-directories';
import type { SourceFormat } from '../types';

/**
 * Maximum number of frames of an animation, directories of a TIFF, or items of a HEIF file. To decode even one frame,
 * decoders read the headers of all frames, directories or items.
 *
 * Measurements:
 * - A GIF with 5.6 million empty frames requires 655 MiB of memory.
 * - A TIFF with 740,000 directories requires 20 s of CPU time.
 */
export const MAX_STORED_FRAMES = 20_000;

/**
 * Checks the number of frames, directories or items in a file before a decoder reads the file.
 *
 * @throws ImageRejection with code `too-many-frames` if the file contains more than {@link MAX_STORED_FRAMES}
 */
export function checkStoredFrames(format: SourceFormat, bytes: Buffer): void {
  if (countStoredFrames(format, bytes) > MAX_STORED_FRAMES) {
    const message = `the file contains more than ${MAX_STORED_FRAMES} frames, directories or items`;
    throw new ImageRejection('too-many-frames', message);
  }
}

/** Returns the number of frames, directories or items in a file. Counting can stop above {@link MAX_STORED_FRAMES}. */
export function countStoredFrames(format: SourceFormat, bytes: Buffer): number {
  switch (format) {
    case 'gif':
      return countGifFrames(bytes);
    case 'webp':
      return countWebpFrames(bytes);
    case 'tiff':
      return new TiffReader(bytes).countDirectories(MAX_STORED_FRAMES);
    case 'avif':
    case 'heic':
      return itemTypesOf(bytes).length;
    case 'jpeg':
    case 'png':
    case 'svg':
      return 1;
  }
}

/** Counts the image descriptors of a GIF. @see GIF89a, appendix A */
function countGifFrames(gif: Buffer): number {
  let frames = 0;
  for (const { type } of gifBlocksOf(gif)) {
    frames += type === GIF_BLOCKS.image ? 1 : 0;
    if (frames > MAX_STORED_FRAMES) {
      break;
    }
  }
  return frames;
}

/** Counts the ANMF chunks of a WebP. @see https://developers.google.com/speed/webp/docs/riff_container */
function countWebpFrames(webp: Buffer): number {
  let frames = 0;
  for (let at = 12; at + 8 <= webp.length && frames <= MAX_STORED_FRAMES;) {
    const length = webp.readUInt32LE(at + 4);
    frames += webp.toString('latin1', at, at + 4) === 'ANMF' ? 1 : 0;
    at += 8 + length + (length % 2);
  }
  return frames;
}
