import sharp from 'sharp';
import { scanFaultOf } from '../../../../runtime/engine/jpeg/jpeg-scan';
import { inserted, jpegMarkersOf, patched, u16 } from '../../../robustness/hostile/bytes';
import { noisy } from '../../../robustness/hostile/seeds';
import { Random } from '../../../support/random';

const END = Buffer.from([0xff, 0xd9]);

/** Returns the offset of the compressed data of a JPEG with one scan. */
function dataOf(jpeg: Buffer): number {
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  return scan + 2 + jpeg.readUInt16BE(scan + 2);
}

describe('the scan reports no fault in', () => {
  test.each([
    ['colours at half the resolution', () => noisy(231, 133).jpeg().toBuffer()],
    ['colours at full resolution', () => noisy(231, 133).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()],
    ['tables of its own', () => noisy(231, 133).jpeg({ optimiseCoding: true, quality: 97 }).toBuffer()],
    [
      'few colours',
      () =>
        sharp({ create: { width: 300, height: 200, channels: 3, background: 'red' } })
          .jpeg()
          .toBuffer(),
    ],
    ['grey', () => noisy(231, 133, 1).toColourspace('b-w').jpeg().toBuffer()],
    ['four channels', () => noisy(231, 133).toColourspace('cmyk').jpeg().toBuffer()],
    ['a single pixel', () => noisy(1, 1).jpeg().toBuffer()],
    ['several scans, which are not supported', () => noisy(231, 133).jpeg({ progressive: true }).toBuffer()],
    ['only a beginning', () => Promise.resolve(Buffer.from('\xff\xd8\xff\xe0', 'latin1'))],
  ])('a JPEG with %s has no fault', async (_name, make) => {
    expect(scanFaultOf(await make())).toBeUndefined();
  });

  test('a JPEG with padding before its end or data after its end has no fault', async () => {
    const jpeg = await noisy().jpeg().toBuffer();
    for (const byte of [0, 0x20]) {
      expect(scanFaultOf(Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(30, byte), END]))).toBeUndefined();
    }
    expect(scanFaultOf(Buffer.concat([jpeg, Buffer.from('and a video')]))).toBeUndefined();
  });

  test('a JPEG with restart markers has no fault', async () => {
    const jpeg = await restarting();
    expect(jpegMarkersOf(jpeg).length).toBeGreaterThan(5);
    expect(scanFaultOf(jpeg)).toBeUndefined();
    expect((await sharp(jpeg, { failOn: 'warning' }).raw().toBuffer()).length).toBeGreaterThan(0);
  });
});

/**
 * Creates a single-coloured grey JPEG with a restart marker after each block. sharp writes no restart markers. Each
 * block consists of the code for a difference of 0, the code for the end of the block, and padding with 1 bits up to
 * the next byte.
 */
async function restarting(blocks = 9): Promise<Buffer> {
  const background = { r: 128, g: 128, b: 128 };
  const whole = await sharp({ create: { width: 8 * blocks, height: 8, channels: 3, background } })
    .toColourspace('b-w')
    .jpeg({ optimiseCoding: false })
    .toBuffer();
  const scan = whole.indexOf(Buffer.from([0xff, 0xda]));
  const interval = Buffer.concat([Buffer.from([0xff, 0xdd]), u16(4), u16(1)]);
  // The code 00 means no difference, 1010 means the end of the block: tables K.3 and K.5.
  const stretches = Array.from({ length: blocks }, (_, index) => {
    const marker = index === 0 ? [] : [0xff, 0xd0 + ((index - 1) % 8)];
    return Buffer.from([...marker, 0b00101011]);
  });
  return Buffer.concat([whole.subarray(0, scan), interval, whole.subarray(scan, dataOf(whole)), ...stretches, END]);
}

test('the scan detects missing data, even if only the last byte is missing', async () => {
  const jpeg = await noisy(231, 133).jpeg().toBuffer();
  const data = dataOf(jpeg);
  for (const length of [0, 1, 50, jpeg.length - 2 - data - 300, jpeg.length - 2 - data - 2]) {
    expect(scanFaultOf(Buffer.concat([jpeg.subarray(0, data + length), END]))).toBe('missing');
  }
});

test('the scan detects data after the last block', async () => {
  const jpeg = await noisy(231, 133).jpeg().toBuffer();
  expect(scanFaultOf(inserted(jpeg, jpeg.length - 2, Buffer.from([1, 2, 3])))).toBe('left over');
  // The header declares fewer rows for the same data.
  const frame = jpegMarkersOf(jpeg).find(({ marker }) => marker === 0xc0)!.at;
  expect(scanFaultOf(patched(jpeg, frame + 5, u16(60)))).toBe('left over');
  expect(scanFaultOf(patched(jpeg, frame + 5, u16(600)))).toBe('missing');
});

test('the scan detects a missing restart marker', async () => {
  const jpeg = await restarting();
  const marker = jpeg.indexOf(Buffer.from([0xff, 0xd2]));
  expect(scanFaultOf(Buffer.concat([jpeg.subarray(0, marker), jpeg.subarray(marker + 2)]))).toBe('missing');
});

test('the scan detects most replaced bytes', async () => {
  const jpeg = await noisy(400, 300).jpeg({ quality: 90 }).toBuffer();
  const data = dataOf(jpeg);
  const random = new Random(11);
  let noticed = 0;
  for (let i = 0; i < 100; i++) {
    const damage = random.bytes(64).map((byte) => Math.min(byte, 0xfe));
    const at = data + random.below(jpeg.length - data - 200);
    if (scanFaultOf(patched(jpeg, at, Buffer.from(damage))) !== undefined) {
      noticed++;
    }
  }
  expect(noticed).toBeGreaterThanOrEqual(80);
});

test('the scan accepts any bytes without an exception', async () => {
  const jpeg = await noisy().jpeg().toBuffer();
  const random = new Random(12);
  for (let i = 0; i < 3000; i++) {
    const bytes = Buffer.from(jpeg.subarray(0, random.below(4) === 0 ? random.below(jpeg.length) : jpeg.length));
    for (let k = random.below(6); k > 0; k--) {
      bytes[random.below(Math.min(bytes.length, 700))] = random.below(256);
    }
    expect([undefined, 'left over', 'missing', 'broken']).toContain(scanFaultOf(bytes));
  }
});
