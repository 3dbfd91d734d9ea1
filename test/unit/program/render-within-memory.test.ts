import { readMachine, readProcessMemoryMiB } from '../../../runtime/config/machine';
import { DEFAULT_LIMITS, type ThumbnailSettings } from '../../../runtime/contract';
import { renderWithinMemory } from '../../../runtime/program/render-within-memory';
import { quadrants } from '../../support/images';

const thumbnail = (side: number): ThumbnailSettings => {
  return { name: 'only', fit: 'inside', width: side, height: side, formats: [{ type: 'webp' }], enlarge: true };
};
const options = (side: number) => ({ limits: DEFAULT_LIMITS, allowSvg: false, thumbnails: [thumbnail(side)] });

test.each([
  [{ MEMORY_LIMIT_MIB: '300', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769' }, 300],
  [{ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769' }, 1769],
  [{ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: 'much' }, readMachine().memoryMiB],
  [{}, readMachine().memoryMiB],
])('the memory of a process with %j', (environment, expected) => {
  expect(readProcessMemoryMiB(environment)).toBe(expected);
});

test('renderWithinMemory() renders concurrent images with little memory', async () => {
  const render = renderWithinMemory(64);
  const source = await quadrants();
  const made = await Promise.all(Array.from({ length: 5 }, () => render(source, options(40))));
  expect(made.map(({ thumbnails }) => thumbnails.length)).toEqual([1, 1, 1, 1, 1]);
});

test('renderWithinMemory() rejects an image that exceeds the memory before decoding', async () => {
  const render = renderWithinMemory(512);
  await expect(render(await quadrants({ width: 4000, height: 4000 }), options(8192))).rejects.toMatchObject({
    code: 'out-of-memory',
    retryable: true,
  });
});
