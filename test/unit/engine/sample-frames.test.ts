import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { DEFAULT_LIMITS, type Limits } from '../../../runtime/contract';
import { sampleFrames, type SampledFrames } from '../../../runtime/engine';
import { animation, colorName, pixelAt, quadrants, seenQuadrants, UPRIGHT } from '../../support/images';
import { rejectionFrom } from './rendering';

const COLOURS = ['red', 'green', 'blue', 'yellow', 'red', 'green', 'blue'] as const;

function sampled(source: Buffer, frames = 3, limits: Partial<Limits> = {}): Promise<SampledFrames> {
  return sampleFrames(source, { limits: { ...DEFAULT_LIMITS, ...limits }, allowSvg: false, frames });
}

test('a large source is downscaled to an upright JPEG', async () => {
  const source = await quadrants({ width: 3000, height: 2000, orientation: 6 });
  const { source: probe, frames, remainingSeconds } = await sampled(source);
  expect(probe).toMatchObject({ format: 'jpeg', width: 3000, height: 2000 });
  expect(frames).toMatchObject([{ index: 0, width: 1024, height: 683 }]);
  expect(frames[0]!.content).toEqual({ left: 0, top: 0, width: 1024, height: 683 });
  expect(await sharp(frames[0]!.body).metadata()).toMatchObject({ format: 'jpeg', width: 1024, height: 683 });
  expect(await seenQuadrants(frames[0]!.body)).toEqual(UPRIGHT);
  expect(remainingSeconds).toBeGreaterThan(0);
});

test.each([
  ['a tiny source is enlarged', { width: 8, height: 4 }, { width: 160, height: 80 }],
  ['a source of the minimum size keeps its size', { width: 80, height: 90 }, { width: 80, height: 90 }],
])('%s', async (_name, size, expected) => {
  const { frames } = await sampled(await quadrants({ ...size, format: 'png' }));
  expect(frames).toMatchObject([{ ...expected, content: { left: 0, top: 0, ...expected } }]);
});

test('a source with an extreme aspect ratio receives a border', async () => {
  const { frames } = await sampled(await quadrants({ width: 2048, height: 16, format: 'png' }));
  expect(frames).toMatchObject([{ width: 1024, height: 80, content: { left: 0, top: 36, width: 1024, height: 8 } }]);
  expect(colorName(await pixelAt(frames[0]!.body, 10, 38))).toBe('red');
  expect(colorName(await pixelAt(frames[0]!.body, 10, 5))).toBe('other');
});

describe.each(['gif', 'webp'] as const)('an animated %s', (format) => {
  const source = animation({
    width: 100,
    height: 80,
    format,
    frames: COLOURS,
    delay: COLOURS.map(() => 100),
    loop: 0,
  });

  test.each([
    [1, [0]],
    [2, [0, 6]],
    [3, [0, 3, 6]],
    [5, [0, 2, 3, 5, 6]],
    [9, [0, 1, 2, 3, 4, 5, 6]],
  ])('up to %i frames are sampled evenly', async (count, indices) => {
    const { frames } = await sampled(await source, count);
    expect(frames.map(({ index }) => index)).toEqual(indices);
    const colours = await Promise.all(frames.map(async ({ body }) => colorName(await pixelAt(body, 50, 40))));
    expect(colours).toEqual(indices.map((index) => COLOURS[index]));
  });

  test.each([
    ['maxFrames', { maxFrames: 3 }, [0, 1, 2]],
    ['maxAnimationPixels', { maxAnimationPixels: 2 * 100 * 80 }, [0, 1]],
    ['maxAnimationPixels below one frame', { maxAnimationPixels: 10 }, [0]],
  ])('%s limits the sampled frames', async (_name, limits, indices) => {
    const { frames } = await sampled(await source, 5, limits);
    expect(frames.map(({ index }) => index)).toEqual(indices);
  });
});

test('five frames of noise fit into one request to Lambda as base64', async () => {
  const side = 1024;
  const noise = await sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const { frames } = await sampled(noise, 1);
  expect(5 * Math.ceil(frames[0]!.body.length / 3) * 4).toBeLessThan(5_900_000);
});

test('a damaged source is rejected', async () => {
  expect((await rejectionFrom(sampled(Buffer.from('no image')))).code).toBe('unsupported-format');
});

test('sampleFrames() releases the memory of the semaphore', async () => {
  const releases: number[] = [];
  const memorySemaphore = {
    acquire: ({ bytes }: { bytes: number }) => Promise.resolve(() => void releases.push(bytes)),
  };
  const options = { limits: DEFAULT_LIMITS, allowSvg: false, frames: 1, memorySemaphore };
  await sampleFrames(await quadrants(), options);
  expect(releases).toHaveLength(1);
  expect(releases[0]).toBeGreaterThan(0);
});
