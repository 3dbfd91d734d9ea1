import { Heap } from '../../../../bench/scale/heap';
import { layoutLoads, PARTITIONS } from '../../../../bench/scale/key-layout';
import { functions, tasks } from '../../../../bench/scale/scenarios';
import { randomNumbers, simulate, type Scenario, type SimulatedCompute } from '../../../../bench/scale/simulate';

const slots = (count: number): SimulatedCompute => ({
  serviceSeconds: 1,
  startSeconds: 0,
  scalingSeconds: 1,
  slots: () => count,
});
const scenario = (given: Partial<Scenario>): Scenario => ({
  images: 10_000,
  arrivalsPerSecond: 1000,
  compute: slots(100),
  putsPerImage: 4,
  putsPerSecond: 1e9,
  seed: 1,
  ...given,
});

test('the heap returns all numbers in order', () => {
  const random = randomNumbers(7);
  const numbers = Array.from({ length: 1000 }, () => Math.floor(random() * 500));
  const heap = new Heap();
  numbers.forEach((number) => heap.push(number));
  const sorted: number[] = [];
  for (let least = heap.peek(); least !== undefined; least = heap.peek()) {
    sorted.push(least);
    heap.pop();
  }
  expect(sorted).toEqual(numbers.toSorted((one, other) => one - other));
});

test('two simulations return equal results only with equal seeds', () => {
  const first = simulate(scenario({}));
  expect(simulate(scenario({}))).toEqual(first);
  expect(simulate(scenario({ seed: 2 })).seconds).not.toBe(first.seconds);
});

test('if all slots are busy, the duration equals the total work divided by the number of slots', () => {
  const { seconds, busySeconds, peakSlots, throttled } = simulate(scenario({}));
  expect(busySeconds / 10_000).toBeCloseTo(1, 1);
  expect(seconds / 100).toBeCloseTo(1, 1);
  expect([peakSlots, throttled]).toEqual([100, 0]);
});

test('an image is complete after its service time if enough slots exist', () => {
  const { seconds, peakAge } = simulate(scenario({ compute: slots(10_000) }));
  expect(seconds).toBeLessThan(10 + 8);
  expect(peakAge).toBeLessThanOrEqual(0.25);
});

test('the write rate of the object store limits the throughput', () => {
  const { seconds, throttled, busySeconds } = simulate(scenario({ compute: slots(1000), putsPerSecond: 400 }));
  expect(seconds / 100).toBeCloseTo(1, 1);
  expect(throttled).toBeGreaterThan(0.9);
  expect(busySeconds).toBeGreaterThan(50_000);
});

test('the duration is almost equal with one image and with ten images per simulated event', () => {
  const one = simulate(scenario({ images: 100_000 }));
  const ten = simulate(scenario({ images: 100_000, quantum: 10 }));
  expect(ten.seconds / one.seconds).toBeCloseTo(1, 1);
});

test('the concurrency of Lambda functions increases at the rate of the event source mapping', () => {
  const compute = functions();
  const concurrency = (seconds: number): number => compute.slots({ seconds, backlog: 1e6, slots: 0 });
  expect([concurrency(0), concurrency(60), concurrency(1e4)]).toEqual([5, 305, 1000]);
  expect(functions(5000).slots({ seconds: 1e4, backlog: 1e6, slots: 0 })).toBe(1250);
  expect(functions(20).slots({ seconds: 1e4, backlog: 1e6, slots: 0 })).toBe(20);
});

test('tasks scale with the backlog up to the maximum capacity', () => {
  const compute = tasks(10);
  expect([0, 1, 101, 1e6].map((backlog) => compute.slots({ seconds: 0, backlog, slots: 0 }))).toEqual([0, 2, 4, 20]);
});

test('thumbnails and sources have the same distribution over the partitions', () => {
  for (const { sources, thumbnails } of layoutLoads()) {
    expect(thumbnails).toBeCloseTo(sources, 2);
  }
});

test('keys that start with a date cause a hot partition', () => {
  const loads = new Map(layoutLoads().map(({ layout, thumbnails }) => [layout, thumbnails]));
  const byLayout = (start: string): number => [...loads].find(([layout]) => layout.startsWith(start))![1];
  expect(byLayout('{uuid}')).toBeLessThan(1.3 / PARTITIONS);
  expect(byLayout('users/')).toBeLessThan(1.3 / PARTITIONS);
  expect(byLayout('{date}')).toBe(1);
});
