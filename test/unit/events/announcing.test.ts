import * as v from 'valibot';
import { announcing, thumbnailEventSchema, type EventPublisher, type ThumbnailEvent } from '../../../runtime/events';
import type { Manifest, Outcome, Reconcile, StoredManifest } from '../../../runtime/pipeline';
import { readyManifest, rejectedManifest } from '../http/fake-pipeline';
import { settingsWith } from '../pipeline/fakes';

const NOW = new Date('2026-11-28T10:00:00.000Z');
const WRITTEN = new Date('2026-11-28T09:59:58.000Z');

class MemoryPublisher implements EventPublisher {
  public readonly events: ThumbnailEvent[] = [];
  public error: Error | undefined;

  public publish(event: ThumbnailEvent): Promise<void> {
    if (this.error) {
      return Promise.reject(this.error);
    }
    this.events.push(event);
    return Promise.resolve();
  }
}

function storedAs(manifest: Manifest): StoredManifest {
  return { manifest, key: `${manifest.source.key}/manifest.json`, etag: 'm1', lastModified: WRITTEN };
}

function open(reconcile: Reconcile, stored?: Manifest, storage: 's3' | 'directory' = 's3') {
  const publisher = new MemoryPublisher();
  const announced = announcing(reconcile, {
    publisher,
    pipeline: 'Stack/Photos',
    settings: { ...settingsWith(), storage },
    storedManifest: () => Promise.resolve(stored && storedAs(stored)),
    now: () => NOW,
  });
  return { publisher, announced };
}

const ready = readyManifest('a.jpg');
const rejected = rejectedManifest('a.jpg', 'truncated');
const returning =
  (outcome: Outcome): Reconcile =>
  () =>
    Promise.resolve(outcome);

test('a ready event contains the source, the image, the thumbnails and the stored manifest', async () => {
  const { publisher, announced } = open(returning({ status: 'made', key: 'a.jpg', manifest: ready }), ready);
  await announced('a.jpg');
  const { sourceLocation, thumbnailLocation } = settingsWith();
  expect(publisher.events).toEqual([
    {
      version: 1,
      pipeline: 'Stack/Photos',
      status: 'ready',
      time: WRITTEN.toISOString(),
      source: { bucket: sourceLocation.name, ...ready.source },
      manifest: { bucket: thumbnailLocation.name, key: 'a.jpg/manifest.json', etag: 'm1' },
      image: ready.image,
      thumbHash: ready.thumbHash,
      dominantColor: ready.dominantColor,
      thumbnails: ready.thumbnails,
    },
  ]);
  expect(v.is(thumbnailEventSchema, publisher.events[0])).toBe(true);
});

test('a rejected event contains the code', async () => {
  const { publisher, announced } = open(returning({ status: 'rejected', key: 'a.jpg', manifest: rejected }), rejected);
  await announced('a.jpg');
  expect(publisher.events).toMatchObject([{ status: 'rejected', rejection: { code: 'truncated' } }]);
  expect(v.is(thumbnailEventSchema, publisher.events[0])).toBe(true);
});

test('the time of a removed event precedes the check of the manifest', async () => {
  const { publisher, announced } = open(returning({ status: 'deleted', key: 'a.jpg', removed: 3 }));
  await announced('a.jpg');
  expect(publisher.events).toMatchObject([{ status: 'removed', time: NOW.toISOString(), source: { key: 'a.jpg' } }]);
  expect(v.is(thumbnailEventSchema, publisher.events[0])).toBe(true);
});

test.each<[string, Outcome, Manifest | undefined]>([
  ['a current thumbnail set', { status: 'unchanged', key: 'a.jpg', manifest: ready }, ready],
  ['a source without a thumbnail set', { status: 'deleted', key: 'a.jpg', removed: 0 }, undefined],
])('%s causes an event only with the option announce', async (_, outcome, stored) => {
  const { publisher, announced } = open(returning(outcome), stored);
  await announced('a.jpg');
  expect(publisher.events).toEqual([]);
  await announced('a.jpg', { announce: true });
  expect(publisher.events).toHaveLength(1);
});

test('a key that the pipeline does not serve causes no event', async () => {
  const { publisher, announced } = open(returning({ status: 'ignored', key: 'a.jpg' }), ready);
  await announced('a.jpg', { announce: true });
  expect(publisher.events).toEqual([]);
});

test('an event describes the stored manifest, even if another process has written the manifest', async () => {
  const { publisher, announced } = open(returning({ status: 'deleted', key: 'a.jpg', removed: 3 }), ready);
  await announced('a.jpg');
  expect(publisher.events).toMatchObject([{ status: 'ready', time: WRITTEN.toISOString() }]);
});

test('a thumbnail set that another process has removed causes no event', async () => {
  const { publisher, announced } = open(returning({ status: 'made', key: 'a.jpg', manifest: ready }));
  await announced('a.jpg');
  expect(publisher.events).toEqual([]);
});

test('the next attempt after a failed publication publishes the event', async () => {
  const outcomes: Outcome[] = [
    { status: 'made', key: 'a.jpg', manifest: ready },
    { status: 'unchanged', key: 'a.jpg', manifest: ready },
    { status: 'unchanged', key: 'a.jpg', manifest: ready },
  ];
  const { publisher, announced } = open(() => Promise.resolve(outcomes.shift()!), ready);
  publisher.error = new Error('unavailable');
  await expect(announced('a.jpg')).rejects.toBe(publisher.error);
  publisher.error = undefined;
  await announced('a.jpg');
  await announced('a.jpg');
  expect(publisher.events).toHaveLength(1);
});

test('the next attempt after a failed reconciliation publishes an event', async () => {
  const results: (() => Promise<Outcome>)[] = [
    () => Promise.reject(new Error('lost')),
    () => Promise.resolve({ status: 'unchanged', key: 'a.jpg', manifest: ready }),
  ];
  const { publisher, announced } = open(() => results.shift()!(), ready);
  await expect(announced('a.jpg')).rejects.toThrow('lost');
  await announced('a.jpg');
  expect(publisher.events).toHaveLength(1);
});

test('announcing() passes all options except `announce` to the function and returns its outcome', async () => {
  const options: unknown[] = [];
  const outcome: Outcome = { status: 'made', key: 'a.jpg', manifest: ready };
  const { announced } = open((_, received) => {
    options.push(received);
    return Promise.resolve(outcome);
  }, ready);
  expect(await announced('a.jpg', { force: true, announce: true })).toBe(outcome);
  expect(options).toEqual([{ force: true }]);
});

test('events of a directory contain no paths', async () => {
  const { publisher, announced } = open(
    returning({ status: 'made', key: 'a.jpg', manifest: ready }),
    ready,
    'directory',
  );
  await announced('a.jpg');
  expect(JSON.stringify(publisher.events)).not.toContain('"bucket"');
});

test('an event that would exceed the size limit of EventBridge contains no thumbnails', async () => {
  const [thumbnail] = ready.thumbnails;
  const thumbnails = Array.from({ length: 250 }, () => ({ ...thumbnail!, key: 'k'.repeat(1024) }));
  const { publisher, announced } = open(returning({ status: 'made', key: 'a.jpg', manifest: ready }), {
    ...ready,
    thumbnails,
  });
  await announced('a.jpg');
  expect(publisher.events[0]).not.toHaveProperty('thumbnails');
  expect(v.is(thumbnailEventSchema, publisher.events[0])).toBe(true);
});
