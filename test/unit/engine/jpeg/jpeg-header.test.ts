import sharp from 'sharp';
import { readJpegHeader } from '../../../../runtime/engine/jpeg/jpeg-header';
import { ascii, inserted, patched, u16, u16le, u32, u32le } from '../../../robustness/hostile/bytes';
import { noisy } from '../../../robustness/hostile/seeds';
import { Random } from '../../../support/random';

const SHORT = 3;
const LONG = 4;
const ORIENTATION = 0x0112;
const WIDTH = 0x0100;

/** Entries of a TIFF directory. */
type Entries = readonly (readonly [tag: number, type: number, count: number, value: number])[];

/** Builds an APP1 segment with EXIF. */
function exif(entries: Entries, order: 'II' | 'MM' = 'MM', text = 'Exif\0\0'): Buffer {
  const [two, four] = order === 'II' ? [u16le, u32le] : [u16, u32];
  const directory = entries.map(([tag, type, count, value]) =>
    Buffer.concat([
      two(tag),
      two(type),
      four(count),
      type === SHORT ? Buffer.concat([two(value), two(0)]) : four(value),
    ]),
  );
  const tiff = [ascii(order), two(42), four(8), two(entries.length), ...directory, four(0)];
  const content = Buffer.concat([ascii(text), ...tiff]);
  return Buffer.concat([u16(0xffe1), u16(content.length + 2), content]);
}

/** Builds a JPEG with additional segments at its start. */
async function jpegWith(...segments: Buffer[]): Promise<Buffer> {
  return inserted(await noisy().jpeg().toBuffer(), 2, Buffer.concat(segments));
}

async function metadataOf(jpeg: Buffer): Promise<object> {
  const { width, height, channels, orientation = 1, isProgressive } = await sharp(jpeg).metadata();
  expect(isProgressive).toBe(false);
  return { width, height, channels, orientation };
}

describe('reads', () => {
  test.each([
    ['no EXIF', () => noisy().jpeg().toBuffer()],
    ['one component', () => noisy(31, 17, 1).toColourspace('b-w').jpeg().toBuffer()],
    ['4:4:4 sampling', () => noisy(31, 17).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()],
    ['EXIF written by sharp', () => noisy().withMetadata({ orientation: 6 }).jpeg().toBuffer()],
    ['EXIF without an orientation', () => jpegWith(exif([[WIDTH, LONG, 1, 72]]))],
    [
      'XMP and EXIF',
      () => jpegWith(exif([], 'II', 'http://ns.adobe.com/xap/1.0/\0'), exif([[ORIENTATION, SHORT, 1, 5]])),
    ],
  ])('a JPEG with %s like sharp', async (_name, make) => {
    const jpeg = await make();
    expect(readJpegHeader(jpeg)).toEqual(await metadataOf(jpeg));
  });

  test.each(['II', 'MM'] as const)(
    'readJpegHeader() and sharp read every orientation in byte order %s',
    async (order) => {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const jpeg = await jpegWith(
          exif(
            [
              [WIDTH, LONG, 1, 72],
              [ORIENTATION, SHORT, 1, orientation],
            ],
            order,
          ),
        );
        expect(readJpegHeader(jpeg)).toMatchObject({ width: 72, height: 56, orientation });
        expect(readJpegHeader(jpeg)).toEqual(await metadataOf(jpeg));
      }
    },
  );
});

describe('returns undefined for', () => {
  test.each([
    ['a progressive JPEG', () => noisy().jpeg({ progressive: true }).toBuffer()],
    ['four components', () => noisy().toColourspace('cmyk').jpeg().toBuffer()],
    ['orientation 0', () => jpegWith(exif([[ORIENTATION, SHORT, 1, 0]]))],
    ['orientation 9', () => jpegWith(exif([[ORIENTATION, SHORT, 1, 9]]))],
    ['an orientation of the wrong type', () => jpegWith(exif([[ORIENTATION, LONG, 1, 6]]))],
    ['an orientation of two values', () => jpegWith(exif([[ORIENTATION, SHORT, 2, 6]]))],
    [
      'two orientations',
      () =>
        jpegWith(
          exif([
            [ORIENTATION, SHORT, 1, 6],
            [ORIENTATION, SHORT, 1, 3],
          ]),
        ),
    ],
    ['two EXIF segments', () => jpegWith(exif([[ORIENTATION, SHORT, 1, 6]]), exif([[ORIENTATION, SHORT, 1, 3]]))],
    ['an invalid EXIF identifier', () => jpegWith(exif([[ORIENTATION, SHORT, 1, 6]], 'MM', 'Exif\0x'))],
    ['a directory offset beyond the end', async () => patched(await jpegWith(exif([])), 16, u32(4000))],
    ['a truncated directory', async () => patched(await jpegWith(exif([])), 20, u16(9))],
    ['an invalid byte order', async () => patched(await jpegWith(exif([])), 12, ascii('MI'))],
    ['a missing scan', async () => (await noisy().jpeg().toBuffer()).subarray(0, 200)],
    ['a file of three bytes', () => Promise.resolve(Buffer.from([0xff, 0xd8, 0xff]))],
    ['a segment of length 0', () => jpegWith(Buffer.from([0xff, 0xe5, 0, 0]))],
  ])('%s', async (_name, make) => {
    expect(readJpegHeader(await make())).toBeUndefined();
  });

  test.each([
    ['height', 0],
    ['width', 0],
    ['width', 65_501],
  ])('a %s of %i', async (side, pixels) => {
    const jpeg = await noisy().jpeg().toBuffer();
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    const at = frame + (side === 'height' ? 5 : 7);
    expect(readJpegHeader(patched(jpeg, at, u16(pixels)))).toBeUndefined();
  });
});

test('readJpegHeader() and sharp return equal results after random changes', async () => {
  const whole = await jpegWith(
    exif(
      [
        [WIDTH, LONG, 1, 72],
        [ORIENTATION, SHORT, 1, 6],
      ],
      'II',
    ),
  );
  const scan = whole.indexOf(Buffer.from([0xff, 0xda]));
  const random = new Random(11);
  let compared = 0;
  for (let round = 0; round < 3000; round++) {
    let jpeg = whole;
    for (let change = random.below(3); change >= 0; change--) {
      // Half of the changes affect EXIF.
      jpeg = patched(jpeg, 2 + random.below(round % 2 ? 60 : scan + 12), random.bytes(1 + random.below(2)));
    }
    const header = readJpegHeader(jpeg);
    const metadata =
      header &&
      (await sharp(jpeg, { limitInputPixels: false })
        .metadata()
        .catch(() => undefined));
    if (!metadata) {
      continue;
    }
    const { format, width, height, channels, orientation = 1, isProgressive } = metadata;
    expect({ format, width, height, channels, orientation, isProgressive, round }).toEqual({
      ...header,
      format: 'jpeg',
      isProgressive: false,
      round,
    });
    compared += 1;
  }
  expect(compared).toBeGreaterThan(1000);
});
