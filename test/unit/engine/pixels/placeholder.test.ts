import sharp from 'sharp';
import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA, thumbHashToRGBA } from 'thumbhash';
import { render, type Rendering } from '../../../../runtime/engine';
import { heic } from '../../../support/heic';
import { animation, colorName, distance, plain, quadrants, type Pixel } from '../../../support/images';
import { optionsFor } from '../rendering';

function rendered(source: Buffer, width = 40, height = 40): Promise<Rendering> {
  return render(source, optionsFor([{ name: 'a', fit: 'cover', width, height, formats: [{ type: 'webp' }] }]));
}

/** Decodes a ThumbHash and names the colours of its quadrants. */
function quadrantsOf(thumbHash: string): string[] {
  const { w, h, rgba } = thumbHashToRGBA(Buffer.from(thumbHash, 'base64'));
  return [
    [0.2, 0.2],
    [0.8, 0.2],
    [0.2, 0.8],
    [0.8, 0.8],
  ].map(([x = 0, y = 0]) => {
    const at = (Math.floor(y * h) * w + Math.floor(x * w)) * 4;
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4);
    return colorName([red, green, blue, alpha], 90);
  });
}

describe('the ThumbHash', () => {
  test.each([
    ['a photo', () => quadrants({ width: 400, height: 300 })],
    ['a photo with an orientation', () => quadrants({ width: 400, height: 300, orientation: 6 })],
    ['an image smaller than the placeholder', () => quadrants({ width: 16, height: 12, format: 'png' })],
    ['a HEIC', () => Promise.resolve(heic())],
    ['a PNG with alpha', () => quadrants({ width: 400, height: 300, format: 'png', opacity: 255 })],
  ])('the ThumbHash of %s shows the upright image', async (_name, make) => {
    expect(quadrantsOf((await rendered(await make())).thumbHash)).toEqual(['red', 'green', 'blue', 'yellow']);
  });

  test('the ThumbHash shows the whole image, regardless of crops', async () => {
    const { thumbHash } = await rendered(await quadrants({ width: 400, height: 200 }), 20, 40);
    expect(thumbHashToApproximateAspectRatio(Buffer.from(thumbHash, 'base64'))).toBeCloseTo(7 / 4, 1);
  });

  test('the ThumbHash contains alpha', async () => {
    const { thumbHash } = await rendered(await plain([230, 30, 30, 64]));
    const { r, g, b, a } = thumbHashToAverageRGBA(Buffer.from(thumbHash, 'base64'));
    expect(a).toBeCloseTo(0.25, 1);
    expect(distance([r * 255, g * 255, b * 255, 255], [230, 30, 30, 255])).toBeLessThan(20);
  });

  test('the ThumbHash of an animation shows the first frame', async () => {
    const source = await animation({ frames: ['red', 'blue'], format: 'webp' });
    const animated = {
      name: 'a',
      fit: 'inside',
      width: 40,
      height: 40,
      animated: true,
      formats: [{ type: 'webp' }],
    } as const;
    const { dominantColor } = await render(source, optionsFor([animated]));
    expect(distance(parse(dominantColor), [230, 30, 30, 255])).toBeLessThan(4);
  });
});

function parse(color: string): Pixel {
  expect(color).toMatch(/^#[0-9a-f]{6}$/);
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255, 255];
}

describe('the dominant colour', () => {
  async function dominant(layers: readonly [background: string, width: number][]): Promise<Pixel> {
    const band = (background: string, width: number): Promise<Buffer> =>
      sharp({ create: { width, height: 60, channels: 4, background } })
        .png()
        .toBuffer();
    let left = 0;
    const inputs = [];
    for (const [background, width] of layers) {
      inputs.push({ input: await band(background, width), left, top: 0 });
      left += width;
    }
    const nothing = sharp({ create: { width: left, height: 60, channels: 4, background: '#00000000' } });
    return parse((await rendered(await nothing.composite(inputs).png().toBuffer())).dominantColor);
  }

  test('the dominant colour is the most frequent colour, not the mean', async () => {
    const most = await dominant([
      ['#204080', 70],
      ['#ffffff', 50],
    ]);
    expect(distance(most, [0x20, 0x40, 0x80, 255])).toBeLessThan(4);
  });

  test('the dominant colour ignores transparent pixels', async () => {
    const most = await dominant([
      ['#00000000', 90],
      ['#20408008', 60],
      ['#c04020', 30],
    ]);
    expect(distance(most, [0xc0, 0x40, 0x20, 255])).toBeLessThan(4);
  });

  test('the dominant colour is white for a fully transparent image', async () => {
    expect(await dominant([['#00000000', 60]])).toEqual([255, 255, 255, 255]);
  });
});
