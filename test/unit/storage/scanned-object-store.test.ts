import { SCAN_TAG } from '../../../runtime/contract';
import { Pipeline } from '../../../runtime/pipeline';
import { workBatch } from '../../../runtime/program/queue/message-batch';
import { ObjectStoreError, scannedObjectStore, type TaggedObjectStore } from '../../../runtime/storage';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { fakeRender, settingsWith } from '../pipeline/fakes';

const KEY = 'a/cat.jpg';
const CLEAN = { [SCAN_TAG]: 'NO_THREATS_FOUND' };

/** Creates a bucket with object tags. The bucket policy allows only reads of clean objects. */
function setUp() {
  const memory = new MemoryObjectStore();
  const tags = new Map<string, Record<string, string>>();
  const reads: string[] = [];
  const guarded = (key: string): void => {
    reads.push(key);
    if (memory.objects.has(key) && tags.get(key)?.[SCAN_TAG] !== 'NO_THREATS_FOUND') {
      throw new ObjectStoreError('access-denied', `access to ${key} is denied`);
    }
  };
  const bucket: TaggedObjectStore = Object.assign(Object.create(memory) as MemoryObjectStore, {
    tags: (key: string) => Promise.resolve(memory.objects.has(key) ? (tags.get(key) ?? {}) : undefined),
    head: async (key: string) => (guarded(key), memory.head(key)),
    get: async (key: string, options: { readonly maxBytes: number }) => (guarded(key), memory.get(key, options)),
  });
  const source = scannedObjectStore(bucket);
  const thumbnails = new MemoryObjectStore();
  const pipeline = new Pipeline({ source, thumbnails, settings: settingsWith(), render: fakeRender });
  const upload = (status?: string, body = 'v1') => {
    tags.set(KEY, status === undefined ? {} : { [SCAN_TAG]: status });
    return memory.put(KEY, Buffer.from(body), { contentType: 'image/jpeg', metadata: { 'focal-point': '0.5,0.5' } });
  };
  return { memory, tags, reads, bucket, source, thumbnails, pipeline, upload };
}

test('a clean object is read with its metadata', async () => {
  const { source, upload } = setUp();
  const { etag } = await upload('NO_THREATS_FOUND');
  expect(await source.head(KEY)).toMatchObject({ etag, metadata: { 'focal-point': '0.5,0.5' } });
  expect((await source.get(KEY, { maxBytes: 9 }))?.body.toString()).toBe('v1');
  expect(await source.version(KEY)).toMatchObject({ version: etag });
  expect(await source.head('missing.jpg')).toBeUndefined();
  expect(await source.version('missing.jpg')).toBeUndefined();
  expect(await source.get('missing.jpg', { maxBytes: 9 })).toBeUndefined();
});

test.each([
  ['THREATS_FOUND', 'infected'],
  ['UNSUPPORTED', 'scan-unsupported'],
  ['ACCESS_DENIED', 'scan-denied'],
  ['FAILED', 'scan-failed'],
  ['SOMETHING_NEW', 'scan-failed'],
])('an object with the status %s is never read, and its manifest has the code %s', async (status, code) => {
  const { source, reads, thumbnails, pipeline, upload } = setUp();
  const { etag } = await upload(status);
  expect(await source.head(KEY)).toMatchObject({ key: KEY, etag, bytes: 2, metadata: {}, scan: code });
  expect(await source.version(KEY)).toMatchObject({ version: etag });
  expect(await source.get(KEY, { maxBytes: 9 })).toBeUndefined();
  const outcome = await pipeline.reconcile(KEY);
  expect(outcome).toMatchObject({ status: 'rejected', manifest: { source: { scan: code }, rejection: { code } } });
  expect(thumbnails.keys).toEqual([`${KEY}/manifest.json`]);
  expect(reads).toEqual([]);
});

test('a scan without findings replaces the rejection, and a scan with findings removes the thumbnails', async () => {
  const { tags, thumbnails, pipeline, upload } = setUp();
  await upload('FAILED');
  await pipeline.reconcile(KEY);
  expect(await pipeline.reconcile(KEY)).toMatchObject({ status: 'unchanged' });
  tags.set(KEY, CLEAN);
  expect(await pipeline.reconcile(KEY)).toMatchObject({ status: 'made' });
  tags.set(KEY, { [SCAN_TAG]: 'THREATS_FOUND' });
  expect(await pipeline.reconcile(KEY)).toMatchObject({ status: 'rejected' });
  expect(thumbnails.keys).toEqual([`${KEY}/manifest.json`]);
});

test('an object without a tag has the thumbnails of the previous object until the scan ends', async () => {
  const { thumbnails, pipeline, upload } = setUp();
  await upload('NO_THREATS_FOUND');
  await pipeline.reconcile(KEY);
  const before = thumbnails.keys;
  await upload(undefined, 'v2');
  await expect(pipeline.reconcile(KEY)).rejects.toMatchObject({ code: 'not-scanned', retryable: true });
  expect(thumbnails.keys).toEqual(before);
});

test('an object that is replaced between the requests for its tags and its bytes is not read', async () => {
  const { memory, tags, bucket, upload } = setUp();
  await upload('NO_THREATS_FOUND');
  const replaced: TaggedObjectStore = Object.assign(Object.create(bucket) as TaggedObjectStore, {
    get: (key: string, options: { readonly maxBytes: number }) => {
      tags.set(KEY, { [SCAN_TAG]: 'THREATS_FOUND' });
      return bucket.get(key, options);
    },
  });
  expect(await scannedObjectStore(replaced).get(KEY, { maxBytes: 9 })).toBeUndefined();
  tags.set(KEY, CLEAN);
  const denied: TaggedObjectStore = Object.assign(Object.create(bucket) as TaggedObjectStore, {
    get: () => Promise.reject(new ObjectStoreError('access-denied', 'denied')),
  });
  await expect(scannedObjectStore(denied).get(KEY, { maxBytes: 9 })).rejects.toMatchObject({ code: 'access-denied' });
  await memory.delete([KEY]);
});

const LOG = { malformed: () => undefined, foreign: () => undefined, deadlineExceeded: () => undefined };
const scanEvent = JSON.stringify({
  'detail-type': 'GuardDuty Malware Protection Object Scan Result',
  source: 'aws.guardduty',
  detail: {
    scanStatus: 'COMPLETED',
    s3ObjectDetails: { bucketName: 'sources', objectKey: KEY, eTag: 'e1' },
    scanResultDetails: { scanResultStatus: 'NO_THREATS_FOUND', threats: null },
  },
});
const uploadEvent = JSON.stringify({
  'detail-type': 'Object Created',
  detail: { bucket: { name: 'sources' }, object: { key: KEY } },
});

test.each([
  ['of a scan whose tag is late is retried', [scanEvent], ['0']],
  ['of an object that is not scanned is done, because an event follows the scan', [uploadEvent], []],
  ['of a scan beside another message is retried', [uploadEvent, scanEvent], ['0', '1']],
])('a message %s', async (_, bodies, retried) => {
  const { pipeline, upload } = setUp();
  await upload();
  const failed = await workBatch(
    bodies.map((body, index) => ({ messageId: String(index), body })),
    { reconcile: pipeline.reconcile, bucket: 'sources', millisecondsPerKey: 0, remaining: () => Infinity, log: LOG },
  );
  expect([...failed].sort()).toEqual(retried);
});
