import { crc32, deflateSync } from 'node:zlib';

/** Returns an unsigned big-endian number of 16 bits. Omits higher bits. */
export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value & 0xffff);
  return bytes;
}

/** Returns an unsigned big-endian number of 32 bits. Omits higher bits. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Returns an unsigned little-endian number of 16 bits. Omits higher bits. */
export function u16le(value: number): Buffer {
  return u16(value).reverse();
}

/** Returns an unsigned little-endian number of 32 bits. Omits higher bits. */
export function u32le(value: number): Buffer {
  return u32(value).reverse();
}

/** Returns the bytes of a text in Latin-1. */
export function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Returns a copy whose bytes at an offset are replaced. */
export function patched(source: Buffer, at: number, bytes: Buffer): Buffer {
  return Buffer.concat([source.subarray(0, at), bytes, source.subarray(at + bytes.length)]);
}

/** Returns a copy with bytes inserted at an offset. */
export function inserted(source: Buffer, at: number, bytes: Buffer): Buffer {
  return Buffer.concat([source.subarray(0, at), bytes, source.subarray(at)]);
}

/** Returns `length` zero bytes in compressed form. */
export function deflatedZeros(length: number): Buffer {
  return deflateSync(Buffer.alloc(length), { level: 9 });
}

/** Signature of a PNG. */
export const PNG_SIGNATURE = ascii('\x89PNG\r\n\x1a\n');

/** Returns a chunk of a PNG with a correct checksum. */
export function pngChunk(type: string, content: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([ascii(type), content]);
  return Buffer.concat([u32(content.length), body, u32(crc32(body))]);
}

/** Returns the offsets of the chunks of a PNG. Stops at the first chunk that exceeds the file. */
export function pngChunksOf(png: Buffer): { readonly type: string; readonly at: number; readonly end: number }[] {
  const chunks = [];
  for (let at = PNG_SIGNATURE.length; at + 12 <= png.length;) {
    const end = at + 12 + png.readUInt32BE(at);
    if (end > png.length) {
      break;
    }
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), at, end });
    at = end;
  }
  return chunks;
}

/** Returns a copy of a PNG with correct checksums, so that decoders read the changed chunks. */
export function mendedPng(png: Buffer): Buffer {
  const mended = Buffer.from(png);
  for (const { at, end } of pngChunksOf(mended)) {
    mended.writeUInt32BE(crc32(mended.subarray(at + 4, end - 4)), end - 4);
  }
  return mended;
}

/** Returns the offsets of the markers of a JPEG, including markers in the compressed data. */
export function jpegMarkersOf(jpeg: Buffer): { readonly marker: number; readonly at: number }[] {
  const markers = [];
  for (let at = 0; at + 1 < jpeg.length;) {
    const marker = jpeg[at + 1] ?? 0;
    if (jpeg[at] !== 0xff || marker === 0 || marker === 0xff) {
      at += 1;
      continue;
    }
    markers.push({ marker, at });
    const hasLength = marker !== 0xd8 && marker !== 0xd9 && (marker < 0xd0 || marker > 0xd7) && at + 4 <= jpeg.length;
    at += 2 + (hasLength ? jpeg.readUInt16BE(at + 2) : 0);
  }
  return markers;
}

/** Returns the offset of the frame header (SOF) of a JPEG. */
export function frameHeaderOf(jpeg: Buffer): number {
  const found = jpegMarkersOf(jpeg).find(({ marker }) => marker >= 0xc0 && marker <= 0xc2);
  if (found === undefined) {
    throw new Error('the JPEG has no frame header');
  }
  return found.at;
}
