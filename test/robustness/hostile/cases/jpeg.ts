import sharp from 'sharp';
import { Random } from '../../../support/random';
import { ascii, frameHeaderOf, inserted, jpegMarkersOf, patched, u16, u16le, u32le } from '../bytes';
import { noisy } from '../seeds';
import { cases, cutAt, type HostileCase } from './case';

const photo = (): Promise<Buffer> => noisy(200, 150).jpeg().toBuffer();
const progressive = (): Promise<Buffer> => noisy(200, 150).jpeg({ progressive: true }).toBuffer();

/** Returns a JPEG with additional segments after its first marker. */
async function withSegment(marker: number, ...contents: readonly Buffer[]): Promise<Buffer> {
  const segments = contents.map((content) =>
    Buffer.concat([Buffer.from([0xff, marker]), u16(content.length + 2), content]),
  );
  return inserted(await photo(), 2, Buffer.concat(segments));
}

/** Returns a JPEG with another size in the frame header. */
async function claiming(width: number, height: number, make = photo): Promise<Buffer> {
  const jpeg = await make();
  return patched(jpeg, frameHeaderOf(jpeg) + 5, Buffer.concat([u16(height), u16(width)]));
}

async function withFrameMarker(marker: number): Promise<Buffer> {
  const jpeg = await photo();
  return patched(jpeg, frameHeaderOf(jpeg) + 1, Buffer.from([marker]));
}

async function withDamage(make = photo): Promise<Buffer[]> {
  const jpeg = await make();
  return [0x00, 0x5a, 0xfe].map((byte) => {
    const middle = Math.floor(jpeg.length / 2);
    return Buffer.from(jpeg).fill(byte, middle, middle + 300);
  });
}

/** Returns EXIF with one directory of entries (tag, type, count, value), and the offset of the next directory. */
function exif(entries: readonly (readonly [number, number, number, number])[], next = 0): Buffer {
  const fields = entries.map(([tag, type, count, value]) =>
    Buffer.concat([u16le(tag), u16le(type), u32le(count), u32le(value)]),
  );
  return Buffer.concat([ascii('Exif\0\0II'), u16le(42), u32le(8), u16le(entries.length), ...fields, u32le(next)]);
}

/** Returns the segments of an ICC profile. `number` returns the position of a segment and the number of segments. */
function profileParts(
  parts: readonly Buffer[],
  number = (index: number): [number, number] => [index + 1, parts.length],
): Buffer[] {
  return parts.map((part, index) => Buffer.concat([ascii('ICC_PROFILE\0'), Buffer.from(number(index)), part]));
}

/** Returns a progressive JPEG that repeats its first scan. The decoder processes the whole image for each scan. */
async function floodOfScans(scans: number, side: number): Promise<Buffer> {
  const picture = sharp({ create: { width: side, height: side, channels: 3, background: 'red' } });
  const jpeg = await picture.toColourspace('b-w').jpeg({ progressive: true, quality: 10 }).toBuffer();
  const [first, second] = jpegMarkersOf(jpeg).filter(({ marker }) => marker === 0xda);
  const scan = jpeg.subarray(first!.at, second!.at);
  return Buffer.concat([jpeg.subarray(0, -2), ...Array.from({ length: scans }, () => scan), jpeg.subarray(-2)]);
}

/** Hostile JPEG files. */
export const jpegCases: readonly HostileCase[] = cases({
  'truncated at and after each marker': [
    async () => {
      const jpeg = await photo();
      return cutAt(
        jpeg,
        jpegMarkersOf(jpeg)
          .flatMap(({ at }) => [at, at + 2, at + 5])
          .filter((at) => at > 3),
      );
    },
    'truncated',
    'corrupt',
    'rendered',
    'warned',
  ],
  'a progressive image truncated at each marker': [
    async () => {
      const jpeg = await progressive();
      return cutAt(
        jpeg,
        jpegMarkersOf(jpeg)
          .map(({ at }) => at)
          .filter((at) => at > 3),
      );
    },
    'truncated',
    'corrupt',
  ],
  'a file with only the first marker': [
    () => [ascii('\xff\xd8\xff'), ascii('\xff\xd8\xff\xe0'), ascii('\xff\xd8\xff\xd9')],
    'truncated',
    'corrupt',
  ],
  'a declared size of 65,535 × 65,535': [() => claiming(65_535, 65_535), 'too-many-pixels'],
  'a progressive image with a declared size beyond its limit': [
    () => claiming(6500, 6500, progressive),
    'too-many-pixels',
  ],
  'a declared size above the actual size, within the limits': [
    () => claiming(7000, 7000),
    'truncated',
    'corrupt',
    'rendered',
    'warned',
  ],
  'a progressive image with a declared size above the actual size, within the limits': [
    () => claiming(5900, 5900, progressive),
    'truncated',
    'corrupt',
    'rendered',
    'warned',
  ],
  'a declared height below the actual height': [() => claiming(200, 40), 'warned', 'rendered'],
  'a declared width below the actual width': [() => claiming(40, 150), 'warned', 'corrupt', 'rendered'],
  'a width or height of 0': [
    async () => [await claiming(200, 0), await claiming(0, 150), await claiming(0, 0)],
    'corrupt',
    'unsupported-format',
  ],
  'images with a side of one pixel': [
    async () => [await noisy(1, 65_500).jpeg().toBuffer(), await noisy(65_500, 1).jpeg().toBuffer()],
    'rendered',
  ],
  'damaged data in the middle': [() => withDamage(), 'corrupt', 'truncated', 'rendered', 'warned'],
  'a progressive image with damaged data in the middle': [
    () => withDamage(progressive),
    'corrupt',
    'truncated',
    'rendered',
    'warned',
  ],
  'the invalid scan parameters of Samsung cameras': [
    async () => {
      const jpeg = await photo();
      const scan = jpeg.indexOf('ffda', 'hex');
      return patched(jpeg, scan + jpeg.readUInt16BE(scan + 2), Buffer.from([0]));
    },
    'warned',
  ],
  'a header that declares arithmetic coding': [
    async () => [await withFrameMarker(0xc9), await withFrameMarker(0xca)],
    'unsupported-format',
    'corrupt',
    'rendered',
  ],
  'a header that declares lossless or hierarchical coding': [
    async () => Promise.all([0xc3, 0xc5, 0xc6, 0xc7, 0xcb, 0xcd].map(withFrameMarker)),
    'unsupported-format',
    'corrupt',
  ],
  '100,000 scans': [() => floodOfScans(100_000, 64), 'corrupt', 'timeout'],
  '100 scans of a large image': [
    () => floodOfScans(95, 5000),
    'corrupt',
    'timeout',
    'rendered',
    'too-many-pixels',
    'warned',
  ],
  'quantization tables of zeros': [
    async () => {
      const jpeg = await photo();
      const table = jpegMarkersOf(jpeg).find(({ marker }) => marker === 0xdb)!.at;
      return patched(jpeg, table + 5, Buffer.alloc(64));
    },
    'rendered',
    'corrupt',
  ],
  'Huffman tables with more codes than there can be': [
    async () => {
      const jpeg = await photo();
      const table = jpegMarkersOf(jpeg).find(({ marker }) => marker === 0xc4)!.at;
      return [patched(jpeg, table + 5, Buffer.alloc(16, 0xff)), patched(jpeg, table + 5, Buffer.from([3]))];
    },
    'corrupt',
  ],
  'invalid Huffman table numbers': [
    async () => {
      const jpeg = await photo();
      const scan = jpeg.indexOf('ffda', 'hex');
      return patched(jpeg, scan + 6, Buffer.from([0xff]));
    },
    'corrupt',
  ],
  'segments with the lengths 0, 1 and 65,535': [
    async () => {
      const jpeg = await photo();
      return [0, 1, 0xffff].map((length) => patched(jpeg, 4, u16(length)));
    },
    'corrupt',
    'truncated',
    'rendered',
    'warned',
  ],
  '10,000 comments': [() => withSegment(0xfe, ...Array.from({ length: 10_000 }, () => ascii('a comment'))), 'rendered'],
  'restart markers at many offsets': [
    async () => inserted(await photo(), 2, Buffer.from([0xff, 0xdd, 0, 4, 0, 1])),
    'corrupt',
    'truncated',
  ],
  'EXIF that is garbage': [
    () => withSegment(0xe1, Buffer.concat([ascii('Exif\0\0'), new Random(1).bytes(60_000)])),
    'rendered',
  ],
  'EXIF as large as can be': [
    () =>
      withSegment(
        0xe1,
        ...Array.from({ length: 200 }, () => Buffer.concat([ascii('Exif\0\0II*\0'), Buffer.alloc(65_000, 7)])),
      ),
    'rendered',
  ],
  'EXIF whose directory follows itself': [() => withSegment(0xe1, exif([[0x112, 3, 1, 6]], 8)), 'rendered'],
  'EXIF whose directories contain themselves': [
    () =>
      withSegment(
        0xe1,
        exif([
          [0x8769, 4, 1, 8],
          [0x8825, 4, 1, 8],
          [0xa005, 4, 1, 8],
        ]),
      ),
    'rendered',
  ],
  'EXIF with lengths that overflow': [
    () =>
      withSegment(
        0xe1,
        exif([
          [0x10f, 2, 0xffffffff, 8],
          [0x110, 12, 0x20000000, 0xfffffff0],
          [0x111, 99, 0x80000000, 0],
        ]),
      ),
    'rendered',
  ],
  'EXIF with 65,535 entries': [
    () => withSegment(0xe1, patched(exif([[0x112, 3, 1, 6]]), 14, u16le(65_535))),
    'rendered',
  ],
  'EXIF with invalid orientations': [
    async () => Promise.all([0, 9, 65_535].map((value) => withSegment(0xe1, exif([[0x112, 3, 1, value]])))),
    'rendered',
  ],
  'EXIF with a thumbnail that is the file': [
    () =>
      withSegment(
        0xe1,
        exif([
          [0x201, 4, 1, 0],
          [0x202, 4, 1, 0xffffffff],
        ]),
      ),
    'rendered',
  ],
  'random bytes as an ICC profile': [() => withSegment(0xe2, ...profileParts([new Random(2).bytes(3000)])), 'rendered'],
  'an ICC profile of 255 parts, each marked as the last part': [
    () =>
      withSegment(
        0xe2,
        ...profileParts(
          Array.from({ length: 255 }, () => Buffer.alloc(60_000, 3)),
          () => [255, 255],
        ),
      ),
    'rendered',
  ],
  'an ICC profile of 14 MB': [
    () => withSegment(0xe2, ...profileParts(Array.from({ length: 220 }, () => Buffer.alloc(65_000, 3)))),
    'rendered',
  ],
  'four channels without a profile': [() => noisy().toColourspace('cmyk').jpeg().toBuffer(), 'rendered'],
});
