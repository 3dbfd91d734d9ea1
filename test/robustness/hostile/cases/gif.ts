import { animation } from '../../../support/images';
import { ascii, patched, u16le } from '../bytes';
import { noisy } from '../seeds';
import { cases, cutAt, steps, type HostileCase } from './case';

/** Returns a header with a palette of two colours. */
function start(width: number, height: number): Buffer {
  return Buffer.concat([ascii('GIF89a'), u16le(width), u16le(height), Buffer.from([0x80, 0, 0, 255, 0, 0, 0, 0, 255])]);
}

/** Returns a frame with the first colour. The compressed data has a single pixel, regardless of the declared size. */
function frame(
  left: number,
  top: number,
  width: number,
  height: number,
  data = Buffer.from([2, 2, 0x44, 0x01, 0]),
): Buffer {
  return Buffer.concat([Buffer.from([0x2c]), ...[left, top, width, height].map(u16le), Buffer.from([0]), data]);
}

const END = Buffer.from([0x3b]);
const control = Buffer.from([0x21, 0xf9, 4, 4, 1, 0, 0, 0]);

function flood(frames: number): Buffer {
  return Buffer.concat([
    start(1, 1),
    ...Array.from({ length: frames }, () => Buffer.concat([control, frame(0, 0, 1, 1)])),
    END,
  ]);
}

const photo = (): Promise<Buffer> => noisy().gif().toBuffer();

/** Hostile GIF files. */
export const gifCases: readonly HostileCase[] = cases({
  'truncated at many offsets': [
    async () => {
      const gif = await photo();
      return cutAt(gif, [6, 10, 13, 14, ...steps(gif, 40), gif.length - 2]);
    },
    'truncated',
    'corrupt',
    'warned',
  ],
  'an animation truncated at many offsets': [
    async () => {
      const gif = await animation({ frames: ['red', 'green', 'blue'] });
      return cutAt(gif, steps(gif, 60)).filter(({ length }) => length > 6);
    },
    'truncated',
    'corrupt',
    'warned',
  ],
  'a screen of 65,535 × 65,535 pixels': [
    () => Buffer.concat([start(65_535, 65_535), frame(0, 0, 1, 1), END]),
    'too-many-pixels',
    'rendered',
  ],
  'a frame of 65,535 × 65,535 pixels': [
    () => Buffer.concat([start(1, 1), frame(0, 0, 65_535, 65_535), END]),
    'too-many-pixels',
    'corrupt',
    'rendered',
  ],
  'a declared size above the actual size, within the limits': [
    () => Buffer.concat([start(7000, 7000), frame(0, 0, 7000, 7000), END]),
    'corrupt',
    'truncated',
    'rendered',
  ],
  'a declared size below the actual size': [
    async () => patched(await photo(), 6, Buffer.concat([u16le(8), u16le(8)])),
    'rendered',
    'corrupt',
  ],
  'a width or height of 0': [
    () => [start(0, 1), start(1, 0), start(0, 0)].map((head) => Buffer.concat([head, frame(0, 0, 0, 0), END])),
    'corrupt',
    'rendered',
  ],
  'a file without frames': [() => [Buffer.concat([start(9, 9), END]), start(9, 9)], 'corrupt', 'truncated'],
  'a frame that exceeds the screen': [
    () => [
      Buffer.concat([start(4, 4), frame(3, 3, 60, 60), END]),
      Buffer.concat([start(4, 4), frame(60_000, 60_000, 1, 1), END]),
    ],
    'rendered',
    'corrupt',
    'truncated',
    'too-many-pixels',
  ],
  'images with a side of one pixel': [
    async () => [await noisy(1, 20_000).gif().toBuffer(), await noisy(20_000, 1).gif().toBuffer()],
    'rendered',
  ],
  'an animation of 107,000 frames': [() => flood(107_000), 'too-many-frames', 'timeout'],
  'an animation with the maximum number of frames': [() => flood(256), 'rendered'],
  '20,000 comments': [
    () =>
      Buffer.concat([
        start(1, 1),
        ...Array.from({ length: 20_000 }, () => Buffer.from([0x21, 0xfe, 1, 0x41, 0])),
        frame(0, 0, 1, 1),
        END,
      ]),
    'rendered',
    'corrupt',
  ],
  'a comment without an end': [
    () => Buffer.concat([start(1, 1), Buffer.from([0x21, 0xfe]), Buffer.alloc(500_000, 1)]),
    'truncated',
    'corrupt',
  ],
  'invalid code sizes': [
    () =>
      [0, 1, 12, 255].map((size) =>
        Buffer.concat([start(9, 9), frame(0, 0, 9, 9, Buffer.from([size, 2, 0x44, 0x01, 0])), END]),
      ),
    'corrupt',
    'truncated',
    'rendered',
  ],
  'codes that refer to later codes': [
    () =>
      Buffer.concat([start(99, 99), frame(0, 0, 99, 99, Buffer.from([8, 5, 0xff, 0xff, 0xff, 0xff, 0xff, 0])), END]),
    'corrupt',
    'truncated',
    'rendered',
  ],
});
