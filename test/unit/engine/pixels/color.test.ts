import sharp from 'sharp';
import { distance, pixelAt, type Pixel } from '../../../support/images';
import { oneThumbnail } from '../rendering';

const COLOURS: readonly Pixel[] = [
  [200, 90, 70, 255],
  [60, 140, 90, 255],
  [70, 80, 170, 255],
  [128, 128, 128, 255],
];

function plainImage([r, g, b]: Pixel): sharp.Sharp {
  return sharp({ create: { width: 64, height: 48, channels: 3, background: { r, g, b } } });
}

/** Returns the colour of the thumbnail of a single-coloured source. */
async function colourOf(source: Buffer): Promise<Pixel> {
  return pixelAt((await oneThumbnail(source)).body, 10, 10);
}

/**
 * Tolerance for colours after a conversion to CMYK and back. CMYK has a smaller gamut. Errors such as inverted colours
 * or an ignored profile cause much larger differences.
 */
const INK_TOLERANCE = 32;

describe.each(COLOURS)('the colour %i %i %i', (...colour) => {
  test.each([
    [
      'CMYK without a profile',
      INK_TOLERANCE,
      (image: sharp.Sharp) => image.toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
    ],
    [
      'CMYK with a profile',
      INK_TOLERANCE,
      (image: sharp.Sharp) => image.withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer(),
    ],
    ['CMYK in a TIFF', INK_TOLERANCE, (image: sharp.Sharp) => image.toColourspace('cmyk').tiff().toBuffer()],
    ['Display P3', 2, (image: sharp.Sharp) => image.withIccProfile('p3').png().toBuffer()],
    ['Display P3 as JPEG', 4, (image: sharp.Sharp) => image.withIccProfile('p3').jpeg({ quality: 100 }).toBuffer()],
    ['16 bits', 1, (image: sharp.Sharp) => image.toColourspace('rgb16').png().toBuffer()],
    ['16 bits in Display P3', 2, deepP3],
    [
      '16 bits in Display P3 in a TIFF',
      2,
      async (image: sharp.Sharp) =>
        sharp(await deepP3(image))
          .keepIccProfile()
          .toColourspace('rgb16')
          .tiff()
          .toBuffer(),
    ],
    ['a palette', 2, (image: sharp.Sharp) => image.png({ palette: true }).toBuffer()],
    ['YCbCr 4:2:0', 3, (image: sharp.Sharp) => image.jpeg({ quality: 100 }).toBuffer()],
    ['10-bit AVIF', 3, (image: sharp.Sharp) => image.avif({ quality: 95, bitdepth: 10, effort: 0 }).toBuffer()],
  ])('the colour is preserved in %s', async (_name, tolerance, encode) => {
    expect(distance(await colourOf(await encode(plainImage(colour))), colour)).toBeLessThanOrEqual(tolerance);
  });
});

/** Encodes an image in 16-bit Display P3, whose sample values differ from sRGB. */
async function deepP3(image: sharp.Sharp): Promise<Buffer> {
  return image.toColourspace('rgb16').withIccProfile('p3').png().toBuffer();
}

test('the stored samples of images with a profile differ from their sRGB colours', async () => {
  const strong: Pixel = [200, 60, 40, 255];
  for (const source of [
    await plainImage(strong).withIccProfile('p3').png().toBuffer(),
    await deepP3(plainImage(strong)),
  ]) {
    const { data } = await sharp(source, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });
    expect(distance([data[0] ?? 0, data[1] ?? 0, data[2] ?? 0, 255], strong)).toBeGreaterThan(8);
    expect(distance(await colourOf(source), strong)).toBeLessThanOrEqual(2);
  }
});

describe('grey', () => {
  const grey = (): sharp.Sharp => plainImage([90, 90, 90, 255]).greyscale();

  test.each([
    ['8 bits', () => grey().toColourspace('b-w').png().toBuffer()],
    ['16 bits', () => grey().toColourspace('grey16').png().toBuffer()],
    ['JPEG', () => grey().toColourspace('b-w').jpeg({ quality: 100 }).toBuffer()],
    [
      '1 bit',
      () =>
        plainImage([255, 255, 255, 255]).threshold().toColourspace('b-w').png({ palette: true, colours: 2 }).toBuffer(),
    ],
    ['grey with opacity', () => grey().toColourspace('b-w').ensureAlpha().png().toBuffer()],
  ])('grey in %s stays grey', async (_name, make) => {
    const [red, green, blue, opacity] = await colourOf(await make());
    expect(new Set([red, green, blue]).size).toBe(1);
    expect([90, 255].some((value) => Math.abs(red - value) <= 2)).toBe(true);
    expect(opacity).toBe(255);
  });
});

test('an invalid ICC profile is ignored', async () => {
  const jpeg = await plainImage([60, 140, 90, 255]).withIccProfile('p3').jpeg({ quality: 100 }).toBuffer();
  const at = jpeg.indexOf('ICC_PROFILE') + 14;
  jpeg.fill(0x5a, at, at + 200);
  expect(distance(await colourOf(jpeg), [70, 139, 93, 255])).toBeLessThan(30);
});

test.each(['jpeg', 'png', 'webp', 'avif', 'gif'] as const)('a %s thumbnail contains no metadata', async (format) => {
  const source = await plainImage([60, 140, 90, 255])
    .withIccProfile('p3')
    .withExif({ IFD0: { Copyright: 'somebody', Artist: 'somebody' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const given = await sharp(source).metadata();
  expect(given.exif).toBeDefined();
  const { body } = await oneThumbnail(source, { format });
  const made = await sharp(body).metadata();
  expect([made.exif, made.icc, made.xmp, made.iptc, made.orientation]).toEqual(Array(5).fill(undefined));
  expect(body.includes('somebody')).toBe(false);
});
