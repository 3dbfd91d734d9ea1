import {
  API_COMPUTE_NAMES,
  computeCost,
  crossing,
  estimate,
  pricesOf,
  sumOf,
  type ApiComputeName,
  type ComputeName,
} from '../../../cost';

const { usd } = pricesOf('us-east-1');
const batches = { kind: 'batches', perMonth: 30 } as const;
const items = (compute: ComputeName, images: number): Readonly<Record<string, number>> =>
  Object.fromEntries(
    estimate({ images, arrivals: batches }, { compute, api: 'none' }).lines.map(({ item, usd: { expected } }) => [
      item,
      expected,
    ]),
  );
const apiUsd = (api: ApiComputeName, views: number, compute: ComputeName = 'lambda'): number =>
  sumOf(
    estimate({ images: 0, views, firstViews: 0.01, cloudFront: false, cacheHitRatio: 0 }, { compute, api }).lines,
    'api',
  ).expected;

test('the cost of idle Managed Instances includes three instances, their management fee and interface endpoints', () => {
  const idle = items('managed-instances', 0);
  expect(idle['three instances']).toBeCloseTo(3 * 730 * usd.m7gLargeHour * 1.15, 6);
  expect(idle['interface endpoints']).toBeCloseTo(2 * 3 * 730 * usd.endpointHour, 6);
  expect(idle['further instances of the workers']).toBe(0);
});

test('Managed Instances have no further instances for 10 million images a month, but for 100 million images', () => {
  const further = (images: number): number => items('managed-instances', images)['further instances of the workers']!;
  expect(further(1e7)).toBe(0);
  expect(further(1e8)).toBeGreaterThan(100);
});

test('the cost of an idle EKS cluster includes the control plane, one node, the fee of EKS Auto Mode and the endpoints', () => {
  const idle = items('eks', 0);
  expect(idle['control plane']).toBeCloseTo(73, 6);
  expect(idle['first node']).toBeCloseTo(730 * usd.m7iLargeHour * 1.12, 6);
  expect(idle['interface endpoints']).toBeCloseTo(9 * 2 * 730 * usd.endpointHour, 6);
  expect(idle['further nodes of the workers']).toBe(0);
});

test('the instances of an ECS cluster cost nothing without images, and Spot costs 40 percent of the on-demand price', () => {
  expect(items('ecs', 0)['instances of the workers']).toBe(0);
  const [onDemand, spot] = (['ecs', 'ecs-spot'] as const).map((name) => items(name, 1e6)['instances of the workers']!);
  expect(onDemand).toBeGreaterThan(0);
  expect(spot! / onDemand!).toBeCloseTo(0.4, 10);
});

test('the hybrid compute forwards one percent of the images from Lambda to the tasks of the large worker', () => {
  const hybrid = items('hybrid', 1e6);
  expect(hybrid['requests']! / items('lambda', 1e6)['requests']!).toBeCloseTo(0.99, 10);
  expect(hybrid['large worker: worker tasks']).toBeGreaterThan(0);
  expect(items('hybrid', 0)['large worker: scaling alarms of the workers']).toBeCloseTo(0.4, 10);
});

test('a web function causes no cost of API Gateway, and no cost without requests', () => {
  const { lines } = estimate({ images: 0, views: 1e6, cloudFront: false }, { compute: 'lambda', api: 'web-function' });
  expect(lines.some(({ service }) => service === 'API Gateway')).toBe(false);
  expect(lines.some(({ item }) => item === 'active CPU time of the web function')).toBe(true);
  expect(apiUsd('web-function', 0)).toBe(0);
  expect(apiUsd('web-function', 1e6)).toBeLessThan(apiUsd('lambda', 1e6) - 1);
});

test('the cost of every API increases with its requests', () => {
  for (const api of API_COMPUTE_NAMES) {
    const costs = [0, 1e6, 1e8, 1e10].map((views) => apiUsd(api, views));
    expect([api, costs.toSorted((one, other) => one - other)]).toEqual([api, costs]);
    expect(costs.at(-1)).toBeGreaterThan(costs[0]!);
  }
});

test('workers and API on one EKS cluster share the cost of its control plane and its interface endpoints', () => {
  const count = (api: ApiComputeName, item: string): number =>
    estimate({ images: 0 }, { compute: 'eks', api }).lines.filter((line) => line.item === item).length;
  expect(count('eks', 'control plane')).toBe(1);
  expect(count('eks', 'interface endpoints')).toBe(1);
  expect(count('ecs', 'interface endpoints')).toBe(2);
  expect(
    estimate({ images: 0 }, { compute: 'lambda', api: 'eks' }).lines.some(({ item }) => item === 'control plane'),
  ).toBe(true);
});

test('the assumed prices contain the prices of clusters and instances only for computes that use them', () => {
  const assumed = (compute: ComputeName): readonly string[] =>
    estimate({ region: 'eu-central-1' }, { compute, api: 'none' }).assumedPrices;
  expect(assumed('lambda')).not.toContain('eksClusterHour');
  expect(assumed('eks')).toContain('eksClusterHour');
  expect(assumed('ecs')).toContain('m7gLargeHour');
  expect(assumed('ecs')).not.toContain('m7iLargeHour');
});

test('a cluster for the pipeline alone costs less than Lambda only above ten million images a month', () => {
  expect(crossing({}, 'lambda', 'ecs')).toBeGreaterThan(1e7);
  expect(crossing({}, 'lambda', 'eks')).toBeGreaterThan(1e8);
  expect(crossing({}, 'lambda', 'managed-instances')).toBeUndefined();
  expect(computeCost({ images: 1e4 }, 'eks')).toBeGreaterThan(computeCost({ images: 1e4 }, 'fargate'));
});
