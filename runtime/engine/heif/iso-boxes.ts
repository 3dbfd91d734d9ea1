/** One box of an ISO base media file (ISO/IEC 14496-12), the container of AVIF and HEIC. */
export interface Box {
  /** Four characters. */
  readonly type: string;
  /** Where its content starts. */
  readonly start: number;
  /** Where it ends by its own word; beyond the bytes when the file is cut short. */
  readonly end: number;
}

/** Reads boxes one after the other between two places; stops at the first that cannot be one, and never reads outside the bytes. */
export function* boxesOf(bytes: Buffer, from: number, to: number): Generator<Box> {
  let at = from;
  const last = Math.min(to, bytes.length);
  while (at + 8 <= last) {
    let size = bytes.readUInt32BE(at);
    let header = 8;
    if (size === 1) {
      if (at + 16 > last) {
        return;
      }
      size = Number(bytes.readBigUInt64BE(at + 8));
      header = 16;
    } else if (size === 0) {
      size = last - at;
    }
    // A box smaller than its own header would be read for ever.
    if (size < header) {
      return;
    }
    yield { type: bytes.toString('latin1', at + 4, at + 8), start: at + header, end: at + size };
    at += size;
  }
}

/** Bytes; a text that happens to hold `ftyp` at the right place has the size of a gigabyte before it. */
const LONGEST_FTYP = 1024;

/** The brands that a file claims in its `ftyp` box, the major one first; none when it does not start with one. */
export function brandsOf(bytes: Buffer): string[] {
  const [first] = boxesOf(bytes, 0, bytes.length);
  if (first?.type !== 'ftyp' || first.end > LONGEST_FTYP) {
    return [];
  }
  const brands: string[] = [];
  // major brand, then a version number, then the compatible brands
  for (let at = first.start; at + 4 <= Math.min(first.end, bytes.length); at += 4) {
    if (at !== first.start + 4) {
      brands.push(bytes.toString('latin1', at, at + 4));
    }
  }
  return brands;
}

/** The types of all items (`hvc1`, `av01`, `grid`, `Exif`, …) that a still picture's `meta` box declares. */
export function itemTypesOf(bytes: Buffer): string[] {
  const types: string[] = [];
  for (const meta of boxesOf(bytes, 0, bytes.length)) {
    if (meta.type !== 'meta') {
      continue;
    }
    for (const items of boxesOf(bytes, meta.start + 4, meta.end)) {
      if (items.type !== 'iinf' || items.start + 4 > bytes.length) {
        continue;
      }
      // a full box: version and flags, then a count of 16 bits, 32 from version 1 on
      const count = bytes[items.start] === 0 ? 2 : 4;
      for (const entry of boxesOf(bytes, items.start + 4 + count, items.end)) {
        const type = itemTypeOf(bytes, entry);
        if (type !== undefined) {
          types.push(type);
        }
      }
    }
  }
  return types;
}

function itemTypeOf(bytes: Buffer, entry: Box): string | undefined {
  const version = bytes[entry.start] ?? 0;
  if (entry.type !== 'infe' || version < 2) {
    return undefined;
  }
  // version and flags, item id of 16 bits (32 from version 3 on), protection index
  const at = entry.start + 4 + (version === 2 ? 2 : 4) + 2;
  return at + 4 <= Math.min(entry.end, bytes.length) ? bytes.toString('latin1', at, at + 4) : undefined;
}
