import sharp from 'sharp';
import { DEFAULT_LIMITS } from '../../../runtime/contract';
import { probe } from '../../../runtime/engine';
import { checkPixels, HELD_WHOLE, MAX_ROW_BYTES, MAX_SOURCE_SIDE } from '../../../runtime/engine/limits';
import { plain, quadrants } from '../../support/images';
import { oneThumbnail, optionsFor, refusalOf } from './rendering';

const PIXELS = 80 * 60;

async function codeOf(source: Promise<Buffer>, limits: Parameters<typeof optionsFor>[1]): Promise<string> {
  return probe(await source, optionsFor([], limits)).then(
    () => 'accepted',
    (error: unknown) => (error as { code: string }).code,
  );
}

test('bytes are counted', async () => {
  const source = await quadrants();
  expect(await codeOf(quadrants(), { maxFileSizeBytes: source.length })).toBe('accepted');
  expect(await codeOf(quadrants(), { maxFileSizeBytes: source.length - 1 })).toBe('file-too-large');
});

test.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)('pixels of a %s are counted', async (format) => {
  expect(await codeOf(quadrants({ format }), { maxPixels: PIXELS })).toBe('accepted');
  expect(await codeOf(quadrants({ format }), { maxPixels: PIXELS - 1 })).toBe('too-many-pixels');
});

describe('pixels that a decoder holds whole are counted on their own', () => {
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
    ['an AVIF of 10 bits', deep, HELD_WHOLE.deepAvif],
  ])('%s', async (_name, make, weight) => {
    const enough = Math.ceil(PIXELS * weight);
    expect(await codeOf(make(), { maxProgressivePixels: enough })).toBe('accepted');
    expect(await codeOf(make(), { maxProgressivePixels: enough - Math.ceil(weight) })).toBe('too-many-pixels');
  });

  test('and others are not', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff'] as const) {
      expect(await codeOf(quadrants({ format }), { maxProgressivePixels: 1 })).toBe('accepted');
    }
  });
});

describe('a side', () => {
  const still = { format: 'png', orientation: 1, frames: 1, hasAlpha: false, progressive: false } as const;
  const check = (width: number, height: number, bytesPerPixel = 1, orientation = 1): (() => void) => {
    return () => checkPixels({ ...still, width, height, orientation }, { bytesPerPixel, heldWhole: 0 }, DEFAULT_LIMITS);
  };

  test('may be as long as that of any JPEG', () => {
    expect(check(MAX_SOURCE_SIDE, 1)).not.toThrow();
    expect(check(1, MAX_SOURCE_SIDE)).not.toThrow();
    expect(check(MAX_SOURCE_SIDE, 1, 4)).not.toThrow();
    expect(check(MAX_SOURCE_SIDE + 1, 1)).toThrow('a side longer than any that is allowed');
    expect(check(1, MAX_SOURCE_SIDE + 1)).toThrow('a side longer than any that is allowed');
  });

  test('may have only so many bytes as it is stored', () => {
    const widest = Math.floor(MAX_ROW_BYTES / 8);
    expect(check(widest, 100, 8)).not.toThrow();
    expect(check(widest + 1, 100, 8)).toThrow('bytes a row');
    expect(check(100, widest + 1, 8)).not.toThrow();
    expect(check(100, widest + 1, 8, 6)).toThrow('bytes a row');
  });

  test('is looked at before a strip is decoded', async () => {
    // one pixel high, 16 bits a channel: a few bytes that take gigabytes to decode when there are enough of them
    const png = await sharp({ create: { width: 40_000, height: 1, channels: 4, background: 'red' } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await refusalOf(oneThumbnail(png))).code).toBe('too-many-pixels');
  });
});

test('what is wrong first is said first: bytes, format, pixels', async () => {
  const nothing = { maxFileSizeBytes: 0, maxPixels: 0 };
  expect(await codeOf(Promise.resolve(Buffer.alloc(0)), nothing)).toBe('empty-file');
  expect(await codeOf(quadrants(), nothing)).toBe('file-too-large');
  expect(await codeOf(Promise.resolve(Buffer.from('%PDF-1.7')), { ...nothing, maxFileSizeBytes: 100 })).toBe(
    'unsupported-format',
  );
  expect(await codeOf(quadrants(), { ...nothing, maxFileSizeBytes: 1e6 })).toBe('too-many-pixels');
});

test('a refusal says what was found, what is allowed and which limit it is', async () => {
  const refusal = await refusalOf(oneThumbnail(await plain([0, 0, 0, 255]), { limits: { maxPixels: 4799 } }));
  expect(refusal.message).toBe(
    'the image has 80 × 60 pixels, 4800 in all, more than the 4799 that are allowed (maxPixels)',
  );
  const large = await refusalOf(oneThumbnail(await quadrants(), { limits: { maxFileSizeBytes: 10 } }));
  expect(large.message).toMatch(/^the image has \d+ bytes, more than the 10 that are allowed \(maxBytes\)$/);
});

describe('time', () => {
  test('is counted over everything', async () => {
    const refusal = await refusalOf(oneThumbnail(await quadrants(), { limits: { maxDurationSeconds: 0 } }));
    expect(refusal).toMatchObject({ code: 'timeout', retryable: true });
    expect(refusal.message).toContain('0 seconds');
  });

  test('stops waiting for a decoder that is not done', async () => {
    const large = await plain([1, 2, 3, 255], { width: 6000, height: 4000 });
    const refusal = await refusalOf(
      oneThumbnail(large, { width: 6000, height: 6000, limits: { maxDurationSeconds: 0.02 } }),
    );
    expect(refusal.code).toBe('timeout');
  });
});
