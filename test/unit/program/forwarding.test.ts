import { ImageRejection } from '../../../runtime/engine';
import { CapacityError, readChangedObjects, type Reconcile } from '../../../runtime/pipeline';
import { forwarding } from '../../../runtime/program/queue/forwarding';
import { capacityOf } from '../../../runtime/program/render-within-memory';
import { ObjectStoreError } from '../../../runtime/storage';

const KEY = 'trip/my photo+1.tif';

/** Creates a forwarding function, and records its calls and messages. */
function open({
  reconcile,
  withoutRendering,
  send,
}: { [Name in 'reconcile' | 'withoutRendering']?: Reconcile } & { send?: () => Promise<void> }) {
  const messages: string[] = [];
  const calls: string[] = [];
  const recorded =
    (name: string, implementation: Reconcile | undefined): Reconcile =>
    async (key, options) => {
      calls.push(name);
      return implementation ? implementation(key, options) : { status: 'deleted', key, removed: 0 };
    };
  const run = forwarding(recorded('reconcile', reconcile), {
    withoutRendering: recorded('withoutRendering', withoutRendering),
    bucket: 'photos',
    send: async (message) => {
      await send?.();
      messages.push(message);
    },
  });
  return { run, messages, calls };
}

const failing =
  (error: Error): Reconcile =>
  () =>
    Promise.reject(error);
const beyond = new CapacityError('the file is too large');

test.each([
  ['an estimate above the memory', new ImageRejection('out-of-memory', 'too large')],
  ['an exceeded deadline', new ImageRejection('timeout', 'too slow')],
  ['a file above the size of this process', beyond],
  ['a worker process that was stopped', Object.assign(new Error('stopped'), { code: 'timeout', retryable: true })],
])('the function forwards the key at once after %s', async (_, error) => {
  const { run, messages } = open({ reconcile: failing(error) });
  expect(await run(KEY)).toEqual({ status: 'forwarded', key: KEY });
  expect(messages.map((message) => readChangedObjects(message))).toEqual([[{ bucket: 'photos', key: KEY }]]);
});

test.each([
  ['a failed request', new ObjectStoreError('storage-unavailable', 'no answer')],
  ['an error without a code', new Error('unknown')],
  ['a crashed worker process', Object.assign(new Error('crashed'), { code: 'worker-crashed', retryable: true })],
])('the function does not forward the key after %s', async (_, error) => {
  const { run, messages } = open({ reconcile: failing(error) });
  await expect(run(KEY)).rejects.toBe(error);
  expect(messages).toEqual([]);
});

test('the function returns the outcome `deleted` unchanged and forwards no message', async () => {
  const { run, messages, calls } = open({});
  expect(await run(KEY)).toEqual({ status: 'deleted', key: KEY, removed: 0 });
  expect([messages, calls]).toEqual([[], ['reconcile']]);
});

test('the second attempt does not render and forwards missing thumbnails', async () => {
  const { run, messages, calls } = open({ withoutRendering: failing(beyond) });
  expect(await run(KEY, { attempt: 2 })).toEqual({ status: 'forwarded', key: KEY });
  expect([messages.length, calls]).toEqual([1, ['withoutRendering']]);
});

test('the second attempt does not forward a current thumbnail set', async () => {
  const { run, messages } = open({});
  expect(await run(KEY, { attempt: 3 })).toEqual({ status: 'deleted', key: KEY, removed: 0 });
  expect(messages).toEqual([]);
});

test('the forwarded message contains the flag that requires an event', async () => {
  const { run, messages } = open({ reconcile: failing(beyond) });
  await run(KEY, { announce: true });
  expect(messages.map((message) => readChangedObjects(message))).toEqual([
    [{ bucket: 'photos', key: KEY, announce: true }],
  ]);
});

test('the function fails if the queue does not accept the message, so that the attempt is retried', async () => {
  const { run } = open({ reconcile: failing(beyond), send: () => Promise.reject(new Error('no queue')) });
  await expect(run(KEY)).rejects.toThrow('no queue');
});

describe('capacity', () => {
  const settings = { queueUrl: 'https://queue', fileSizeBytes: undefined, durationSeconds: undefined };
  const MIB = 2 ** 20;

  test('the memory for rendering limits the file size', () => {
    // The process needs 96 MiB, and the base of a rendering needs 32 MiB.
    expect(capacityOf(settings, 1024)).toEqual({ maxFileBytes: 896 * MIB, maxDurationSeconds: undefined });
  });

  test('settings reduce the maximum file size and the maximum duration', () => {
    expect(capacityOf({ ...settings, fileSizeBytes: 10 * MIB, durationSeconds: 5 }, 1024)).toEqual({
      maxFileBytes: 10 * MIB,
      maxDurationSeconds: 5,
    });
    expect(capacityOf({ ...settings, fileSizeBytes: 2000 * MIB }, 1024).maxFileBytes).toBe(896 * MIB);
  });
});
