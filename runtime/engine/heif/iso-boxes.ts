/** A box of an ISO base media file. ISO base media files are the container of AVIF and HEIC. @see ISO/IEC 14496-12 */
export interface Box {
  /** Type of the box: four characters. */
  readonly type: string;
  /** Offset of the content in the file. */
  readonly start: number;
  /**
   * Offset of the end of the box according to the header of the box. In a truncated file, the offset can be beyond the end of
   * the file.
   */
  readonly end: number;
}

/** Iterates over the boxes between two offsets. Stops at the first invalid header and at the end of the file. */
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
    // A box smaller than its own header would cause an infinite loop.
    if (size < header) {
      return;
    }
    yield { type: bytes.toString('latin1', at + 4, at + 8), start: at + header, end: at + size };
    at += size;
  }
}

/**
 * Maximum size of an `ftyp` box in bytes. A text file can contain the text `ftyp` at the offset of the box type. The four
 * characters before this text then represent a size of about a gigabyte.
 */
const MAX_FTYP_BYTES = 1024;

/**
 * Returns the brands in the `ftyp` box, the major brand first. Returns no brands if the file does not start with an `ftyp` box.
 */
export function brandsOf(bytes: Buffer): string[] {
  const [first] = boxesOf(bytes, 0, bytes.length);
  if (first?.type !== 'ftyp' || first.end > MAX_FTYP_BYTES) {
    return [];
  }
  const brands: string[] = [];
  // The box contains the major brand, then a version number, then the compatible brands.
  for (let at = first.start; at + 4 <= Math.min(first.end, bytes.length); at += 4) {
    if (at !== first.start + 4) {
      brands.push(bytes.toString('latin1', at, at + 4));
    }
  }
  return brands;
}

/** Returns the boxes of one type in the `meta` boxes of a file. */
export function* metaBoxesOf(bytes: Buffer, type: string): Generator<Box> {
  for (const meta of boxesOf(bytes, 0, bytes.length)) {
    if (meta.type !== 'meta') {
      continue;
    }
    // A `meta` box is a full box: a version and flags precede the content.
    for (const box of boxesOf(bytes, meta.start + 4, meta.end)) {
      if (box.type === type) {
        yield box;
      }
    }
  }
}

/** Returns the property boxes of all items, such as `ispe` and `hvcC`, in the order of their property indices. */
export function* propertyBoxesOf(bytes: Buffer, properties: Box): Generator<Box> {
  for (const container of boxesOf(bytes, properties.start, properties.end)) {
    if (container.type === 'ipco') {
      yield* boxesOf(bytes, container.start, container.end);
    }
  }
}

/** Returns the types of all items of a still image, such as `hvc1`, `av01`, `grid` and `Exif`. */
export function itemTypesOf(bytes: Buffer): string[] {
  const types: string[] = [];
  for (const items of metaBoxesOf(bytes, 'iinf')) {
    if (items.start + 4 > bytes.length) {
      continue;
    }
    // A count follows the version and flags. The count has 16 bits in version 0, and 32 bits in later versions.
    const count = bytes[items.start] === 0 ? 2 : 4;
    for (const entry of boxesOf(bytes, items.start + 4 + count, items.end)) {
      const type = itemTypeOf(bytes, entry);
      if (type !== undefined) {
        types.push(type);
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
  // The item id and the protection index follow the version and flags. The item id has 16 bits in version 2, later 32 bits.
  const at = entry.start + 4 + (version === 2 ? 2 : 4) + 2;
  return at + 4 <= Math.min(entry.end, bytes.length) ? bytes.toString('latin1', at, at + 4) : undefined;
}
