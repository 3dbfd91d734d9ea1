import { freeBuffers } from '../../lambda/entry/heap';

const MEBIBYTE = 2 ** 20;

/** Bytes of buffers that are held once so many are made and dropped again. */
function afterBuffers(count: number): number {
  for (let index = 0; index < count; index++) Buffer.alloc(MEBIBYTE, 1);
  return process.memoryUsage().arrayBuffers;
}

test('buffers that nobody holds are given back', () => {
  freeBuffers();
  const held = afterBuffers(24);
  // They are given back beside the program, and the next look sees that it is done.
  freeBuffers();
  freeBuffers();
  expect(held - process.memoryUsage().arrayBuffers).toBeGreaterThan(16 * MEBIBYTE);
});

test('buffers that somebody holds stay', () => {
  const mine = Buffer.alloc(MEBIBYTE, 7);
  freeBuffers();
  freeBuffers();
  expect(mine.every((byte) => byte === 7)).toBe(true);
});
