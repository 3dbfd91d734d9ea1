import sharp from 'sharp';
import type { FormatSettings } from '../../../runtime/contract';
import { contentTypeOf, extensionOf, render } from '../../../runtime/engine';
import { heic } from '../../support/heic';
import { animation, quadrants, seenQuadrants, UPRIGHT } from '../../support/images';
import { oneThumbnail, optionsFor } from './rendering';

const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const;

describe('a rendering', () => {
  const settings = [
    { name: 'large', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }, { type: 'jpeg' }] },
    { name: 'square', fit: 'cover', width: 50, height: 50, formats: [{ type: 'avif' }, { type: 'png' }] },
    { name: 'box', fit: 'contain', width: 60, height: 80, formats: [{ type: 'gif' }] },
    { name: 'grown', fit: 'inside', width: 800, height: 800, enlarge: true, formats: [{ type: 'webp' }] },
  ] as const;

  test('the rendering contains the thumbnails in the order of the settings', async () => {
    const { source, thumbnails } = await render(await quadrants({ width: 400, height: 300 }), optionsFor(settings));
    expect(source).toMatchObject({ format: 'jpeg', width: 400, height: 300 });
    expect(thumbnails.map(({ body, ...rest }) => ({ ...rest, bytes: body.length > 0 }))).toEqual([
      { name: 'large', format: 'webp', contentType: 'image/webp', width: 200, height: 150, frames: 1, bytes: true },
      { name: 'large', format: 'jpeg', contentType: 'image/jpeg', width: 200, height: 150, frames: 1, bytes: true },
      { name: 'square', format: 'avif', contentType: 'image/avif', width: 50, height: 50, frames: 1, bytes: true },
      { name: 'square', format: 'png', contentType: 'image/png', width: 50, height: 50, frames: 1, bytes: true },
      { name: 'box', format: 'gif', contentType: 'image/gif', width: 60, height: 80, frames: 1, bytes: true },
      { name: 'grown', format: 'webp', contentType: 'image/webp', width: 800, height: 600, frames: 1, bytes: true },
    ]);
  });

  test('the rendering contains the correct size and format of each encoded file', async () => {
    const { thumbnails } = await render(await quadrants({ width: 400, height: 300 }), optionsFor(settings));
    for (const { body, format, width, height } of thumbnails) {
      const metadata = await sharp(body).metadata();
      expect(metadata).toMatchObject({ width, height, format: format === 'avif' ? 'heif' : format });
      expect(metadata.mediaType).toBe(contentTypeOf(format));
      expect(await seenQuadrants(body)).toEqual(UPRIGHT);
    }
  });

  test.each([
    ['a JPEG', () => quadrants({ width: 400, height: 300, orientation: 6 })],
    ['a HEIC', () => Promise.resolve(heic({ columns: 3, rows: 2 }))],
    ['a PNG with alpha', () => quadrants({ width: 400, height: 300, format: 'png', opacity: 100 })],
  ])('a rendering of %s is deterministic', async (_name, make) => {
    const source = await make();
    expect(await render(source, optionsFor(settings))).toEqual(await render(source, optionsFor(settings)));
  });

  test('a rendering of an animation is deterministic', async () => {
    const source = await animation({ frames: ['red', 'green', 'blue'], width: 60, height: 60 });
    const animated = settings.map((thumbnail) => ({ ...thumbnail, animated: true }));
    expect(await render(source, optionsFor(animated))).toEqual(await render(source, optionsFor(animated)));
  });

  test('the rendering does not depend on the other thumbnails', async () => {
    // The decoder never downscales this source, because one thumbnail is larger than the source.
    const source = await quadrants({ width: 400, height: 300 });
    const { thumbnails } = await render(source, optionsFor(settings));
    const alone = await oneThumbnail(source, { width: 800, height: 800, enlarge: true, format: 'webp' });
    expect(thumbnails.at(-1)?.body.equals(alone.body)).toBe(true);
  });

  test('a rendering without thumbnails contains the placeholder', async () => {
    const { thumbnails, thumbHash, dominantColor } = await render(await quadrants(), optionsFor([]));
    expect(thumbnails).toEqual([]);
    expect(thumbHash).not.toBe('');
    expect(dominantColor).toMatch(/^#[0-9a-f]{6}$/);
  });
});

test('the engine does not change the source buffer', async () => {
  for (const source of [await quadrants(), heic(), await animation({ frames: ['red', 'blue'] })]) {
    const before = Buffer.from(source);
    await oneThumbnail(source);
    expect(source.equals(before)).toBe(true);
  }
});

describe('encoders', () => {
  /** Creates blurred noise, which compresses like a photo. */
  async function photo(): Promise<Buffer> {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const made = sharp({ create: { width: 300, height: 200, channels: 3, background: 'black', noise } });
    return sharp(await made.png().toBuffer())
      .blur(2)
      .png()
      .toBuffer();
  }
  const bytesAs = async (source: Buffer, format: FormatSettings): Promise<number> =>
    (await oneThumbnail(source, { width: 300, height: 300, format })).body.length;

  test.each(['jpeg', 'png', 'webp', 'avif'] as const)('%s thumbnails are smaller at lower quality', async (type) => {
    const source = await photo();
    expect(await bytesAs(source, { type, quality: 30 })).toBeLessThan(await bytesAs(source, { type, quality: 90 }));
  });

  test.each(['webp', 'avif', 'png'] as const)('%s can be lossless', async (type) => {
    const source = await photo();
    const format = type === 'png' ? { type, quality: 100 } : { type, lossless: true };
    const { body } = await oneThumbnail(source, { width: 300, height: 300, format });
    const [given, made] = await Promise.all([source, body].map((image) => sharp(image).removeAlpha().raw().toBuffer()));
    expect(given?.equals(made ?? Buffer.alloc(0))).toBe(true);
  });

  test('a PNG thumbnail has a palette only below quality 100', async () => {
    const palette = async (quality: number): Promise<boolean | undefined> => {
      const { body } = await oneThumbnail(await photo(), { format: { type: 'png', quality } });
      return (await sharp(body).metadata()).isPalette;
    };
    expect(await palette(99)).toBe(true);
    expect(await palette(100)).toBe(false);
  });

  test.each([
    ['png', 1, 10],
    ['webp', 0, 6],
    ['avif', 0, 4],
    ['gif', 1, 10],
  ] as const)('%s accepts the lowest and the highest effort', async (type, least, most) => {
    const source = await photo();
    for (const effort of [least, most]) {
      expect((await oneThumbnail(source, { format: { type, effort } })).format).toBe(type);
    }
    if (type === 'png') {
      expect(await bytesAs(source, { type, effort: most })).toBeLessThan(
        await bytesAs(source, { type, effort: least }),
      );
    }
  });
});

test('media types and extensions are unique', () => {
  const all = [...FORMATS, 'tiff', 'heic', 'svg'] as const;
  expect(new Set(all.map(contentTypeOf)).size).toBe(all.length);
  expect(all.map(extensionOf)).toEqual(['jpg', 'png', 'webp', 'avif', 'gif', 'tiff', 'heic', 'svg']);
});
