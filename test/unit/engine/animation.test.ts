import sharp from 'sharp';
import { probe, render } from '../../../runtime/engine';
import { animation, colorName, pixelAt, quadrants, type QuadrantColor } from '../../support/images';
import { oneThumbnail, optionsFor, rejectionFrom } from './rendering';

const FRAMES: readonly QuadrantColor[] = ['red', 'green', 'blue', 'yellow'];
const DELAY = [100, 200, 300, 400];

async function coloursOf(image: Buffer): Promise<(QuadrantColor | 'other')[]> {
  const { width, pages = 1, pageHeight, height } = await sharp(image, { pages: -1 }).metadata();
  const centre = [Math.floor(width / 2), Math.floor((pageHeight ?? height) / 2)] as const;
  const pixels = await Promise.all(Array.from({ length: pages }, (_, frame) => pixelAt(image, ...centre, frame)));
  return pixels.map((pixel) => colorName(pixel));
}

describe.each(['gif', 'webp'] as const)('an animated %s', (from) => {
  const source = animation({ width: 80, height: 60, format: from, frames: FRAMES, delay: DELAY, loop: 3 });

  test('the probe of the animation contains the number of frames', async () => {
    expect(await probe(await source, optionsFor([]))).toMatchObject({ format: from, width: 80, height: 60, frames: 4 });
  });

  describe.each(['gif', 'webp'] as const)('as %s', (format) => {
    test.each([
      ['inside', { fit: 'inside', width: 40, height: 40 }, { width: 40, height: 30 }],
      ['inside, at its own size', { fit: 'inside', width: 400, height: 400 }, { width: 80, height: 60 }],
      ['cover', { fit: 'cover', width: 20, height: 40 }, { width: 20, height: 40 }],
      ['cover by attention', { fit: 'cover', width: 20, height: 40, position: 'attention' }, { width: 20, height: 40 }],
      ['contain', { fit: 'contain', width: 40, height: 60 }, { width: 40, height: 60 }],
    ] as const)('keeps frames, delays and repetitions: %s', async (_name, settings, size) => {
      const made = await oneThumbnail(await source, { ...settings, format, animated: true });
      expect(made).toMatchObject({ ...size, frames: 4, format });
      const metadata = await sharp(made.body, { pages: -1 }).metadata();
      expect(metadata).toMatchObject({ width: size.width, pageHeight: size.height, pages: 4, loop: 3, delay: DELAY });
      expect(await coloursOf(made.body)).toEqual(FRAMES);
    });

    test('without `animated`, the thumbnail shows the first frame', async () => {
      const made = await oneThumbnail(await source, { format });
      expect(made.frames).toBe(1);
      expect(await coloursOf(made.body)).toEqual(['red']);
    });
  });

  test.each(['jpeg', 'png', 'avif'] as const)('a %s thumbnail shows the first frame', async (format) => {
    const made = await oneThumbnail(await source, { format, animated: true });
    expect(made).toMatchObject({ width: 40, height: 30, frames: 1 });
    expect(await coloursOf(made.body)).toEqual(['red']);
  });

  test('the engine renders animated and still thumbnails of one source', async () => {
    const { thumbnails } = await render(
      await source,
      optionsFor([
        {
          name: 'a',
          fit: 'inside',
          width: 20,
          height: 20,
          animated: true,
          formats: [{ type: 'webp' }, { type: 'jpeg' }],
        },
        { name: 'b', fit: 'inside', width: 40, height: 40, formats: [{ type: 'webp' }] },
      ]),
    );
    expect(thumbnails.map(({ name, format, frames }) => [name, format, frames])).toEqual([
      ['a', 'webp', 4],
      ['a', 'jpeg', 1],
      ['b', 'webp', 1],
    ]);
  });

  test('the limits on animations apply only if a thumbnail is animated', async () => {
    const animated = { animated: true, format: 'webp' } as const;
    expect((await rejectionFrom(oneThumbnail(await source, { ...animated, limits: { maxFrames: 3 } }))).code).toBe(
      'too-many-frames',
    );
    const pixels = 80 * 60 * 4;
    const rejection = await rejectionFrom(
      oneThumbnail(await source, { ...animated, limits: { maxAnimationPixels: pixels - 1 } }),
    );
    expect(rejection.code).toBe('too-many-pixels');
    expect(rejection.message).toContain('4 frames of 80 × 60 pixels, 19200 in total');
    const limits = { maxFrames: 4, maxAnimationPixels: pixels };
    expect((await oneThumbnail(await source, { ...animated, limits })).frames).toBe(4);
    const still = { format: 'webp', limits: { maxFrames: 1, maxAnimationPixels: 1 } } as const;
    expect((await oneThumbnail(await source, still)).frames).toBe(1);
  });
});

test('with `animated`, the thumbnail of a still image has one frame', async () => {
  const made = await oneThumbnail(await quadrants({ format: 'webp' }), { format: 'webp', animated: true });
  expect(made.frames).toBe(1);
});

test('delays are limited to the maximum value that sharp writes', async () => {
  const source = await animation({ frames: ['red', 'green'], delay: [1000, 1000] });
  // The graphic control extension contains the flags and then the delay in hundredths of a second.
  for (let at = source.indexOf('21f904', 'hex'); at >= 0; at = source.indexOf('21f904', at + 1, 'hex')) {
    source.writeUInt16LE(65_535, at + 4);
  }
  const made = await oneThumbnail(source, { format: 'webp', animated: true });
  expect((await sharp(made.body, { pages: -1 }).metadata()).delay).toEqual([65_535, 65_535]);
});

test.each([2, 3, 4, 5, 6, 7, 8])(
  'every frame of an animated WebP with orientation %i is upright',
  async (orientation) => {
    const frame = await sharp(await quadrants({ width: 40, height: 30, orientation, format: 'png' }))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = frame.info;
    const source = await sharp(Buffer.concat([frame.data, Buffer.alloc(frame.data.length, 90)]), {
      raw: { width, height: height * 2, channels: 3, pageHeight: height },
    })
      .withMetadata({ orientation })
      .webp({ lossless: true, delay: [100, 100] })
      .toBuffer();
    const made = await oneThumbnail(source, { format: { type: 'webp', lossless: true }, animated: true });
    expect(made).toMatchObject({ width: 40, height: 30, frames: 2 });
    const places = [
      [10, 7],
      [30, 7],
      [10, 22],
      [30, 22],
    ] as const;
    const seen = await Promise.all(places.map(([x, y]) => pixelAt(made.body, x, y, 0)));
    expect(seen.map((pixel) => colorName(pixel))).toEqual(['red', 'green', 'blue', 'yellow']);
    expect(await pixelAt(made.body, 10, 7, 1)).toEqual([90, 90, 90, 255]);
  },
);
