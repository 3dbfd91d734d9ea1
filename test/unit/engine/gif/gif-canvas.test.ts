import { probe } from '../../../../runtime/engine';
import { hasUncoveredCanvas } from '../../../../runtime/engine/gif/gif-canvas';
import { ascii, patched, u16le } from '../../../robustness/hostile/bytes';
import { pixelAt } from '../../../support/images';
import { oneThumbnail, optionsFor } from '../rendering';

/** Creates an opaque GIF of 4 × 4 pixels with red frames of 2 × 2 pixels at the given positions. */
function gif(...positions: readonly (readonly [left: number, top: number])[]): Buffer {
  const frames = positions.map(([left, top]) =>
    Buffer.concat([
      Buffer.from([0x2c]),
      ...[left, top, 2, 2].map(u16le),
      // LZW codes with a minimum code size of 2: clear, index 0 four times, end.
      Buffer.from([0, 2, 3, 0x04, 0x00, 0x0a, 0]),
    ]),
  );
  const screen = Buffer.concat([ascii('GIF89a'), u16le(4), u16le(4), Buffer.from([0x80, 0, 0, 255, 0, 0, 0, 0, 255])]);
  return Buffer.concat([screen, ...frames, Buffer.from([0x3b])]);
}

test('the part of the canvas outside the frame is transparent', async () => {
  const source = gif([1, 1]);
  expect(await probe(source, optionsFor([]))).toMatchObject({ width: 4, height: 4, frames: 1, hasAlpha: true });
  const { body } = await oneThumbnail(source, { format: { type: 'png', quality: 100 } });
  expect((await pixelAt(body, 0, 0))[3]).toBe(0);
  expect(await pixelAt(body, 1, 1)).toEqual([255, 0, 0, 255]);
});

test('an animation keeps the number and the order of its frames', async () => {
  const source = gif([0, 0], [2, 2]);
  const { body, frames } = await oneThumbnail(source, { format: { type: 'webp', lossless: true }, animated: true });
  expect(frames).toBe(2);
  const alphas = [[0, 0, 0] as const, [2, 2, 0] as const, [2, 2, 1] as const].map(async ([x, y, frame]) => {
    return (await pixelAt(body, x, y, frame))[3];
  });
  expect(await Promise.all(alphas)).toEqual([255, 0, 255]);
});

test('a GIF with a full first frame stays opaque', async () => {
  const source = patched(gif([0, 0]), 6, Buffer.concat([u16le(2), u16le(2)]));
  expect(hasUncoveredCanvas(source)).toBe(false);
  expect((await probe(source, optionsFor([]))).hasAlpha).toBe(false);
});
