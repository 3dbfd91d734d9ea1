/**
 * Creates small HEIC files. npm has no HEVC encoder. Therefore, this module contains an encoded tile, and writes the container
 * (ISO/IEC 23008-12) around the tile. The tile has 64 × 64 pixels and shows the quadrants of ./images. The encoder of the tile
 * is x265.
 */

interface CodedTile {
  /** Decoder configuration: content of the `hvcC` box. */
  readonly configuration: string;
  readonly data: string;
}

const TILE: CodedTile = {
  configuration:
    'AQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQE' +
    'DAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQA==',
  data: 'AAAAPCgBrwngITl1X//8Nz///It3IfxhtWeefRhGH/Gpn//NdljD//OSiA/okWr/5PWqY//1eFl/y1nC/BCugA==',
};

/** A tile that shows the quadrants with ten bits per channel. */
const DEEP_TILE: CodedTile = {
  configuration:
    'AQQIAAAAAAAAAAAAHvAA/P36+gAADwMgAAEAF0ABDAH//wQIAAADAJ24AAADAAAeugJAIQABACpCAQEECAAAAwCduAAAAwAAHqAggQTZbqSSmubgQEDA' +
    'gAAAAwCAAAADAIQiAAEAB0QBwXKwIkA=',
  data: 'AAAAPCgBrwngITl7z//9RT///UYfIfz2HJTcfx3e//o+X//uJR3f//thRAf2xTl/9MU6J//4TtZf9YfAL9E9Kg==',
};

/** An alpha tile. Its left half is opaque, and its right half is transparent. */
const ALPHA_TILE: CodedTile = {
  configuration:
    'AQQIAAAAAAAAAAAAHvAA/Pz4+AAADwMgAAEAF0ABDAH//wQIAAADAJ/4AAADAAAeugJAIQABACZCAQEECAAAAwCf+AAAAwAAHsCCBBZbqSSmubAgAAAD' +
    'ACAAAAMAISIAAQAHRAHBcrAiQA==',
  data: 'AAAAGSgBrhPAO4jr9f/ucOrn//1VTVLz//yB/+A=',
};

/** Side of a tile in pixels. */
export const TILE_SIDE = 64;

/** Options of {@link heic}. */
export interface HeicOptions {
  /** Number of tile columns. Every tile shows the quadrants. @default 1 */
  readonly columns?: number;
  /** Number of tile rows. @default 1 */
  readonly rows?: number;
  /** `irot`: number of anticlockwise rotations by 90°. @default - no rotation */
  readonly turns?: 0 | 1 | 2 | 3;
  /** `imir`: sides that are exchanged after the rotation. @default - no mirroring */
  readonly mirror?: 'left and right' | 'top and bottom';
  /** `clap`: size in pixels of the visible central part, before the rotation. @default - the whole image */
  readonly crop?: {
    readonly width: number;
    readonly height: number;
    /** Offset of the centre in pixels. @default - no offset */
    readonly offset?: { readonly horizontal: number; readonly vertical: number };
  };
  /** EXIF orientation. Readers of HEIF must ignore this orientation in favour of `irot` and `imir`. @default - no EXIF block */
  readonly orientation?: number;
  /** ICC profile. @default - no profile */
  readonly profile?: Buffer;
  /** Colour primaries of ITU-T H.273; 12 is Display P3. @default - no `nclx` box */
  readonly primaries?: number;
  /** Uses ten bits per channel. @default false */
  readonly deep?: boolean;
  /** Makes the right half transparent. Requires a single tile. @default false */
  readonly transparent?: boolean;
  /** Size in pixels that the `ispe` box of the image declares. @default - the actual size */
  readonly claim?: { readonly width: number; readonly height: number };
  /** Major brand and compatible brands. @default ['heic', 'mif1'] */
  readonly brands?: readonly string[];
}

interface Item {
  readonly type: string;
  readonly data: Buffer;
  /** Indices of the item's properties, starting at 1. */
  readonly properties: readonly number[];
}

/** Creates a HEIC file of one tile or a grid of tiles. */
export function heic(options: HeicOptions = {}): Buffer {
  const { columns = 1, rows = 1, brands = ['heic', 'mif1'] } = options;
  const tile = options.deep === true ? DEEP_TILE : TILE;
  const grid = columns * rows > 1;
  const size = options.claim ?? { width: columns * TILE_SIDE, height: rows * TILE_SIDE };

  const properties: Buffer[] = [];
  const add = (property: Buffer): number => properties.push(property);
  const extent = add(extentOf(size.width, size.height));
  const shown = [extent, ...transformations(options).map(add), ...colours(options).map(add)];
  const coding = add(box('hvcC', Buffer.from(tile.configuration, 'base64')));
  const coded: Item = { type: 'hvc1', data: Buffer.from(tile.data, 'base64'), properties: [coding] };

  const items: Item[] = [];
  const references: Buffer[] = [];
  if (grid) {
    const tileExtent = add(extentOf(TILE_SIDE, TILE_SIDE));
    items.push({ type: 'grid', data: gridOf(columns, rows, size.width, size.height), properties: shown });
    const tiles = Array.from({ length: columns * rows }, () =>
      items.push({ ...coded, properties: [coding, tileExtent] }),
    );
    references.push(reference('dimg', 1, tiles));
  } else {
    items.push({ ...coded, properties: [coding, ...shown] });
  }
  if (options.transparent === true) {
    const alphaCoding = add(box('hvcC', Buffer.from(ALPHA_TILE.configuration, 'base64')));
    const auxiliary = add(box('auxC', u32(0), text('urn:mpeg:hevc:2015:auxid:1')));
    items.push({
      type: 'hvc1',
      data: Buffer.from(ALPHA_TILE.data, 'base64'),
      properties: [alphaCoding, extent, auxiliary],
    });
    references.push(reference('auxl', items.length, [1]));
  }
  if (options.orientation !== undefined) {
    items.push({ type: 'Exif', data: exifOf(options.orientation), properties: [] });
    references.push(reference('cdsc', items.length, [1]));
  }

  const start = box('ftyp', ascii(brands[0] ?? 'heic'), u32(0), ...brands.map(ascii));
  // The header contains offsets from the start of the file, which depend on its own length. A first header, whose offsets are
  // zero, therefore determines this length.
  const length = start.length + header(items, properties, references, 0).length;
  const data = box('mdat', ...items.map((item) => item.data));
  return Buffer.concat([start, header(items, properties, references, length + 8), data]);
}

function header(
  items: readonly Item[],
  properties: readonly Buffer[],
  references: readonly Buffer[],
  dataAt: number,
): Buffer {
  const ids = items.map((_, index) => index + 1);
  let at = dataAt;
  const locations = items.map((item, index) => {
    const location = Buffer.concat([u16(index + 1), u16(0), u16(1), u32(at), u32(item.data.length)]);
    at += item.data.length;
    return location;
  });
  const associations = items.map((item, index) =>
    Buffer.concat([u16(index + 1), Buffer.from([item.properties.length, ...item.properties])]),
  );
  return fullBox(
    'meta',
    0,
    fullBox('hdlr', 0, u32(0), ascii('pict'), Buffer.alloc(12), text('')),
    fullBox('pitm', 0, u16(1)),
    fullBox(
      'iinf',
      0,
      u16(items.length),
      ...ids.map((id) => fullBox('infe', 2, u16(id), u16(0), ascii(items[id - 1]?.type ?? ''), text(''))),
    ),
    fullBox('iref', 0, ...references),
    box('iprp', box('ipco', ...properties), fullBox('ipma', 0, u32(items.length), ...associations)),
    fullBox('iloc', 0, Buffer.from([0x44, 0x00]), u16(items.length), ...locations),
  );
}

function transformations(options: HeicOptions): Buffer[] {
  const boxes: Buffer[] = [];
  if (options.crop !== undefined) {
    // The box contains the width, the height and the offset of the centre as fractions.
    const { width, height, offset = { horizontal: 0, vertical: 0 } } = options.crop;
    const fractions = [width, 1, height, 1, offset.horizontal, 1, offset.vertical, 1];
    boxes.push(box('clap', ...fractions.map((value) => u32(value >>> 0))));
  }
  if (options.turns !== undefined) {
    boxes.push(box('irot', Buffer.from([options.turns])));
  }
  if (options.mirror !== undefined) {
    boxes.push(box('imir', Buffer.from([options.mirror === 'left and right' ? 1 : 0])));
  }
  return boxes;
}

function colours(options: HeicOptions): Buffer[] {
  const boxes: Buffer[] = [];
  if (options.profile !== undefined) {
    boxes.push(box('colr', ascii('prof'), options.profile));
  }
  // The values are the transfer characteristics of sRGB, the matrix coefficients of BT.601 and the flag for full range.
  if (options.primaries !== undefined) {
    boxes.push(box('colr', ascii('nclx'), u16(options.primaries), u16(13), u16(6), Buffer.from([0x80])));
  }
  return boxes;
}

function gridOf(columns: number, rows: number, width: number, height: number): Buffer {
  return Buffer.concat([Buffer.from([0, 1, rows - 1, columns - 1]), u32(width), u32(height)]);
}

function extentOf(width: number, height: number): Buffer {
  return fullBox('ispe', 0, u32(width), u32(height));
}

/** Returns an EXIF block that contains only the orientation. In HEIF, the offset of the TIFF header precedes the block. */
function exifOf(orientation: number): Buffer {
  const tag = Buffer.concat([u16(0x0112), u16(3), u32(1), u16(orientation), u16(0)]);
  return Buffer.concat([u32(6), text('Exif'), u8(0), ascii('MM'), u16(42), u32(8), u16(1), tag, u32(0)]);
}

function reference(type: string, from: number, to: readonly number[]): Buffer {
  return box(type, u16(from), u16(to.length), ...to.map(u16));
}

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), ascii(type), body]);
}

function fullBox(type: string, version: number, ...content: readonly Buffer[]): Buffer {
  return box(type, Buffer.from([version, 0, 0, 0]), ...content);
}

function ascii(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}

/** Returns a null-terminated string. */
function text(value: string): Buffer {
  return ascii(`${value}\0`);
}

function u8(value: number): Buffer {
  return Buffer.from([value]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
