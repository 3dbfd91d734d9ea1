import { messageHandler } from '../../../../container/queue/message-handler';
import { WorkerError, shuttingDown } from '../../../../container/workers/worker-error';
import { ImageRejection } from '../../../../runtime/engine';
import type { Outcome } from '../../../../runtime/pipeline';
import { ObjectStoreError } from '../../../../runtime/storage';
import { notification, TEST_EVENT } from '../../lambda/sqs-event';

const logged: string[] = [];
const onStoreError = jest.fn();
beforeEach(() => {
  logged.length = 0;
  onStoreError.mockReset();
});

/** Handles a message. The key b fails with the given error. */
function handle(body: string, error?: Error, receiveCount = 1): Promise<number | undefined> {
  const reconcile = (key: string): Promise<Outcome> =>
    key === 'b' && error !== undefined
      ? Promise.reject(error)
      : Promise.resolve({ status: 'deleted', key, removed: 0 });
  return messageHandler({
    reconcile,
    bucket: 'photos',
    log: {
      malformed: ({ messageId }) => logged.push(`malformed ${messageId}`),
      foreign: (bucket, key) => logged.push(`foreign ${bucket} ${key}`),
      deadlineExceeded: () => logged.push('deadline exceeded'),
    },
    onStoreError,
  })({ messageId: 'm', body, receiveCount });
}

const message = notification('photos', 'a', 'b', 'c');

test('a message is complete if each key is reconciled or is not in the source bucket', async () => {
  expect(await handle(message)).toBeUndefined();
  expect(await handle(TEST_EVENT)).toBeUndefined();
  expect(await handle(notification('other', 'a'))).toBeUndefined();
  expect(logged).toEqual(['foreign other a']);
});

test('the message of a rejected image is complete', async () => {
  expect(await handle(message, new ImageRejection('corrupt', 'test'))).toBeUndefined();
  expect(await handle(message, new ObjectStoreError('invalid-key', 'test'))).toBeUndefined();
});

test.each([
  ['a crashed worker process', new WorkerError('worker-crashed', 'exited'), [1, 2, 4, 8, 60]],
  ['a timeout of the decoder', new ImageRejection('timeout', 'test'), [1, 2, 4, 8, 60]],
  ['an unexpected error', new TypeError('x'), [1, 2, 4, 8, 60]],
  ['an unavailable store', new ObjectStoreError('storage-unavailable', 'test'), [5, 15, 45, 135, 900]],
])('after %s the message is retried with increasing delays', async (_, error, expected) => {
  const delays = await Promise.all([1, 2, 3, 4, 12].map((count) => handle(message, error, count)));
  expect(delays).toEqual(expected);
  expect(onStoreError).toHaveBeenCalledTimes(error instanceof ObjectStoreError ? 5 : 0);
});

test('the handler requests an immediate retry of the message of an interrupted job', async () => {
  expect(await handle(message, shuttingDown('b'), 3)).toBe(0);
});

test('the handler requests an immediate retry of a malformed message', async () => {
  expect(await handle('not JSON')).toBe(0);
  expect(logged).toEqual(['malformed m']);
});
