import { boxesOf } from './boxes';
import type { SourceFormat } from './types';

/**
 * Whether a file that could not be read ends before it should, by its own word about its length. Decoders tell a missing
 * end and a broken middle alike; for the sender they are not the same: one calls for another upload, the other for
 * another file. JPEG and GIF carry no length: for them the decoder's message must do.
 */
export function isCutShort(format: SourceFormat, bytes: Buffer): boolean {
  switch (format) {
    case 'png':
      return isPngCutShort(bytes);
    case 'webp':
      // RIFF, then the length of what follows
      return bytes.length < 8 || bytes.readUInt32LE(4) + 8 > bytes.length;
    case 'avif':
    case 'heic':
      return areBoxesCutShort(bytes);
    case 'tiff':
      return isTiffCutShort(bytes);
    case 'jpeg':
    case 'gif':
    case 'svg':
      return false;
  }
}

function isPngCutShort(bytes: Buffer): boolean {
  for (let at = 8; at + 8 <= bytes.length;) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return false;
    // length, type, content, checksum
    at += bytes.readUInt32BE(at) + 12;
  }
  return true;
}

function areBoxesCutShort(bytes: Buffer): boolean {
  let end = 0;
  for (const box of boxesOf(bytes, 0, bytes.length)) end = box.end;
  return end > bytes.length;
}

/** Tags of a TIFF directory that say where its pixels are, each with the tag that says how many bytes they take. */
const TIFF_DATA: ReadonlyMap<number, number> = new Map([
  [273, 279], // strips
  [324, 325], // tiles
]);

function isTiffCutShort(bytes: Buffer): boolean {
  if (bytes.length < 8) return true;
  const little = bytes[0] === 0x49;
  const u16 = (at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  // BigTIFF (version 43) is for files larger than any that is allowed: only whether its directory is there is looked at.
  if (u16(2) === 43) return bytes.length < 16 || u32(little ? 8 : 12) + 8 > bytes.length;
  const directory = u32(4);
  if (directory + 2 > bytes.length) return true;
  const count = u16(directory);
  if (directory + 2 + count * 12 > bytes.length) return true;

  const entries = new Map<number, { readonly values: (index: number) => number; readonly length: number }>();
  for (let entry = directory + 2; entry < directory + 2 + count * 12; entry += 12) {
    const size = u16(entry + 2) === 3 ? 2 : 4;
    const length = u32(entry + 4);
    const start = length * size <= 4 ? entry + 8 : u32(entry + 8);
    const values = (index: number): number => {
      const at = start + index * size;
      if (at + size > bytes.length) return bytes.length;
      return size === 2 ? u16(at) : u32(at);
    };
    entries.set(u16(entry), { values, length });
  }
  for (const [places, sizes] of TIFF_DATA) {
    const place = entries.get(places);
    const size = entries.get(sizes);
    if (place === undefined || size === undefined) continue;
    for (let i = 0; i < Math.min(place.length, size.length, bytes.length); i++) {
      if (place.values(i) + size.values(i) > bytes.length) return true;
    }
  }
  return false;
}
