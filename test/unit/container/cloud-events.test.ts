import fc from 'fast-check';
import { readHttpEvent } from '../../../container/cloud-events';
import { EventError } from '../../../runtime/pipeline';

const KEY = 'a/my cat+é.jpg';

interface Fixture {
  readonly type: string;
  readonly source: string;
  readonly subject?: string;
  readonly data: unknown;
}

/** Example events from the documentation of each cloud provider. */
const EVENTS: Readonly<Record<string, (key: string) => Fixture>> = {
  // Source of the example: https://cloud.google.com/eventarc/docs/cloudevents-json
  'Google Cloud Storage, finalized': (key) => ({
    type: 'google.cloud.storage.object.v1.finalized',
    source: '//storage.googleapis.com/projects/_/buckets/photos',
    subject: `objects/${key}`,
    data: { bucket: 'photos', name: key, contentType: 'image/jpeg', size: '137611', generation: '1' },
  }),
  'Google Cloud Storage, deleted': (key) => ({
    type: 'google.cloud.storage.object.v1.deleted',
    source: '//storage.googleapis.com/projects/_/buckets/photos',
    subject: `objects/${key}`,
    data: { bucket: 'photos', name: key },
  }),
  // Source of the example: https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage
  'Azure Blob Storage, created': (key) => ({
    type: 'Microsoft.Storage.BlobCreated',
    source: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/account',
    subject: `/blobServices/default/containers/photos/blobs/${key}`,
    data: { api: 'PutBlob', contentType: 'image/jpeg', url: 'https://account.blob.core.windows.net/photos/x' },
  }),
  'Azure Blob Storage, deleted': (key) => ({
    type: 'Microsoft.Storage.BlobDeleted',
    source: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/account',
    subject: `/blobServices/default/containers/photos/blobs/${key}`,
    data: { api: 'DeleteBlob' },
  }),
  // Source of the example: https://github.com/cloudevents/spec/blob/main/cloudevents/adapters/aws-s3.md
  'Amazon S3, a record': (key) => ({
    type: 'com.amazonaws.s3.ObjectCreated:Put',
    source: 'aws:s3.eu-central-1.photos',
    subject: encodeURIComponent(key),
    data: {
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'photos' }, object: { key: encodeURIComponent(key).replaceAll('%20', '+') } },
    },
  }),
  'Amazon S3, an event of EventBridge': (key) => ({
    type: 'aws.s3.object.created',
    source: 'aws.s3',
    data: { 'detail-type': 'Object Created', detail: { bucket: { name: 'photos' }, object: { key } } },
  }),
};

const attributes = ({ type, source, subject }: Fixture) => ({
  specversion: '1.0',
  id: '1',
  type,
  source,
  ...(subject !== undefined && { subject }),
});

function binary(event: Fixture): ReturnType<typeof readHttpEvent> {
  const entries = Object.entries(attributes(event)).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)]);
  const headers = { ...(Object.fromEntries(entries) as Record<string, string>), 'content-type': 'application/json' };
  return readHttpEvent(headers, JSON.stringify(event.data));
}

function structured(...events: readonly Fixture[]): ReturnType<typeof readHttpEvent> {
  const bodies = events.map((event) => ({
    ...attributes(event),
    datacontenttype: 'application/json',
    data: event.data,
  }));
  const isBatch = bodies.length !== 1;
  const type = `application/cloudevents${isBatch ? '-batch' : ''}+json; charset=utf-8`;
  return readHttpEvent({ 'content-type': type }, JSON.stringify(isBatch ? bodies : bodies[0]));
}

describe.each(Object.entries(EVENTS))('%s', (_, event) => {
  test('the reader supports an event in structured mode', () => {
    expect(structured(event(KEY))).toEqual([{ bucket: 'photos', key: KEY }]);
  });

  test('the reader returns every key unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (key) => {
        fc.pre(!/\p{Surrogate}/u.test(key));
        expect(structured(event(key))).toEqual([{ bucket: 'photos', key }]);
      }),
      { seed: 7, numRuns: 50 },
    );
  });
});

// Azure is excluded: its events contain the key only in the subject, and HTTP headers support only ASCII.
test.each(Object.entries(EVENTS).filter(([name]) => !name.startsWith('Azure')))(
  'the reader supports %s in binary mode',
  (_, event) => {
    expect(binary(event(KEY))).toEqual([{ bucket: 'photos', key: KEY }]);
  },
);

test('the reader returns the objects of a batch in order', () => {
  const [google, azure] = [EVENTS['Google Cloud Storage, finalized']!, EVENTS['Azure Blob Storage, created']!];
  expect(structured(google('a'), azure('b')).map(({ key }) => key)).toEqual(['a', 'b']);
});

test('the event of a renamed blob contains both keys', () => {
  const event = {
    ...EVENTS['Azure Blob Storage, created']!('new name.jpg'),
    type: 'Microsoft.Storage.BlobRenamed',
    data: { sourceUrl: 'https://account.dfs.core.windows.net/photos/old%20name.jpg' },
  };
  expect(structured(event).map(({ key }) => key)).toEqual(['new name.jpg', 'old name.jpg']);
});

test.each(['google.cloud.storage.bucket.v1.created', 'Microsoft.Storage.DirectoryCreated'])(
  'the reader returns no objects for an event of type %s',
  (type) => {
    expect(structured({ ...EVENTS['Google Cloud Storage, finalized']!('a'), type })).toEqual([]);
  },
);

test('the reader supports S3 events', () => {
  const body = JSON.stringify({
    'detail-type': 'Object Created',
    detail: { bucket: { name: 'photos' }, object: { key: KEY } },
  });
  expect(readHttpEvent({ 'content-type': 'application/json' }, body)).toEqual([{ bucket: 'photos', key: KEY }]);
});

describe('rejected events', () => {
  const google = EVENTS['Google Cloud Storage, finalized']!('a');
  test.each<[string, () => unknown]>([
    ['an unknown type', () => structured({ ...google, type: 'com.example.order' })],
    ['a Google event without a name', () => structured({ ...google, data: { bucket: 'photos' } })],
    ['an Azure event without a subject', () => structured({ ...google, type: 'Microsoft.Storage.BlobCreated' })],
    ['a body that is not JSON', () => readHttpEvent({ 'content-type': 'application/cloudevents+json' }, 'hello')],
    ['missing attributes', () => readHttpEvent({ 'ce-type': 'x', 'content-type': 'application/json' }, '{}')],
  ])('%s', (_, read) => {
    expect(read).toThrow(EventError);
  });
});
