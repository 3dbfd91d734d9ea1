import { ChangeFollower, type ChangeFollowerLog } from '../../../../runtime/program/following/change-follower';

// Jest cannot load chokidar, an ECMAScript module.
jest.mock('../../../../runtime/program/following/open-watcher', () => ({ openWatcher: () => undefined }));

const watchIncomplete = jest.fn();
const log: ChangeFollowerLog = {
  gaveUp: jest.fn(),
  reconciledAll: jest.fn(),
  reconcileAllFailed: jest.fn(),
  notWatched: jest.fn(),
  watchIncomplete,
};
const error = new Error('ENOSPC');

let comparisons: number;
let follower: ChangeFollower;
function create(reconcileIntervalSeconds?: number): void {
  comparisons = 0;
  follower = new ChangeFollower({
    pipeline: {
      serves: () => true,
      // oxlint-disable-next-line typescript/require-await
      async *changedKeys() {
        comparisons += 1;
        yield* [];
      },
    },
    reconcile: (key) => Promise.resolve({ status: 'ignored', key }),
    concurrency: 1,
    ...(reconcileIntervalSeconds !== undefined && { reconcileIntervalSeconds }),
    log,
  });
}
beforeEach(() => jest.useFakeTimers());
afterEach(async () => {
  await follower.close();
  jest.useRealTimers();
  jest.clearAllMocks();
});

test.each([
  ['without an interval', undefined, 30],
  ['with a longer interval', 3600, 30],
  ['with a shorter interval', 5, 5],
])('an incomplete watch is replaced by comparisons, %s', async (_, interval, expected) => {
  create(interval);
  follower.start();
  follower.watchIncomplete(error);
  expect(watchIncomplete).toHaveBeenCalledWith(error, expected);
  await jest.advanceTimersByTimeAsync(expected * 3000);
  expect(comparisons).toBe(4);
});

test('comparisons repeat if the watch becomes incomplete before the start', async () => {
  create();
  follower.watchIncomplete(error);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(comparisons).toBe(0);
  follower.start();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(comparisons).toBe(3);
});

test('a complete watch without an interval compares the object stores only once', async () => {
  create();
  follower.start();
  await jest.advanceTimersByTimeAsync(3_600_000);
  expect(comparisons).toBe(1);
});
