import { queueing } from '../../../runtime/events';
import { announcementMessage, readChangedObjects, type Outcome } from '../../../runtime/pipeline';

function open({ isServed = true, send }: { readonly isServed?: boolean; readonly send?: () => Promise<void> } = {}) {
  const order: string[] = [];
  const outcome: Outcome = { status: 'deleted', key: 'a.jpg', removed: 2 };
  const reconcile = queueing(
    (key) => {
      order.push(`reconcile ${key}`);
      return Promise.resolve(outcome);
    },
    {
      pipeline: { serves: () => isServed },
      send: send ?? ((key) => Promise.resolve(void order.push(`send ${key}`))),
    },
  );
  return { order, outcome, reconcile };
}

test('queueing() sends the key before it reconciles', async () => {
  const { order, outcome, reconcile } = open();
  expect(await reconcile('a.jpg')).toBe(outcome);
  expect(order).toEqual(['send a.jpg', 'reconcile a.jpg']);
});

test('queueing() does not send or reconcile a key that the pipeline does not serve', async () => {
  const { order, reconcile } = open({ isServed: false });
  expect(await reconcile('a.jpg')).toEqual({ status: 'ignored', key: 'a.jpg' });
  expect(order).toEqual([]);
});

test('queueing() does not render if the queue does not accept the key', async () => {
  const error = new Error('queue');
  const { order, reconcile } = open({ send: () => Promise.reject(error) });
  await expect(reconcile('a.jpg')).rejects.toBe(error);
  expect(order).toEqual([]);
});

test.each(['a.jpg', 'ü +%/写真 & 1.jpg'])('the message for %j requires an event of the thumbnail set', (key) => {
  expect(readChangedObjects(announcementMessage('photos', key))).toEqual([{ bucket: 'photos', key, announce: true }]);
});
