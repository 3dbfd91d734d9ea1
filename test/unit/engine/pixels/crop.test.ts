import sharp from 'sharp';
import { colorName, pixelAt, quadrants, seenQuadrants, type QuadrantColor } from '../../../support/images';
import { oneThumbnail } from '../rendering';

/** Creates four bands of 50 × 50 pixels from left to right: red, green, blue, yellow. */
async function bands(): Promise<Buffer> {
  const colours = ['#e61e1e', '#1eb41e', '#1e1ee6', '#f0dc1e'];
  const band = (background: string): Promise<Buffer> =>
    sharp({ create: { width: 50, height: 50, channels: 3, background } })
      .png()
      .toBuffer();
  const layers = await Promise.all(
    colours.map(async (colour, index) => ({ input: await band(colour), left: index * 50, top: 0 })),
  );
  return sharp({ create: { width: 200, height: 50, channels: 3, background: 'black' } })
    .composite(layers)
    .png()
    .toBuffer();
}

async function centreColorOf(image: Buffer): Promise<QuadrantColor | 'other'> {
  const { width, height } = await sharp(image).metadata();
  return colorName(await pixelAt(image, Math.floor(width / 2), Math.floor(height / 2)));
}

describe('a crop', () => {
  const square = { fit: 'cover', width: 40, height: 40 } as const;

  test.each([
    [0, 'red'],
    [0.125, 'red'],
    [0.375, 'green'],
    [0.625, 'blue'],
    [0.875, 'yellow'],
    [1, 'yellow'],
  ] as const)('is centred on the focal point %d', async (x, expected) => {
    const made = await oneThumbnail(await bands(), { ...square, focalPoint: { x, y: 0.5 } });
    expect(made).toMatchObject({ width: 40, height: 40 });
    expect(await seenQuadrants(made.body)).toEqual([expected, expected, expected, expected]);
  });

  test('the crop is centred by default', async () => {
    const made = await oneThumbnail(await bands(), square);
    expect(await seenQuadrants(made.body)).toEqual(['green', 'blue', 'green', 'blue']);
  });

  test('the crop follows the focal point vertically', async () => {
    const source = await quadrants({ width: 60, height: 80, format: 'png' });
    const made = await oneThumbnail(source, { fit: 'cover', width: 30, height: 15, focalPoint: { x: 0.5, y: 0.95 } });
    expect(await seenQuadrants(made.body)).toEqual(['blue', 'yellow', 'blue', 'yellow']);
  });

  test('a crop of a small source has the aspect ratio of the box', async () => {
    const made = await oneThumbnail(await bands(), { fit: 'cover', width: 300, height: 300 });
    expect(made).toMatchObject({ width: 50, height: 50 });
    expect(await seenQuadrants(made.body)).toEqual(['green', 'blue', 'green', 'blue']);
  });

  test('with `enlarge`, a crop of a small source has the size of the box', async () => {
    const made = await oneThumbnail(await bands(), { fit: 'cover', width: 300, height: 300, enlarge: true });
    expect(made).toMatchObject({ width: 300, height: 300 });
    expect(await seenQuadrants(made.body)).toEqual(['green', 'blue', 'green', 'blue']);
  });
});

describe('attention', () => {
  /** Creates a grey image with a colourful spot near the right edge. */
  async function dullWithSpot(): Promise<Buffer> {
    const spot = await quadrants({ width: 30, height: 30, format: 'png' });
    const dull = sharp({ create: { width: 300, height: 60, channels: 3, background: '#808080' } });
    return dull
      .composite([{ input: spot, left: 250, top: 15 }])
      .removeAlpha()
      .png()
      .toBuffer();
  }
  const square = { fit: 'cover', width: 60, height: 60, position: 'attention' } as const;

  test('the attention crop selects the salient area', async () => {
    const attentive = await oneThumbnail(await dullWithSpot(), square);
    expect(attentive).toMatchObject({ width: 60, height: 60 });
    const { data } = await sharp(attentive.body).raw().toBuffer({ resolveWithObject: true });
    expect(data.some((value) => Math.abs(value - 128) > 60)).toBe(true);

    const centred = await oneThumbnail(await dullWithSpot(), { ...square, position: 'centre' });
    const centre = await sharp(centred.body).raw().toBuffer();
    expect(centre.every((value) => value === 128)).toBe(true);
  });

  test('a focal point takes precedence over the attention crop', async () => {
    const made = await oneThumbnail(await dullWithSpot(), { ...square, focalPoint: { x: 0, y: 0.5 } });
    const pixels = await sharp(made.body).raw().toBuffer();
    expect(pixels.every((value) => value === 128)).toBe(true);
  });

  test('the attention crop does not crop an image with the aspect ratio of the box', async () => {
    const made = await oneThumbnail(await quadrants({ width: 60, height: 60 }), square);
    expect(await seenQuadrants(made.body)).toEqual(['red', 'green', 'blue', 'yellow']);
  });
});

describe('inside', () => {
  test('the engine enlarges an image only with `enlarge`', async () => {
    const source = await quadrants({ width: 20, height: 16, format: 'png' });
    expect(await oneThumbnail(source, { width: 100, height: 100 })).toMatchObject({ width: 20, height: 16 });
    const enlarged = await oneThumbnail(source, { width: 100, height: 100, enlarge: true });
    expect(enlarged).toMatchObject({ width: 100, height: 80 });
    expect(await seenQuadrants(enlarged.body)).toEqual(['red', 'green', 'blue', 'yellow']);
  });

  test('the thumbnail keeps at least one pixel per side', async () => {
    const strip = await sharp({ create: { width: 4000, height: 2, channels: 3, background: '#e61e1e' } })
      .png()
      .toBuffer();
    const made = await oneThumbnail(strip, { width: 200, height: 200 });
    expect(made).toMatchObject({ width: 200, height: 1 });
    expect(await centreColorOf(made.body)).toBe('red');
  });
});
