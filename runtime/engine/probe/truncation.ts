import { GIF_BLOCKS, gifBlocksOf } from '../gif/gif-blocks';
import { boxesOf } from '../heif/iso-boxes';
import type { SourceFormat } from '../types';
import { pngChunksOf } from './png-chunks';

/**
 * Returns whether a file is shorter than its headers declare. For uploaders, the difference from a corrupt file matters,
 * because another upload can fix a truncated file. Most decoders do not distinguish the two.
 *
 * Returns false for every JPEG, because its headers do not contain the length. Instead, the message of the decoder determines
 * the code `truncated`.
 */
export function isTruncated(format: SourceFormat, bytes: Buffer): boolean {
  switch (format) {
    case 'png':
      return isPngTruncated(bytes);
    case 'webp':
      // The bytes after `RIFF` are the length of the rest of the file.
      return bytes.length < 8 || bytes.readUInt32LE(4) + 8 > bytes.length;
    case 'avif':
    case 'heic':
      return areBoxesTruncated(bytes);
    case 'tiff':
      return isTiffTruncated(bytes);
    case 'gif':
      return isGifTruncated(bytes);
    case 'jpeg':
    case 'svg':
      return false;
  }
}

/** Returns whether a GIF ends before its trailer. @see GIF89a, appendix A */
function isGifTruncated(bytes: Buffer): boolean {
  for (const { type, isComplete } of gifBlocksOf(bytes)) {
    if (type !== GIF_BLOCKS.image && type !== GIF_BLOCKS.extension) {
      // The block is the trailer or an invalid block. Decoders treat an invalid block as the trailer.
      return false;
    }
    if (!isComplete) {
      return true;
    }
  }
  return true;
}

function isPngTruncated(bytes: Buffer): boolean {
  for (const { type } of pngChunksOf(bytes)) {
    if (type === 'IEND') {
      return false;
    }
  }
  return true;
}

function areBoxesTruncated(bytes: Buffer): boolean {
  let end = 0;
  for (const box of boxesOf(bytes, 0, bytes.length)) {
    end = box.end;
  }
  return end > bytes.length;
}

/** TIFF tags that contain the offsets of strips or tiles, each with the tag that contains the sizes. */
const TIFF_DATA_TAGS: ReadonlyMap<number, number> = new Map([
  [273, 279], // strips
  [324, 325], // tiles
]);
/** Size of a value in bytes by its TIFF type. The first entry belongs to type 1. @see TIFF 6.0, section 2 */
const TIFF_TYPES = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const TIFF_SHORT = 3;
const TIFF_ENTRY = 12;

function isTiffTruncated(bytes: Buffer): boolean {
  if (bytes.length < 8) {
    return true;
  }
  const little = bytes[0] === 0x49;
  const u16 = (at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  // In a BigTIFF (version 43), the function checks only the presence of the first directory.
  if (u16(2) === 43) {
    return bytes.length < 16 || u32(little ? 8 : 12) + 8 > bytes.length;
  }
  const directory = u32(4);
  if (directory + 2 > bytes.length) {
    return true;
  }
  const end = directory + 2 + u16(directory) * TIFF_ENTRY;
  if (end > bytes.length) {
    return true;
  }

  /** Offset, number and TIFF type of the values of each tag. */
  const entries = new Map<number, { readonly start: number; readonly count: number; readonly type: number }>();
  for (let entry = directory + 2; entry < end; entry += TIFF_ENTRY) {
    const [type, count] = [u16(entry + 2), u32(entry + 4)];
    const length = count * (TIFF_TYPES[type - 1] ?? 1);
    // The directory entry contains values of up to four bytes itself. Longer values are at an offset.
    const start = length <= 4 ? entry + 8 : u32(entry + 8);
    if (start + length > bytes.length) {
      return true;
    }
    entries.set(u16(entry), { start, count, type });
  }
  for (const [offsets, sizes] of TIFF_DATA_TAGS) {
    const [offset, size] = [entries.get(offsets), entries.get(sizes)];
    for (let i = 0; i < Math.min(offset?.count ?? 0, size?.count ?? 0); i++) {
      const [from, length] = [offset, size].map((values) => {
        if (values === undefined) {
          return 0;
        }
        return values.type === TIFF_SHORT ? u16(values.start + i * 2) : u32(values.start + i * 4);
      });
      if ((from ?? 0) + (length ?? 0) > bytes.length) {
        return true;
      }
    }
  }
  return false;
}
