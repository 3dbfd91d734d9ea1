import sharp from 'sharp';
import { distance, pixelAt, plain, quadrants, type Pixel } from '../../../support/images';
import { oneThumbnail } from '../rendering';

const WHITE: Pixel = [255, 255, 255, 255];

/** Creates an image that is opaque red on the left and transparent on the right. */
async function halfTransparent(): Promise<Buffer> {
  const red = await plain([230, 30, 30, 255], { width: 20, height: 40 });
  const nothing = sharp({ create: { width: 40, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });
  return nothing
    .composite([{ input: red, left: 0, top: 0 }])
    .png()
    .toBuffer();
}

describe('with a transparent source', () => {
  test('a JPEG has a white background by default', async () => {
    const made = await oneThumbnail(await halfTransparent(), { format: 'jpeg' });
    expect(distance(await pixelAt(made.body, 30, 20), WHITE)).toBeLessThan(4);
    expect(distance(await pixelAt(made.body, 8, 20), [230, 30, 30, 255])).toBeLessThan(12);
  });

  test('a JPEG has the configured background', async () => {
    const made = await oneThumbnail(await halfTransparent(), { format: 'jpeg', background: '#204060' });
    expect(distance(await pixelAt(made.body, 30, 20), [0x20, 0x40, 0x60, 255])).toBeLessThan(8);
  });

  test('a JPEG has a blend of white and a translucent background', async () => {
    const made = await oneThumbnail(await halfTransparent(), { format: 'jpeg', background: '#00000080' });
    expect(distance(await pixelAt(made.body, 30, 20), [127, 127, 127, 255])).toBeLessThan(4);
  });

  test.each(['png', 'webp', 'avif', 'gif'] as const)('a %s is transparent', async (format) => {
    const made = await oneThumbnail(await halfTransparent(), { format, background: '#204060' });
    const [, , , alpha] = await pixelAt(made.body, 34, 20);
    expect(alpha).toBeLessThan(8);
    const [red, , , opaque] = await pixelAt(made.body, 6, 20);
    expect(red).toBeGreaterThan(200);
    expect(opaque).toBe(255);
  });

  test('the colour of transparent pixels does not change opaque pixels', async () => {
    // The image has opaque white beside transparent black. A resize without premultiplication makes the edge grey.
    const white = await plain(WHITE, { width: 50, height: 100 });
    const nothing = sharp({
      create: { width: 100, height: 100, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    });
    const source = await nothing
      .composite([{ input: white, left: 0, top: 0 }])
      .png()
      .toBuffer();
    const made = await oneThumbnail(source, { width: 33, height: 33 });
    const { data } = await sharp(made.body).raw().toBuffer({ resolveWithObject: true });
    for (let at = 0; at < data.length; at += 4) {
      if ((data[at + 3] ?? 0) > 8) {
        expect(data[at]).toBeGreaterThan(240);
      }
    }
  });
});

describe('with `contain`, the background', () => {
  const box = { fit: 'contain', width: 40, height: 60 } as const;

  test('the background is white by default', async () => {
    const made = await oneThumbnail(await quadrants(), box);
    expect(await pixelAt(made.body, 20, 5)).toEqual(WHITE);
    expect((await sharp(made.body).metadata()).hasAlpha).toBe(false);
  });

  test.each(['png', 'webp', 'avif'] as const)('the background can be transparent in %s', async (format) => {
    const made = await oneThumbnail(await quadrants(), { ...box, format, background: '#20406000' });
    expect((await pixelAt(made.body, 20, 5))[3]).toBe(0);
    expect((await pixelAt(made.body, 20, 30))[3]).toBe(255);
  });

  test('the background can be translucent', async () => {
    const made = await oneThumbnail(await quadrants(), { ...box, background: '#20406080' });
    expect(await pixelAt(made.body, 20, 5)).toEqual([0x20, 0x40, 0x60, 0x80]);
  });

  test('the translucent background is blended with white in a JPEG', async () => {
    const made = await oneThumbnail(await quadrants(), {
      ...box,
      height: 120,
      format: 'jpeg',
      background: '#00000000',
    });
    expect(distance(await pixelAt(made.body, 20, 5), WHITE)).toBeLessThan(4);
  });

  test('the background surrounds a small image, which is not enlarged', async () => {
    const made = await oneThumbnail(await plain([230, 30, 30, 255], { width: 10, height: 10 }), {
      ...box,
      background: '#000000',
    });
    expect(made).toMatchObject({ width: 40, height: 60 });
    const row = await Promise.all([14, 15, 24, 25].map((x) => pixelAt(made.body, x, 30)));
    expect(row.map(([red]) => red > 128)).toEqual([false, true, true, false]);
  });

  test('an odd number of background pixels has the additional pixel on the right and at the bottom', async () => {
    const source = await plain([230, 30, 30, 255], { width: 10, height: 10 });
    const made = await oneThumbnail(source, { fit: 'contain', width: 13, height: 11, background: '#000000' });
    const row = await Promise.all([0, 1, 10, 11].map((x) => pixelAt(made.body, x, 5)));
    expect(row.map(([red]) => red > 128)).toEqual([false, true, true, false]);
  });
});
