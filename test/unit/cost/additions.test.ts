import { additions } from '../../../cost';

const costOf = (option: string, images: number): number =>
  additions(images).find((addition) => addition.option === option)!.usd;

test('the cost of alarms and a dashboard does not depend on the number of images', () => {
  for (const option of ['addAlarms()', 'addDashboard()']) {
    expect(costOf(option, 1e8)).toBe(costOf(option, 0));
  }
  expect(costOf('addAlarms()', 0)).toBeCloseTo(2.4, 6);
});

test('a million images cost one dollar for events and five dollars for traces', () => {
  expect([costOf('eventsEnabled', 1e6), costOf('tracing', 1e6)]).toEqual([1, 5]);
});

test('moderation and face detection each cost one request for each image', () => {
  expect([costOf('moderation', 1e6), costOf('facesAsFocalPoint', 1e6)]).toEqual([1000, 1000]);
});

test('the cost of a malware scan includes a price per object and a price per GB', () => {
  expect(costOf('afterMalwareScan()', 1e6)).toBeCloseTo(215 + 270, 6);
  expect(costOf('afterMalwareScan()', 0)).toBe(0);
});

test('above one trace per second, the cost of X-Ray includes five percent of the traces', () => {
  expect(costOf('tracing', 1e8)).toBeCloseTo((2_628_000 + 0.05 * 97_372_000) * 5e-6, 6);
});

test('the cost of invalidations includes at most five paths per minute', () => {
  expect(costOf('purge', 1000)).toBeCloseTo(5 + 0.26, 2);
  // USD: 219,000 paths, one million events, the messages of the events, and the polling of the queue.
  expect(costOf('purge', 1e6)).toBeCloseTo(219_000 * 0.005 + 1 + 0.4 + 0.26, 1);
});
