/**
 * Makes small HEIC files. No encoder for HEVC comes from npm, so one coded tile is kept here as text and everything
 * around it (the container: ISO/IEC 23008-12) is written as a test asks. The tile is 64 × 64 pixels, the quadrants of
 * ./images, encoded with x265.
 */

interface CodedTile {
  /** The decoder's configuration: content of the `hvcC` box. */
  readonly configuration: string;
  readonly data: string;
}

const TILE: CodedTile = {
  configuration:
    'AQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQE' +
    'DAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQA==',
  data: 'AAAAPCgBrwngITl1X//8Nz///It3IfxhtWeefRhGH/Gpn//NdljD//OSiA/okWr/5PWqY//1eFl/y1nC/BCugA==',
};

/** The same with ten bits a channel. */
const DEEP_TILE: CodedTile = {
  configuration:
    'AQQIAAAAAAAAAAAAHvAA/P36+gAADwMgAAEAF0ABDAH//wQIAAADAJ24AAADAAAeugJAIQABACpCAQEECAAAAwCduAAAAwAAHqAggQTZbqSSmubgQEDA' +
    'gAAAAwCAAAADAIQiAAEAB0QBwXKwIkA=',
  data: 'AAAAPCgBrwngITl7z//9RT///UYfIfz2HJTcfx3e//o+X//uJR3f//thRAf2xTl/9MU6J//4TtZf9YfAL9E9Kg==',
};

/** Opacity: the left half is opaque, the right half transparent. */
const ALPHA_TILE: CodedTile = {
  configuration:
    'AQQIAAAAAAAAAAAAHvAA/Pz4+AAADwMgAAEAF0ABDAH//wQIAAADAJ/4AAADAAAeugJAIQABACZCAQEECAAAAwCf+AAAAwAAHsCCBBZbqSSmubAgAAAD' +
    'ACAAAAMAISIAAQAHRAHBcrAiQA==',
  data: 'AAAAGSgBrhPAO4jr9f/ucOrn//1VTVLz//yB/+A=',
};

/** Side of a tile in pixels. */
export const TILE_SIDE = 64;

/** What {@link heic} makes. */
export interface HeicOptions {
  /** Tiles side by side; every one shows the quadrants. Default: 1. */
  readonly columns?: number;
  /** Tiles above one another. Default: 1. */
  readonly rows?: number;
  /** `irot`: quarter turns, anticlockwise, that a viewer makes. Default: none. */
  readonly turns?: 0 | 1 | 2 | 3;
  /** `imir`: what a viewer exchanges, after turning. Default: nothing. */
  readonly mirror?: 'left and right' | 'top and bottom';
  /** `clap`: the size of the middle part that a viewer shows, before turning. Default: all of it. */
  readonly crop?: { readonly width: number; readonly height: number };
  /** EXIF orientation, which readers of this format must not obey: the container's own word counts. */
  readonly orientation?: number;
  /** An ICC profile. */
  readonly profile?: Buffer;
  /** Colour primaries as in ITU-T H.273; 12 is Display P3. */
  readonly primaries?: number;
  /** Ten bits a channel. Default: false. */
  readonly deep?: boolean;
  /** The right half of every tile is transparent. Only without a grid. Default: false. */
  readonly transparent?: boolean;
  /** What the header says of the size, if not the truth. */
  readonly claim?: { readonly width: number; readonly height: number };
  /** The major brand and those it is compatible with. Default: heic, mif1. */
  readonly brands?: readonly string[];
}

interface Item {
  readonly type: string;
  readonly data: Buffer;
  /** Numbers, from 1, of the properties that the item has. */
  readonly properties: readonly number[];
}

/** A HEIC of one tile, or of a grid of them. */
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
  // The places of the data are counted from the start of the file, so the header's length is found by writing it once.
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
  const made: Buffer[] = [];
  if (options.crop !== undefined) {
    // width, height and the middle's offset from the picture's own, as fractions
    const { width, height } = options.crop;
    made.push(box('clap', ...[width, 1, height, 1, 0, 1, 0, 1].map(u32)));
  }
  if (options.turns !== undefined) {
    made.push(box('irot', Buffer.from([options.turns])));
  }
  if (options.mirror !== undefined) {
    made.push(box('imir', Buffer.from([options.mirror === 'left and right' ? 1 : 0])));
  }
  return made;
}

function colours(options: HeicOptions): Buffer[] {
  const made: Buffer[] = [];
  if (options.profile !== undefined) {
    made.push(box('colr', ascii('prof'), options.profile));
  }
  // transfer characteristics of sRGB, matrix coefficients of BT.601, full range
  if (options.primaries !== undefined) {
    made.push(box('colr', ascii('nclx'), u16(options.primaries), u16(13), u16(6), Buffer.from([0x80])));
  }
  return made;
}

function gridOf(columns: number, rows: number, width: number, height: number): Buffer {
  return Buffer.concat([Buffer.from([0, 1, rows - 1, columns - 1]), u32(width), u32(height)]);
}

function extentOf(width: number, height: number): Buffer {
  return fullBox('ispe', 0, u32(width), u32(height));
}

/** An EXIF block with nothing but the orientation, after the offset that HEIF puts before it. */
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

/** With a zero at its end. */
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
