import sharp from 'sharp';
import { DEFAULT_LIMITS, HELD_WHOLE } from '../../../runtime/contract';
import { probe } from '../../../runtime/engine';
import { checkPixels, MAX_ROW_BYTES, MAX_SOURCE_SIDE } from '../../../runtime/engine/limits';
import { heic } from '../../support/heic';
import { plain, quadrants } from '../../support/images';
import { oneThumbnail, optionsFor, rejectionFrom } from './rendering';

const PIXELS = 80 * 60;

async function codeOf(source: Promise<Buffer>, limits: Parameters<typeof optionsFor>[1]): Promise<string> {
  return probe(await source, optionsFor([], limits)).then(
    () => 'accepted',
    (error: unknown) => (error as { code: string }).code,
  );
}

test('an image is rejected if it exceeds the maximum file size', async () => {
  const source = await quadrants();
  expect(await codeOf(quadrants(), { maxFileSizeBytes: source.length })).toBe('accepted');
  expect(await codeOf(quadrants(), { maxFileSizeBytes: source.length - 1 })).toBe('file-too-large');
});

test.each([
  ['the default limits', {}, 15_000_000],
  ['more pixels', { maxPixels: 200_000_000 }, 60_000_000],
  ['fewer pixels', { maxPixels: 1_000_000 }, 15_000_000],
])('the file size of a HEIC is limited with %s', async (_, limits, allowed) => {
  const maxFileSizeBytes = 100_000_000;
  const ofBytes = (bytes: number) => Promise.resolve(Buffer.concat([heic(), Buffer.alloc(bytes)]).subarray(0, bytes));
  expect(await codeOf(ofBytes(allowed), { maxFileSizeBytes, ...limits })).toBe('accepted');
  expect(await codeOf(ofBytes(allowed + 1), { maxFileSizeBytes, ...limits })).toBe('file-too-large');
});

test('a tiled HEIC of 48 MP and 14 MB is accepted by default', async () => {
  // An iPhone writes 8064 × 6048 pixels in tiles, with less than 0.3 bytes per pixel.
  const photo = heic({ columns: 126, rows: 94 });
  const bytes = Buffer.concat([photo, Buffer.alloc(14_000_000 - photo.length)]);
  expect(await codeOf(Promise.resolve(bytes), {})).toBe('accepted');
});

test.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)(
  'a %s with too many pixels is rejected',
  async (format) => {
    expect(await codeOf(quadrants({ format }), { maxPixels: PIXELS })).toBe('accepted');
    expect(await codeOf(quadrants({ format }), { maxPixels: PIXELS - 1 })).toBe('too-many-pixels');
  },
);

describe('maxProgressivePixels', () => {
  const interlaced = async (): Promise<Buffer> =>
    sharp(await quadrants({ format: 'png' }))
      .png({ progressive: true })
      .toBuffer();
  const deep = async (): Promise<Buffer> =>
    sharp(await quadrants({ format: 'png' }))
      .avif({ bitdepth: 10, effort: 0 })
      .toBuffer();

  test.each([
    ['a progressive JPEG', () => quadrants({ progressive: true }), HELD_WHOLE.progressive],
    ['an interlaced PNG', interlaced, HELD_WHOLE.progressive],
    ['an AVIF', () => quadrants({ format: 'avif' }), HELD_WHOLE.avif],
    ['a 10-bit AVIF', deep, HELD_WHOLE.deepAvif],
  ])('maxProgressivePixels limits the pixels of %s', async (_name, make, weight) => {
    const enough = Math.ceil(PIXELS * weight);
    expect(await codeOf(make(), { maxProgressivePixels: enough })).toBe('accepted');
    expect(await codeOf(make(), { maxProgressivePixels: enough - Math.ceil(weight) })).toBe('too-many-pixels');
  });

  test('maxProgressivePixels does not limit formats that are decoded row by row', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff'] as const) {
      expect(await codeOf(quadrants({ format }), { maxProgressivePixels: 1 })).toBe('accepted');
    }
  });
});

describe('dimensions', () => {
  const still = { format: 'png', orientation: 1, frames: 1, hasAlpha: false, progressive: false } as const;
  const check = (width: number, height: number, bytesPerPixel = 1, orientation = 1): (() => void) => {
    return () => checkPixels({ ...still, width, height, orientation }, { bytesPerPixel, heldWhole: 0 }, DEFAULT_LIMITS);
  };

  test('an image is rejected if a side exceeds 65,535 pixels', () => {
    expect(check(MAX_SOURCE_SIDE, 1)).not.toThrow();
    expect(check(1, MAX_SOURCE_SIDE)).not.toThrow();
    expect(check(MAX_SOURCE_SIDE, 1, 4)).not.toThrow();
    expect(check(MAX_SOURCE_SIDE + 1, 1)).toThrow('65535 pixels');
    expect(check(1, MAX_SOURCE_SIDE + 1)).toThrow('65535 pixels');
  });

  test('an image is rejected if a stored row exceeds the maximum number of bytes', () => {
    const widest = Math.floor(MAX_ROW_BYTES / 8);
    expect(check(widest, 100, 8)).not.toThrow();
    expect(check(widest + 1, 100, 8)).toThrow('262140 bytes');
    expect(check(100, widest + 1, 8)).not.toThrow();
    expect(check(100, widest + 1, 8, 6)).toThrow('262140 bytes');
  });

  test('a PNG with one row of 40,000 pixels is rejected before decoding', async () => {
    // The row has 320,000 bytes, because each pixel has four channels of 16 bits.
    const png = await sharp({ create: { width: 40_000, height: 1, channels: 4, background: 'red' } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await rejectionFrom(oneThumbnail(png))).code).toBe('too-many-pixels');
  });
});

test('the engine checks the file size, then the format, and then the pixels', async () => {
  const nothing = { maxFileSizeBytes: 0, maxPixels: 0 };
  expect(await codeOf(Promise.resolve(Buffer.alloc(0)), nothing)).toBe('empty-file');
  expect(await codeOf(quadrants(), nothing)).toBe('file-too-large');
  expect(await codeOf(Promise.resolve(Buffer.from('%PDF-1.7')), { ...nothing, maxFileSizeBytes: 100 })).toBe(
    'unsupported-format',
  );
  expect(await codeOf(quadrants(), { ...nothing, maxFileSizeBytes: 1e6 })).toBe('too-many-pixels');
});

test('error messages contain the value, the limit and the name of the limit', async () => {
  const rejection = await rejectionFrom(oneThumbnail(await plain([0, 0, 0, 255]), { limits: { maxPixels: 4799 } }));
  expect(rejection.message).toBe('the image has 80 × 60 pixels, 4800 in total; at most 4799 are allowed (maxPixels)');
  const large = await rejectionFrom(oneThumbnail(await quadrants(), { limits: { maxFileSizeBytes: 10 } }));
  expect(large.message).toMatch(/^the file has \d+ bytes; at most 10 are allowed \(maxFileSizeBytes\)$/);
});

describe('the time limit', () => {
  test('the time that reading of the image header takes counts towards the time limit', async () => {
    const rejection = await rejectionFrom(oneThumbnail(await quadrants(), { limits: { maxDurationSeconds: 0 } }));
    expect(rejection).toMatchObject({ code: 'timeout', retryable: true });
    expect(rejection.message).toContain('0 seconds');
  });

  test('an image is rejected at the time limit while the decoder is still running', async () => {
    const large = await plain([1, 2, 3, 255], { width: 6000, height: 4000 });
    const rejection = await rejectionFrom(
      oneThumbnail(large, { width: 6000, height: 6000, limits: { maxDurationSeconds: 0.02 } }),
    );
    expect(rejection.code).toBe('timeout');
  });
});
