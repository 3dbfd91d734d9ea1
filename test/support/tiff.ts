import { deflateSync } from 'node:zlib';
import { QUADRANT_COLORS, type QuadrantColor, UPRIGHT } from './images';

/** Types of TIFF fields: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf */
const [SHORT, LONG] = [3, 4];
const ROWS_PER_STRIP = 50;
const CHANNELS = 4;
/** Bytes per pixel: four channels of 16 bits. */
const PIXEL_BYTES = CHANNELS * 2;

/**
 * Creates a TIFF with the quadrants of ./images, 16 bits per channel and an alpha channel. All strips of the upper half
 * refer to the same compressed bytes, as do all strips of the lower half. Therefore, a file of 200 megapixels has only a few
 * kilobytes and is created quickly.
 *
 * @param height multiple of 100
 */
export function deepTiff(width: number, height: number): Buffer {
  const strips = height / ROWS_PER_STRIP;
  const [top, bottom] = [stripOf(width, UPRIGHT[0]!, UPRIGHT[1]!), stripOf(width, UPRIGHT[2]!, UPRIGHT[3]!)];
  const header = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  const positions = { top: header.length, bottom: header.length + top.length };
  const isTop = (strip: number): boolean => strip < strips / 2;
  const indexes = Array.from({ length: strips }, (_, index) => index);
  const fields: readonly (readonly [tag: number, type: number, values: readonly number[]])[] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, Array.from({ length: CHANNELS }, () => 16)],
    // Compression: deflate.
    [259, SHORT, [8]],
    // Photometric interpretation: RGB.
    [262, SHORT, [2]],
    [273, LONG, indexes.map((strip) => (isTop(strip) ? positions.top : positions.bottom))],
    [277, SHORT, [CHANNELS]],
    [278, LONG, [ROWS_PER_STRIP]],
    [279, LONG, indexes.map((strip) => (isTop(strip) ? top : bottom).length)],
    [284, SHORT, [1]],
    // Extra sample: alpha channel. The colours are not premultiplied by alpha.
    [338, SHORT, [2]],
  ];
  const parts = [header, top, bottom];
  let end = parts.reduce((sum, { length }) => sum + length, 0);
  const append = (bytes: Buffer): number => {
    const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
    parts.push(padded);
    return (end += padded.length) - padded.length;
  };
  if (end % 2) {
    parts.push(Buffer.alloc(1));
    end += 1;
  }
  const entries = fields.map(([tag, type, values]) => {
    const entry = Buffer.alloc(12);
    entry.writeUInt16LE(tag, 0);
    entry.writeUInt16LE(type, 2);
    entry.writeUInt32LE(values.length, 4);
    const bytes = bytesOf(type, values);
    if (bytes.length <= 4) {
      bytes.copy(entry, 8);
    } else {
      entry.writeUInt32LE(append(bytes), 8);
    }
    return entry;
  });
  const count = Buffer.alloc(2);
  count.writeUInt16LE(entries.length);
  header.writeUInt32LE(end, 4);
  return Buffer.concat([...parts, count, ...entries, Buffer.alloc(4)]);
}

function bytesOf(type: number, values: readonly number[]): Buffer {
  const size = type === SHORT ? 2 : 4;
  const bytes = Buffer.alloc(values.length * size);
  values.forEach((value, index) => bytes.writeUIntLE(value, index * size, size));
  return bytes;
}

/** Returns a compressed strip whose halves have these colours. */
function stripOf(width: number, left: QuadrantColor, right: QuadrantColor): Buffer {
  const pixelOf = (color: QuadrantColor): Buffer => {
    const pixel = Buffer.alloc(PIXEL_BYTES);
    QUADRANT_COLORS[color].forEach((value, channel) => pixel.writeUInt16LE(value * 257, channel * 2));
    return pixel;
  };
  const half = (width / 2) * PIXEL_BYTES;
  const row = Buffer.concat([Buffer.alloc(half, pixelOf(left)), Buffer.alloc(half, pixelOf(right))]);
  return deflateSync(Buffer.alloc(row.length * ROWS_PER_STRIP, row));
}
