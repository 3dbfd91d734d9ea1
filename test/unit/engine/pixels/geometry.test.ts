import fc from 'fast-check';
import type { Fit, ThumbnailSettings } from '../../../../runtime/contract';
import { largestPart, middle, partAround, plan, scaled, type Size } from '../../../../runtime/engine/pixels/geometry';

const side = fc.integer({ min: 1, max: 20_000 });
const size = fc.record({ width: side, height: side });
const boxSide = fc.integer({ min: 1, max: 8192 });
const box = fc.record({ width: boxSide, height: boxSide });
const point = fc.record({
  x: fc.double({ min: 0, max: 1, noNaN: true }),
  y: fc.double({ min: 0, max: 1, noNaN: true }),
});

function settings(fit: Fit, { width, height }: Size, enlarge = false): ThumbnailSettings {
  return { name: 'a', fit, width, height, enlarge, formats: [{ type: 'webp' }] };
}

describe('inside', () => {
  test.each([
    [
      { width: 4000, height: 3000 },
      { width: 200, height: 200 },
      { width: 200, height: 150 },
    ],
    [
      { width: 3000, height: 4000 },
      { width: 200, height: 200 },
      { width: 150, height: 200 },
    ],
    [
      { width: 100, height: 50 },
      { width: 200, height: 200 },
      { width: 100, height: 50 },
    ],
    [
      { width: 20_000, height: 2 },
      { width: 200, height: 200 },
      { width: 200, height: 1 },
    ],
  ])('brings %j into %j as %j', (source, into, expected) => {
    expect(plan(source, settings('inside', into))).toMatchObject({ picture: expected, canvas: expected, crops: false });
  });

  test('fits its box, touches it unless the source is smaller, and is never larger than the source', () => {
    fc.assert(
      fc.property(size, box, (source, into) => {
        const { picture } = plan(source, settings('inside', into));
        expect(picture.width).toBeLessThanOrEqual(Math.min(into.width, source.width));
        expect(picture.height).toBeLessThanOrEqual(Math.min(into.height, source.height));
        const touches = picture.width === into.width || picture.height === into.height;
        const whole = picture.width === source.width && picture.height === source.height;
        expect(touches || whole).toBe(true);
      }),
    );
  });

  test('is enlarged to its box when that is asked', () => {
    const { picture, scale } = plan({ width: 40, height: 30 }, settings('inside', { width: 200, height: 200 }, true));
    expect(picture).toEqual({ width: 200, height: 150 });
    expect(scale).toBe(5);
  });
});

describe('cover', () => {
  test.each([
    [
      { width: 4000, height: 3000 },
      { width: 320, height: 320 },
      { width: 320, height: 320 },
    ],
    // too small in one direction: the largest part of the box's shape
    [
      { width: 400, height: 100 },
      { width: 320, height: 320 },
      { width: 100, height: 100 },
    ],
    [
      { width: 100, height: 400 },
      { width: 320, height: 160 },
      { width: 100, height: 50 },
    ],
    [
      { width: 10, height: 10 },
      { width: 320, height: 320 },
      { width: 10, height: 10 },
    ],
  ])('of %j in %j is %j', (source, into, expected) => {
    expect(plan(source, settings('cover', into))).toMatchObject({ picture: expected, canvas: expected, crops: true });
  });

  test('is its box exactly when the source is large enough or may be enlarged, else of its shape', () => {
    fc.assert(
      fc.property(size, box, fc.boolean(), (source, into, enlarge) => {
        const { picture } = plan(source, settings('cover', into, enlarge));
        const enough = source.width >= into.width && source.height >= into.height;
        if (enough || enlarge) {
          expect(picture).toEqual(into);
          return;
        }
        expect(picture.width).toBeLessThanOrEqual(source.width);
        expect(picture.height).toBeLessThanOrEqual(source.height);
        // the same proportions, as near as whole pixels can come
        const ideal = (picture.width * into.height) / into.width;
        expect(Math.abs(picture.height - ideal)).toBeLessThanOrEqual(1 + into.height / into.width);
      }),
    );
  });
});

describe('contain', () => {
  test('always has the size of its box, with the picture of inside within', () => {
    fc.assert(
      fc.property(size, box, fc.boolean(), (source, into, enlarge) => {
        const contained = plan(source, settings('contain', into, enlarge));
        expect(contained.canvas).toEqual(into);
        expect(contained.picture).toEqual(plan(source, settings('inside', into, enlarge)).picture);
        const { left, top } = middle(contained.canvas, contained.picture);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(top).toBeGreaterThanOrEqual(0);
        expect(left + contained.picture.width).toBeLessThanOrEqual(into.width);
        expect(top + contained.picture.height).toBeLessThanOrEqual(into.height);
      }),
    );
  });
});

describe('the part that is kept', () => {
  test('touches two opposite edges and never leaves the picture', () => {
    fc.assert(
      fc.property(size, box, point, (picture, proportions, focal) => {
        const part = largestPart(picture, proportions);
        expect(part.width === picture.width || part.height === picture.height).toBe(true);
        const { left, top } = partAround(picture, part, focal);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(top).toBeGreaterThanOrEqual(0);
        expect(left + part.width).toBeLessThanOrEqual(picture.width);
        expect(top + part.height).toBeLessThanOrEqual(picture.height);
      }),
    );
  });

  test('has the focal point in its middle, as near as the edges allow', () => {
    fc.assert(
      fc.property(size, box, point, (picture, proportions, focal) => {
        const part = largestPart(picture, proportions);
        const { left } = partAround(picture, part, focal);
        const off = picture.width * focal.x - (left + part.width / 2);
        if (left > 0) {
          expect(off).toBeGreaterThanOrEqual(-0.5 - 1e-9);
        }
        if (left + part.width < picture.width) {
          expect(off).toBeLessThanOrEqual(0.5 + 1e-9);
        }
      }),
    );
  });
});

test('scales to at least one pixel', () => {
  expect(scaled({ width: 20_000, height: 2 }, 0.01)).toEqual({ width: 200, height: 1 });
});
