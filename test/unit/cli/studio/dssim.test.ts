import sharp from 'sharp';
import { dssim } from '../../../../cli/studio/server/dssim';
import { quadrants } from '../../../support/images';

let reference: Buffer;
beforeAll(
  async () =>
    (reference = await sharp(await quadrants({ width: 200, height: 150 }))
      .png()
      .toBuffer()),
);

test('the DSSIM of equal pixels is 0', async () => {
  expect(await dssim(reference, reference)).toBeCloseTo(0, 6);
});

test('the DSSIM increases with the damage up to 1', async () => {
  const [high, low] = await Promise.all([90, 5].map((quality) => sharp(reference).jpeg({ quality }).toBuffer()));
  const inverted = await sharp(reference).negate().png().toBuffer();
  const values = [await dssim(high!, reference), await dssim(low!, reference), await dssim(inverted, reference)];
  expect(values).toEqual([...values].sort((one, other) => one - other));
  expect(values[0]).toBeGreaterThan(0);
  expect(values[2]).toBeLessThanOrEqual(1);
});

test('dssim() throws an error for images of different sizes', async () => {
  const smaller = await sharp(reference).resize(100).png().toBuffer();
  await expect(dssim(smaller, reference)).rejects.toThrow('sizes differ: 100×75 and 200×150');
});
