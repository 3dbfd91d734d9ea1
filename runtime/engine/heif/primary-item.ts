import { withinBounds } from '../within-bounds';
import { boxesOf, metaBoxesOf, propertyBoxesOf, type Box } from './iso-boxes';

/**
 * Returns the property boxes of the primary item, such as `ispe`, `colr`, `clap` and `irot`. The `ipma` box defines the order.
 * Returns no boxes if the file has no primary item or an invalid structure.
 *
 * @see ISO/IEC 23008-12, sections 6.5 and 9.3
 */
export function primaryPropertiesOf(bytes: Buffer): Box[] {
  const [primary] = metaBoxesOf(bytes, 'pitm');
  const [properties] = metaBoxesOf(bytes, 'iprp');
  if (!primary || !properties) {
    return [];
  }
  const found = withinBounds(() => {
    const at = primary.start + 4;
    const id = bytes[primary.start] === 0 ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at);
    const boxes = [...propertyBoxesOf(bytes, properties)];
    const indices = [...boxesOf(bytes, properties.start, properties.end)]
      .filter(({ type }) => type === 'ipma')
      .flatMap((association) => associationsOf(bytes, association, id));
    return indices.flatMap((index) => boxes[index - 1] ?? []);
  });
  return found ?? [];
}

/** Returns the property indices of an item in an `ipma` box. The first property has the index 1. */
function associationsOf(bytes: Buffer, { start, end }: Box, item: number): number[] {
  const isWide = bytes[start] !== 0;
  const hasWideIndices = (bytes.readUInt8(start + 3) & 1) === 1;
  const entries = bytes.readUInt32BE(start + 4);
  const last = Math.min(end, bytes.length);
  let at = start + 8;
  for (let entry = 0; entry < entries && at < last; entry++) {
    const id = isWide ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at);
    at += isWide ? 4 : 2;
    const count = bytes.readUInt8(at);
    at += 1;
    const width = hasWideIndices ? 2 : 1;
    if (id === item) {
      // The highest bit of an index marks an essential property, and is not part of the index.
      return Array.from({ length: count }, (_, index) =>
        hasWideIndices ? bytes.readUInt16BE(at + 2 * index) & 0x7fff : bytes.readUInt8(at + index) & 0x7f,
      );
    }
    at += count * width;
  }
  return [];
}

/** Returns whether the primary item of an AVIF has several layers. @see AV1 Image File Format, section 2.3 */
export function isLayered(bytes: Buffer): boolean {
  return primaryPropertiesOf(bytes).some(({ type }) => type === 'a1lx' || type === 'a1op' || type === 'lsel');
}

/** Code points of ITU-T H.273. */
export interface CodePoints {
  /** Colour primaries: for example 1 for BT.709 and 12 for Display P3. */
  readonly primaries: number;
  /** Transfer characteristics: for example 13 for sRGB. */
  readonly transfer: number;
}

/**
 * Returns the code points in the `colr` box of the primary item. Returns undefined if the item has no such box, or if the item
 * has an ICC profile.
 */
export function codePointsOf(bytes: Buffer): CodePoints | undefined {
  const colours = primaryPropertiesOf(bytes).filter(({ type }) => type === 'colr');
  const kinds = colours.map(({ start }) => bytes.toString('latin1', start, start + 4));
  const nclx = colours[kinds.indexOf('nclx')];
  if (!nclx || nclx.start + 8 > bytes.length || kinds.some((kind) => kind === 'prof' || kind === 'rICC')) {
    return undefined;
  }
  return { primaries: bytes.readUInt16BE(nclx.start + 4), transfer: bytes.readUInt16BE(nclx.start + 6) };
}
