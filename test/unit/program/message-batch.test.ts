import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { ImageRejection } from '../../../runtime/engine';
import { announcementMessage, type Outcome } from '../../../runtime/pipeline';
import { correlationId } from '../../../runtime/program/correlation';
import type { After } from '../../../runtime/program/invocation-deadline';
import { workBatch, type BatchOptions } from '../../../runtime/program/queue/message-batch';
import { ObjectStoreError } from '../../../runtime/storage';
import { DirectoryObjectStore } from '../../../runtime/storage/directory/directory-object-store';
import { notification, sqsEvent, TEST_EVENT } from '../lambda/sqs-event';

/** Processes a batch, and returns the failed messages, the reconciled keys and the log. */
async function work(
  bodies: readonly string[],
  reconcile: (key: string) => Promise<Outcome> | Outcome = (key) => ({ status: 'deleted', key, removed: 1 }),
  options: Partial<BatchOptions> = {},
) {
  const keys: string[] = [];
  const said: unknown[][] = [];
  const failed = await workBatch(sqsEvent(...bodies).Records, {
    bucket: 'photos',
    millisecondsPerKey: 1000,
    remaining: () => 1000,
    reconcile: async (key) => {
      keys.push(key);
      return await reconcile(key);
    },
    log: {
      malformed: ({ messageId }, error) => said.push(['malformed', messageId, (error as Error).name]),
      foreign: (bucket, key) => said.push(['foreign', bucket, key]),
      deadlineExceeded: (left) => said.push(['outOfTime', ...left]),
    },
    ...options,
  });
  return { failed: [...failed], keys, said };
}

function fail(): never {
  throw new Error('unexpected log line');
}

const throwing = (errors: Readonly<Record<string, unknown>>) => (key: string) => {
  if (key in errors) {
    throw errors[key];
  }
  return { status: 'deleted', key, removed: 1 } as const;
};

describe('workBatch', () => {
  test('repeated messages and on-demand renders require an event of the thumbnail set', async () => {
    const announced: [string, unknown, unknown][] = [];
    const message = (body: string, index: number, receiveCount?: number) => ({
      messageId: `m${index}`,
      body,
      ...(receiveCount !== undefined && { receiveCount }),
    });
    await workBatch(
      [
        message(notification('photos', 'first'), 0, 1),
        message(notification('photos', 'again', 'twice'), 1, 2),
        message(notification('photos', 'twice'), 2),
        message(announcementMessage('photos', 'on demand'), 3, 1),
      ],
      {
        bucket: 'photos',
        millisecondsPerKey: 0,
        remaining: () => Infinity,
        reconcile: (key, options) => {
          announced.push([key, options?.announce, options?.attempt]);
          return Promise.resolve({ status: 'ignored', key });
        },
        log: { malformed: fail, foreign: fail, deadlineExceeded: fail },
      },
    );
    expect(announced).toEqual([
      ['first', undefined, undefined],
      ['again', true, 2],
      ['twice', true, 2],
      ['on demand', true, undefined],
    ]);
  });

  test('workBatch() processes each key and each malformed message with the message id', async () => {
    const ids: unknown[] = [];
    await work(
      [notification('photos', 'a'), 'malformed', notification('photos', 'b')],
      (key) => {
        ids.push([key, correlationId()]);
        return { status: 'deleted', key, removed: 1 };
      },
      {
        log: {
          malformed: ({ messageId }) => ids.push([messageId, correlationId()]),
          foreign: () => undefined,
          deadlineExceeded: () => undefined,
        },
      },
    );
    expect(ids).toEqual([
      ['m1', 'm1'],
      ['a', 'm0'],
      ['b', 'm2'],
    ]);
  });

  test('workBatch() reconciles the decoded key of every message', async () => {
    const result = await work([notification('photos', 'a/my cat+1.jpg'), notification('photos', 'été', '100%')]);
    expect(result).toEqual({ failed: [], keys: ['a/my cat+1.jpg', 'été', '100%'], said: [] });
  });

  test('workBatch() reconciles each key once, even if several messages contain the key', async () => {
    const bodies = [notification('photos', 'a', 'b'), notification('photos', 'b'), notification('photos', 'c', 'c')];
    const { failed, keys } = await work(bodies, throwing({ b: new Error('the network') }));
    expect(keys).toEqual(['a', 'b', 'c']);
    expect(failed).toEqual(['m0', 'm1']);
  });

  test.each([
    ['a throttled object store', new ObjectStoreError('storage-throttled', 'slow down'), ['m1']],
    ['denied access to the object store', new ObjectStoreError('access-denied', 'no'), ['m1']],
    ['an image that exceeded the time limit', new ImageRejection('timeout', 'too long'), ['m1']],
    ['an unknown error', new TypeError('undefined'), ['m1']],
    ['something that is no error', 'text', ['m1']],
    ['an invalid key', new ObjectStoreError('invalid-key', 'no'), []],
    ['a permanently rejected image', new ImageRejection('corrupt', 'no'), []],
  ])('the batch returns these messages after %s', async (_, error, expected) => {
    const bodies = ['a', 'b', 'c'].map((key) => notification('photos', key));
    const { failed, keys } = await work(bodies, throwing({ b: error }));
    expect(keys).toEqual(['a', 'b', 'c']);
    expect(failed).toEqual(expected);
  });

  test('workBatch() returns and logs unrecognized messages', async () => {
    const bodies = ['not json', notification('photos', 'a'), '{}', '{"Records":[{"eventName":"ObjectCreated:Put"}]}'];
    expect(await work(bodies)).toEqual({
      failed: ['m0', 'm2', 'm3'],
      keys: ['a'],
      said: ['m0', 'm2', 'm3'].map((id) => ['malformed', id, 'EventError']),
    });
  });

  test('workBatch() ignores `s3:TestEvent` and events of other buckets', async () => {
    expect(await work([TEST_EVENT, notification('other', 'a')])).toEqual({
      failed: [],
      keys: [],
      said: [['foreign', 'other', 'a']],
    });
    expect(await work([])).toEqual({ failed: [], keys: [], said: [] });
  });

  test('workBatch() postpones all keys except the first key if the remaining time is too short', async () => {
    const bodies = ['a', 'b', 'c', 'b'].map((key) => notification('photos', key));
    let remaining = 2500;
    const spend = (key: string) => {
      remaining -= 900;
      return { status: 'deleted', key, removed: 1 } as const;
    };
    const options = { remaining: () => remaining };
    expect(await work(bodies, spend, options)).toEqual({
      failed: ['m2'],
      keys: ['a', 'b'],
      said: [['outOfTime', 'c']],
    });
    expect(await work(bodies, spend, options)).toEqual({
      failed: ['m1', 'm3', 'm2'],
      keys: ['a'],
      said: [['outOfTime', 'b', 'c']],
    });
  });

  test.each([
    ['a key that waits for something', 'b', ['m1', 'm3', 'm2'], ['a', 'b'], ['b', 'c']],
    ['the first key', 'a', ['m0', 'm1', 'm3', 'm2'], ['a'], ['a', 'b', 'c']],
  ])('workBatch() ends before the deadline and postpones %s', async (_, endless, failed, keys, left) => {
    const requests: unknown[] = [];
    const store = new DirectoryObjectStore({ directory: tmpdir() });
    let expire = (): void => undefined;
    let thaw = (): void => undefined;
    const thawed = new Promise<void>((resolve) => (thaw = resolve));
    const waits = async (key: string): Promise<Outcome> => {
      if (key === endless) {
        expire();
        await thawed;
        await store.head('x').catch((error: unknown) => requests.push(error));
      }
      return { status: 'deleted', key, removed: 1 };
    };
    const bodies = ['a', 'b', 'c', 'b'].map((key) => notification('photos', key));
    const delays: number[] = [];
    const after: After = (milliseconds, call) => {
      delays.push(milliseconds);
      expire = call;
      return () => undefined;
    };
    expect(await work(bodies, waits, { remaining: () => 400, after, millisecondsPerKey: 0 })).toEqual({
      failed,
      keys,
      said: [['outOfTime', ...left]],
    });
    // One tenth of the time is reserved for the response.
    expect(delays).toEqual([360]);
    // A call that exceeds the deadline must send no requests during the next invocation.
    thaw();
    await new Promise((resolve) => setImmediate(resolve));
    expect(requests).toMatchObject([{ name: 'ObjectStoreError', code: 'storage-unavailable' }]);
  });

  test('workBatch() reconciles one key at a time', async () => {
    let running = 0;
    await work(
      ['a', 'b', 'c'].map((key) => notification('photos', key)),
      async (key) => {
        expect((running += 1)).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return { status: 'deleted', key, removed: 1 };
      },
    );
    expect(running).toBe(0);
  });

  test('workBatch() returns exactly the messages with a failed key, for every batch', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const keysOfMessages = fc.array(fc.array(key, { maxLength: 3 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(keysOfMessages, fc.uniqueArray(key), async (messages, broken) => {
        const errors = Object.fromEntries(broken.map((name) => [name, new Error(name)]));
        const { failed, keys } = await work(
          messages.map((names) => notification('photos', ...names)),
          throwing(errors),
        );
        expect(keys).toEqual([...new Set(messages.flat())]);
        const expected = messages.flatMap((names, index) =>
          names.some((name) => broken.includes(name)) ? [`m${index}`] : [],
        );
        expect(failed.sort()).toEqual(expected.sort());
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
