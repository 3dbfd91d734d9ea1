import { fuzz, MEMORY_BOUND } from './fuzz';
import { mutant } from './mutate';
import { seeds } from './seeds';

// `npm run fuzz` tests more images with other seeds.
const RUN = { count: 1000, seed: 20_261_122 };

test('a thousand randomly changed images are rendered or rejected with a code', async () => {
  const { tried, rendered, rejected, failures, largest } = await fuzz(RUN);
  expect(failures).toEqual([]);
  expect(tried).toBe(RUN.count);
  // The test is meaningful only if each result occurs often enough.
  expect(rendered).toBeGreaterThan(RUN.count / 10);
  expect(rejected['corrupt']).toBeGreaterThan(RUN.count / 10);
  expect(rejected['truncated']).toBeGreaterThan(RUN.count / 10);
  expect(largest.peak).toBeLessThanOrEqual(MEMORY_BOUND);
}, 300_000);

test('equal seeds and indices create equal images', async () => {
  const sources = await seeds();
  for (const index of [0, 1, 500, 99_999]) {
    const [one, other] = [mutant(sources, RUN.seed, index), mutant(sources, RUN.seed, index)];
    expect(one.name).toBe(other.name);
    expect(one.bytes.equals(other.bytes)).toBe(true);
  }
  const names = new Set(Array.from({ length: 200 }, (_, index) => mutant(sources, RUN.seed, index).name));
  expect(names.size).toBeGreaterThan(100);
});
