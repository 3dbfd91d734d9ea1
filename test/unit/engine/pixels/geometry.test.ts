import fc from 'fast-check';
import type { Fit, ThumbnailSettings } from '../../../../runtime/contract';
import { largestArea, centred, areaAround, plan, scaled, type Size } from '../../../../runtime/engine/pixels/geometry';

fc.configureGlobal({ seed: 1 });

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
  ])('the fit resizes %j inside %j to %j', (source, into, expected) => {
    expect(plan(source, settings('inside', into))).toMatchObject({ content: expected, canvas: expected, crops: false });
  });

  test('the thumbnail has the width or the height of the box, or the size of the source if the source is smaller', () => {
    fc.assert(
      fc.property(size, box, (source, into) => {
        const { content } = plan(source, settings('inside', into));
        expect(content.width).toBeLessThanOrEqual(Math.min(into.width, source.width));
        expect(content.height).toBeLessThanOrEqual(Math.min(into.height, source.height));
        const touches = content.width === into.width || content.height === into.height;
        const whole = content.width === source.width && content.height === source.height;
        expect(touches || whole).toBe(true);
      }),
    );
  });

  test('with `enlarge`, a source that is smaller than the box is enlarged to the box', () => {
    const { content, scale } = plan({ width: 40, height: 30 }, settings('inside', { width: 200, height: 200 }, true));
    expect(content).toEqual({ width: 200, height: 150 });
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
    // The box is higher than this source. Therefore, the result is the largest area that has the aspect ratio of the box.
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
  ])('the fit crops %j for %j to %j', (source, into, expected) => {
    expect(plan(source, settings('cover', into))).toMatchObject({ content: expected, canvas: expected, crops: true });
  });

  test('the thumbnail has the size of the box, or only the aspect ratio of the box if the source is smaller', () => {
    fc.assert(
      fc.property(size, box, fc.boolean(), (source, into, enlarge) => {
        const { content } = plan(source, settings('cover', into, enlarge));
        const enough = source.width >= into.width && source.height >= into.height;
        if (enough || enlarge) {
          expect(content).toEqual(into);
          return;
        }
        expect(content.width).toBeLessThanOrEqual(source.width);
        expect(content.height).toBeLessThanOrEqual(source.height);
        // The aspect ratios are equal except for rounding.
        const ideal = (content.width * into.height) / into.width;
        expect(Math.abs(content.height - ideal)).toBeLessThanOrEqual(1 + into.height / into.width);
      }),
    );
  });
});

describe('contain', () => {
  test('the thumbnail has the size of the box, and the image in the box has the size of an inside() thumbnail', () => {
    fc.assert(
      fc.property(size, box, fc.boolean(), (source, into, enlarge) => {
        const contained = plan(source, settings('contain', into, enlarge));
        expect(contained.canvas).toEqual(into);
        expect(contained.content).toEqual(plan(source, settings('inside', into, enlarge)).content);
        const { left, top } = centred(contained.canvas, contained.content);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(top).toBeGreaterThanOrEqual(0);
        expect(left + contained.content.width).toBeLessThanOrEqual(into.width);
        expect(top + contained.content.height).toBeLessThanOrEqual(into.height);
      }),
    );
  });
});

describe('a crop', () => {
  test('the crop has the full width or the full height of the image, and does not extend beyond the image', () => {
    fc.assert(
      fc.property(size, box, point, (image, proportions, focal) => {
        const part = largestArea(image, proportions);
        expect(part.width === image.width || part.height === image.height).toBe(true);
        const { left, top } = areaAround(image, part, focal);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(top).toBeGreaterThanOrEqual(0);
        expect(left + part.width).toBeLessThanOrEqual(image.width);
        expect(top + part.height).toBeLessThanOrEqual(image.height);
      }),
    );
  });

  test('the focal point is in the centre of the crop unless the crop is at an edge of the image', () => {
    fc.assert(
      fc.property(size, box, point, (image, proportions, focal) => {
        const part = largestArea(image, proportions);
        const { left } = areaAround(image, part, focal);
        const off = image.width * focal.x - (left + part.width / 2);
        if (left > 0) {
          expect(off).toBeGreaterThanOrEqual(-0.5 - 1e-9);
        }
        if (left + part.width < image.width) {
          expect(off).toBeLessThanOrEqual(0.5 + 1e-9);
        }
      }),
    );
  });
});

test('`scaled` returns at least one pixel', () => {
  expect(scaled({ width: 20_000, height: 2 }, 0.01)).toEqual({ width: 200, height: 1 });
});
