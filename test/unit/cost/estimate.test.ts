import { join } from 'node:path';
import { build } from 'esbuild';
import {
  backfill,
  COMPUTE_NAMES,
  computeCost,
  crossing,
  estimate,
  storageGrowth,
  sumOf,
  workerHours,
  WorkloadError,
  imageWork,
  DEFAULT_THUMBNAILS,
  type Workload,
} from '../../../cost';

const lambda = { compute: 'lambda' } as const;
const usd = (item: string, given: Partial<Workload>, options: Parameters<typeof estimate>[1] = lambda): number =>
  estimate(given, options).lines.find((line) => line.item === item)!.usd.expected;

test('the expected total is the sum of all lines, and is between the low and the high total', () => {
  const { lines, total } = estimate({ images: 1e6, views: 1e7, firstViews: 0.01 }, lambda);
  expect(total.expected).toBeCloseTo(
    lines.reduce((sum, line) => sum + line.usd.expected, 0),
    10,
  );
  expect(total.low).toBeLessThan(total.expected);
  expect(total.expected).toBeLessThan(total.high);
});

test('a million images and a million views cost the AWS list prices of their requests', () => {
  expect(usd('requests of the runtime', { images: 1e6 })).toBeCloseTo(26.2, 10);
  expect(usd('messages', { images: 1e6 })).toBeCloseTo(1.2, 10);
  expect(usd('logs', { images: 1e6 })).toBeCloseTo(0.7, 10);
  expect(usd('requests and functions', { views: 1e6 })).toBeCloseTo(1.2, 10);
  expect(usd('bytes', { views: 1e6 })).toBeCloseTo(4.25, 10);
});

test('without images and views, a pipeline costs only the price of its idle resources', () => {
  const idle = (options: Parameters<typeof estimate>[1]): number =>
    sumOf(estimate({ images: 0 }, options).lines, 'compute', 'api').expected;
  expect(idle(lambda)).toBeCloseTo(0.26, 2);
  expect(idle({ compute: 'fargate', api: 'lambda' })).toBeCloseTo(0.4, 2);
  expect(idle({ compute: 'fargate' })).toBeCloseTo(35.3, 1);
});

test('stored thumbnails behind CloudFront cause no API cost', () => {
  const { lines } = estimate({ images: 0, views: 1e6 }, lambda);
  expect(sumOf(lines, 'api').expected).toBe(0);
  expect(usd('requests for cache misses', { views: 1e6, cacheHitRatio: 0.9 })).toBeCloseTo(0.04, 10);
});

test('the first view of each thumbnail causes one API request', () => {
  const { lines } = estimate({ images: 0, views: 1e6, firstViews: 0.05 }, lambda);
  expect(lines.find(({ service }) => service === 'API Gateway')!.usd.expected).toBeCloseTo(0.05, 10);
});

test('without CloudFront, every view causes an API request', () => {
  const { lines } = estimate({ images: 0, views: 1e6, cloudFront: false }, lambda);
  expect(lines.find(({ service }) => service === 'API Gateway')!.usd.expected).toBeCloseTo(1, 10);
  expect(lines.some(({ service }) => service === 'CloudFront')).toBe(false);
});

test('a worker task runs all month for uploads at random times, but about 38 hours for 30 batches', () => {
  const work = imageWork(DEFAULT_THUMBNAILS, { megapixels: 10, bytes: 3e6 });
  const spread = workerHours({ images: 1e5, arrivals: { kind: 'spread' }, work }, 'expected');
  expect(spread.all).toBeCloseTo(730, 0);
  const batches = workerHours({ images: 1e5, arrivals: { kind: 'batches', perMonth: 30 }, work }, 'expected');
  expect(batches.all).toBeCloseTo(8.4 + 30, 0);
  expect(batches.first).toBeCloseTo(batches.all / 10, 5);
});

test('the cost of a compute is continuous and never decreases with more images', () => {
  for (const compute of COMPUTE_NAMES) {
    for (const arrivals of [{ kind: 'spread' }, { kind: 'batches', perMonth: 30 }] as const) {
      const costs = [0, 1, 10, 1e3, 1e5, 1e7, 1e9].map((images) => computeCost({ images, arrivals }, compute));
      expect(costs).toEqual(costs.toSorted((one, other) => one - other));
    }
  }
});

test('Fargate costs less than Lambda only above the break-even point', () => {
  for (const arrivals of [{ kind: 'spread' }, { kind: 'batches', perMonth: 30 }] as const) {
    const images = crossing({ arrivals }, 'lambda', 'fargate')!;
    const difference = (factor: number): number =>
      computeCost({ images: images * factor, arrivals }, 'fargate') -
      computeCost({ images: images * factor, arrivals }, 'lambda');
    expect(difference(0.9)).toBeGreaterThan(0);
    expect(difference(1.1)).toBeLessThan(0);
  }
  expect(crossing({}, 'fargate', 'lambda')).toBeUndefined();
});

test('after twelve months, the stored bytes are twelve times the bytes of the first month', () => {
  const [first, year] = storageGrowth({ images: 1e6 }, [1, 12]);
  expect(year!.gb).toBeCloseTo(first!.gb * 12, 6);
  expect(year!.usd).toBeCloseTo(year!.gb * 0.023, 6);
});

test('the cost and the duration of a backfill are proportional to the number of images', () => {
  const [million, hundred] = [backfill(1e6, 'lambda', 100), backfill(1e8, 'lambda', 100)];
  expect(hundred.usd.expected / million.usd.expected).toBeCloseTo(100, -1);
  expect(hundred.hours.expected).toBeCloseTo(million.hours.expected * 100, 6);
  expect(backfill(1e6, 'lambda', 200).hours.expected).toBeCloseTo(million.hours.expected / 2, 6);
});

test('the estimate lists the prices of us-east-1 that it uses for another Region', () => {
  const { assumedPrices, lines } = estimate({ images: 1e6, region: 'eu-central-1' }, lambda);
  expect(assumedPrices).toContain('logsGb');
  expect(assumedPrices).not.toContain('s3Put');
  expect(assumedPrices).not.toContain('kmsRequest');
  expect(lines.find(({ item }) => item === 'requests of the runtime')!.usd.expected).toBeCloseTo(27 + 1.29, 2);
  expect(estimate({}, lambda).assumedPrices).toEqual([]);
});

test('the error for an invalid workload lists all invalid fields', () => {
  const invalid = {
    images: -1,
    views: NaN,
    firstViews: 0.5,
    region: 'mars-1' as 'us-east-1',
    thumbnails: [{ width: 0, height: 10, formats: [{ type: 'bmp' as 'gif' }] }],
  };
  expect(() => estimate(invalid, lambda)).toThrow(WorkloadError);
  for (const field of [
    'images: -1',
    'views: NaN',
    'firstViews: 0.5',
    'region: mars-1',
    'thumbnails[0].width: 0',
    'bmp',
  ]) {
    expect(() => estimate(invalid, lambda)).toThrow(field);
  }
});

test('the cost module imports only its own files, so that a web page can use the module', async () => {
  const absWorkingDir = join(__dirname, '../../..');
  const { metafile } = await build({
    absWorkingDir,
    entryPoints: ['cost/index.ts'],
    bundle: true,
    platform: 'browser',
    write: false,
    metafile: true,
  });
  expect(Object.keys(metafile.inputs).filter((file) => !file.startsWith('cost/'))).toEqual([]);
});
