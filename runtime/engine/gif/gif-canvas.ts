import { colorTableEnd, GIF_BLOCKS, gifBlocksOf } from './gif-blocks';

/** Invisible frame of one pixel. The frame consists of a graphic control extension and an image with a local colour table. */
const TRANSPARENT_FRAME = Buffer.from([
  ...[0x21, 0xf9, 4, 1, 0, 0, 0, 0],
  ...[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0],
  ...[2, 2, 0x44, 1, 0],
]);

/**
 * Returns whether the first frame of a GIF covers only a part of the logical screen. Browsers show the rest of the logical
 * screen as transparent.
 */
export function hasUncoveredCanvas(gif: Buffer): boolean {
  for (const { type, start } of gifBlocksOf(gif)) {
    if (type === GIF_BLOCKS.image && start + 10 <= gif.length) {
      const [left, top, width, height] = [1, 3, 5, 7].map((offset) => gif.readUInt16LE(start + offset));
      const covers = left === 0 && top === 0 && width! >= gif.readUInt16LE(6) && height! >= gif.readUInt16LE(8);
      return !covers;
    }
  }
  return false;
}

/**
 * Inserts an invisible first frame, so that libvips decodes uncovered pixels as transparent.
 *
 * libvips decodes a GIF with a transparent frame to RGBA. libvips decodes any other GIF to RGB, with uncovered pixels in black.
 * Callers must start at page 1 of the result, because page 0 is the inserted frame.
 */
export function withTransparentFrame(gif: Buffer): Buffer {
  const at = colorTableEnd(gif);
  return Buffer.concat([gif.subarray(0, at), TRANSPARENT_FRAME, gif.subarray(at)]);
}
