import { probe } from '../../../../runtime/engine';
import { pixelsAt, quadrants, colorName, seenQuadrants, UPRIGHT, type ImageFormat } from '../../../support/images';
import { oneThumbnail, optionsFor } from '../rendering';

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8];

describe.each(ORIENTATIONS)('a JPEG with EXIF orientation %i', (orientation) => {
  const source = quadrants({ width: 80, height: 60, orientation });

  test('probe() returns the width and height of the upright image', async () => {
    expect(await probe(await source, optionsFor([]))).toMatchObject({ width: 80, height: 60, orientation });
  });

  test('the thumbnail is upright with `inside`', async () => {
    const made = await oneThumbnail(await source, { width: 40, height: 40 });
    expect(made).toMatchObject({ width: 40, height: 30 });
    expect(await seenQuadrants(made.body)).toEqual(UPRIGHT);
  });

  test('the thumbnail is upright at the original size', async () => {
    const made = await oneThumbnail(await source, { width: 400, height: 400 });
    expect(made).toMatchObject({ width: 80, height: 60 });
    expect(await seenQuadrants(made.body)).toEqual(UPRIGHT);
  });

  test('the thumbnail is upright with `cover`', async () => {
    const made = await oneThumbnail(await source, { fit: 'cover', width: 24, height: 40 });
    expect(made).toMatchObject({ width: 24, height: 40 });
    expect(await seenQuadrants(made.body)).toEqual(UPRIGHT);
  });

  test('the focal point is relative to the upright image', async () => {
    const crop = { fit: 'cover', width: 10, height: 20 } as const;
    const right = await oneThumbnail(await source, { ...crop, focalPoint: { x: 0.9, y: 0.5 } });
    expect(await seenQuadrants(right.body)).toEqual(['green', 'green', 'yellow', 'yellow']);
    const left = await oneThumbnail(await source, { ...crop, focalPoint: { x: 0.1, y: 0.5 } });
    expect(await seenQuadrants(left.body)).toEqual(['red', 'red', 'blue', 'blue']);
  });

  test('the thumbnail is upright with `contain`', async () => {
    const made = await oneThumbnail(await source, { fit: 'contain', width: 40, height: 60, background: '#000000' });
    expect(made).toMatchObject({ width: 40, height: 60 });
    // The thumbnail has 40 × 30 pixels of content, with 15 rows of background above and 15 rows below.
    const places = [
      [20, 7],
      [10, 22],
      [30, 22],
      [10, 38],
      [30, 38],
      [20, 52],
    ] as const;
    const [above, ...inside] = await pixelsAt(made.body, places);
    const below = inside.pop();
    expect(inside.map((pixel) => colorName(pixel))).toEqual(UPRIGHT);
    expect([above, below]).toEqual([
      [0, 0, 0, 255],
      [0, 0, 0, 255],
    ]);
  });
});

test.each([0, 9, 65_535])('the engine ignores the invalid EXIF orientation %i', async (orientation) => {
  const source = await quadrants({ width: 80, height: 60, orientation });
  expect(await probe(source, optionsFor([]))).toMatchObject({ width: 80, height: 60, orientation: 1 });
  expect(await seenQuadrants((await oneThumbnail(source)).body)).toEqual(UPRIGHT);
});

describe.each(['png', 'webp', 'tiff', 'avif'] satisfies ImageFormat[])('a %s', (format) => {
  // sharp writes the orientation of AVIF as container properties (irot, imir).
  test.each(ORIENTATIONS)('an image with orientation %i is upright', async (orientation) => {
    const source = await quadrants({ width: 80, height: 60, orientation, format });
    expect(await probe(source, optionsFor([]))).toMatchObject({ format, width: 80, height: 60 });
    const made = await oneThumbnail(source, { width: 40, height: 40 });
    expect(made).toMatchObject({ width: 40, height: 30 });
    expect(await seenQuadrants(made.body)).toEqual(UPRIGHT);
  });
});
