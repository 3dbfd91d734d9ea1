import { countStoredFrames, MAX_STORED_FRAMES } from '../../../../runtime/engine/probe/stored-frames';
import { ascii, u16le, u32le } from '../../../robustness/hostile/bytes';
import { animation, quadrants } from '../../../support/images';
import { oneThumbnail, rejectionFrom } from '../rendering';

/** Creates a GIF of empty frames. */
function gif(frames: number): Buffer {
  const size = Buffer.concat([u16le(1), u16le(1)]);
  const start = Buffer.concat([ascii('GIF89a'), size, Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255])]);
  const frame = Buffer.concat([Buffer.from([0x2c, 0, 0, 0, 0]), size, Buffer.from([0, 2, 2, 0x44, 1, 0])]);
  return Buffer.concat([start, ...Array.from({ length: frames }, () => frame), Buffer.from([0x3b])]);
}

/** Creates a TIFF of empty directories. */
function tiff(directories: number): Buffer {
  const chain = Array.from({ length: directories }, (_, index) =>
    Buffer.concat([u16le(1), u16le(256), u16le(4), u32le(1), u32le(1), u32le(8 + (index + 1) * 18)]),
  );
  return Buffer.concat([ascii('II'), u16le(42), u32le(8), ...chain]);
}

test.each([
  ['gif', gif(7)],
  ['tiff', tiff(7)],
] as const)('counts the frames of a %s', (format, bytes) => {
  expect(countStoredFrames(format, bytes)).toBe(7);
});

test.each(['gif', 'webp'] as const)('countStoredFrames() counts the frames of an animated %s', async (format) => {
  const bytes = await animation({ format, frames: ['red', 'green', 'blue'] });
  expect(countStoredFrames(format, bytes)).toBe(3);
});

test('countStoredFrames() counts each directory in a cycle of TIFF directories once', () => {
  const cycle = tiff(2);
  cycle.writeUInt32LE(8, cycle.length - 4);
  expect(countStoredFrames('tiff', cycle)).toBe(2);
});

test.each([
  ['GIF', gif],
  ['TIFF', tiff],
] as const)('a %s with too many frames is rejected', async (_name, make) => {
  const rejection = await rejectionFrom(oneThumbnail(make(MAX_STORED_FRAMES + 1)));
  expect(rejection.code).toBe('too-many-frames');
});

test('a GIF with the maximum number of frames is rendered', async () => {
  expect(await oneThumbnail(gif(MAX_STORED_FRAMES))).toMatchObject({ width: 1, height: 1 });
  expect(countStoredFrames('jpeg', await quadrants())).toBe(1);
});
