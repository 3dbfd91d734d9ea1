import { queueing } from '../../../runtime/events';
import { announcementMessage, readChangedObjects, type Outcome } from '../../../runtime/pipeline';
import { FakePipeline, readyManifest } from '../http/fake-pipeline';

function open(parts: { readonly source: boolean; readonly set: boolean; readonly isServed?: boolean }) {
  const order: string[] = [];
  const outcome: Outcome = { status: 'ignored', key: 'a.jpg' };
  const reconcile = queueing(
    (key) => {
      order.push(`reconcile ${key}`);
      return Promise.resolve(outcome);
    },
    {
      pipeline: {
        serves: () => parts.isServed ?? true,
        manifest: (key) => Promise.resolve(parts.set ? readyManifest(key) : undefined),
      },
      source: { head: () => Promise.resolve(parts.source ? ({} as never) : undefined) },
      send: (key) => Promise.resolve(void order.push(`send ${key}`)),
    },
  );
  return { order, reconcile };
}

test.each([
  ['a source', { source: true, set: false }],
  ['a set without a source', { source: false, set: true }],
])('sends the key before it reconciles %s', async (_, parts) => {
  const { order, reconcile } = open(parts);
  await reconcile('a.jpg');
  expect(order).toEqual(['send a.jpg', 'reconcile a.jpg']);
});

test.each([
  ['an image that does not exist', { source: false, set: false }, { status: 'deleted', key: 'a.jpg', removed: 0 }],
  ['a key that is not served', { source: true, set: true, isServed: false }, { status: 'ignored', key: 'a.jpg' }],
])('does not send and not reconcile %s', async (_, parts, outcome) => {
  const { order, reconcile } = open(parts);
  expect(await reconcile('a.jpg')).toEqual(outcome);
  expect(order).toEqual([]);
});

test('does not render if the queue does not accept the key', async () => {
  const pipeline = new FakePipeline();
  const error = new Error('queue');
  const reconcile = queueing(pipeline.reconcile, {
    pipeline: { serves: () => true, manifest: () => Promise.resolve(readyManifest('a')) },
    source: { head: () => Promise.resolve(undefined) },
    send: () => Promise.reject(error),
  });
  await expect(reconcile('a')).rejects.toBe(error);
});

test.each(['a.jpg', 'ü +%/写真 & 1.jpg'])('the message for %j requires an announcement', (key) => {
  expect(readChangedObjects(announcementMessage('photos', key))).toEqual([{ bucket: 'photos', key, announce: true }]);
});
