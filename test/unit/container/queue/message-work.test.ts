import { messageWork } from '../../../../container/queue/message-work';
import { WorkerError, stopping } from '../../../../container/workers/worker-error';
import { ImageRejection } from '../../../../runtime/engine';
import type { Outcome } from '../../../../runtime/pipeline';
import { ObjectStoreError } from '../../../../runtime/storage';
import { notification, TEST_EVENT } from '../../lambda/sqs-event';

const said: string[] = [];
const storeErrors = jest.fn();
beforeEach(() => {
  said.length = 0;
  storeErrors.mockReset();
});

/** What becomes of a message about two images, the second of which fails as told. */
function work(body: string, thrown?: Error, receiveCount = 1): Promise<number | undefined> {
  const reconcile = (key: string): Promise<Outcome> =>
    key === 'b' && thrown !== undefined
      ? Promise.reject(thrown)
      : Promise.resolve({ status: 'deleted', key, removed: 0 });
  return messageWork({
    reconcile,
    bucket: 'photos',
    log: {
      malformed: ({ messageId }) => said.push(`malformed ${messageId}`),
      foreign: (bucket, key) => said.push(`foreign ${bucket} ${key}`),
      deadlineExceeded: () => said.push('out of time'),
    },
    onStoreError: storeErrors,
  })({ messageId: 'm', body, receiveCount });
}

const both = notification('photos', 'a', 'b', 'c');

test('a message is done when all of its images are', async () => {
  expect(await work(both)).toBeUndefined();
  expect(await work(TEST_EVENT)).toBeUndefined();
  expect(await work(notification('other', 'a'))).toBeUndefined();
  expect(said).toEqual(['foreign other a']);
});

test('an image that is refused for good is done', async () => {
  expect(await work(both, new ImageRejection('corrupt', 'no'))).toBeUndefined();
  expect(await work(both, new ObjectStoreError('invalid-key', 'no'))).toBeUndefined();
});

test.each([
  ['a crash', new WorkerError('worker-crashed', 'it ended'), [1, 2, 4, 8, 60]],
  ['an image that took too long', new ImageRejection('timeout', 'no'), [1, 2, 4, 8, 60]],
  ['a mistake', new TypeError('x'), [1, 2, 4, 8, 60]],
  ['a store that does not answer', new ObjectStoreError('storage-unavailable', 'no'), [5, 15, 45, 135, 900]],
])('after %s it comes again, later each time', async (_, error, expected) => {
  const pauses = await Promise.all([1, 2, 3, 4, 12].map((count) => work(both, error, count)));
  expect(pauses).toEqual(expected);
  expect(storeErrors).toHaveBeenCalledTimes(error instanceof ObjectStoreError ? 5 : 0);
});

test('what the end of the process interrupted is there for others at once', async () => {
  expect(await work(both, stopping('b'), 3)).toBe(0);
});

test('what nobody understands is left to the queue, which puts it aside', async () => {
  expect(await work('not JSON')).toBe(0);
  expect(said).toEqual(['malformed m']);
});
