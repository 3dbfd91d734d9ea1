import { CopyObjectCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { S3Mover } from '../../../../runtime/storage/s3/s3-move';
import { failure, FakeVersionedBuckets, type Versioning } from './versioned-bucket';

const TAGS = { GuardDutyMalwareScanStatus: 'THREATS_FOUND', owner: 'ann' };
const SOURCE = 'sources/in/ä b.jpg';
const TARGET = 'infected/q/ä b.jpg/e1';
const OBJECT = { bucket: 'sources', key: 'in/ä b.jpg', etag: 'e1', bytes: 7 };
const DESTINATION = { bucket: 'infected', key: 'q/ä b.jpg/e1' };

function setUp(versioning: Versioning) {
  const buckets = new FakeVersionedBuckets(versioning);
  buckets.put(SOURCE, 'e1', TAGS);
  return { buckets, move: () => new S3Mover(buckets.client).move(OBJECT, DESTINATION) };
}

test.each<Versioning>(['none', 'enabled', 'null'])(
  'with versioning %s, a move copies the object with its tags, and removes the source',
  async (versioning) => {
    const { buckets, move } = setUp(versioning);
    expect(await move()).toBe('moved');
    expect(buckets.current(SOURCE)).toBeUndefined();
    expect(buckets.current(TARGET)).toMatchObject({ etag: 'e1', tags: TAGS });
  },
);

test('in a versioned bucket, only the copied version is deleted', async () => {
  const { buckets, move } = setUp('enabled');
  buckets.put(SOURCE, 'e0');
  buckets.put(SOURCE, 'e1', TAGS);
  expect(await move()).toBe('moved');
  expect(buckets.objects.get(SOURCE)?.map((version) => version?.etag)).toEqual(['e1', 'e0']);
});

describe.each<Versioning>(['none', 'enabled', 'null'])('with versioning %s', (versioning) => {
  test('a new upload before the copy remains and is not copied', async () => {
    const { buckets, move } = setUp(versioning);
    buckets.before = (command) => command === 'copy' && buckets.put(SOURCE, 'e2');
    expect(await move()).toBe('replaced');
    expect(buckets.current(SOURCE)).toMatchObject({ etag: 'e2' });
    expect(buckets.current(TARGET)).toBeUndefined();
  });

  test('a new upload between the copy and the deletion remains', async () => {
    const { buckets, move } = setUp(versioning);
    buckets.before = (command) => command === 'delete' && buckets.put(SOURCE, 'e2');
    expect(await move()).toBe(versioning === 'enabled' ? 'moved' : 'replaced');
    expect(buckets.current(SOURCE)).toMatchObject({ etag: 'e2' });
    expect(buckets.current(TARGET)).toMatchObject({ etag: 'e1' });
  });
});

test('a move of a source that another worker moves first returns `replaced`', async () => {
  const { buckets, move } = setUp('none');
  buckets.before = (command) => command === 'delete' && buckets.objects.delete(SOURCE);
  expect(await move()).toBe('replaced');
  expect(await move()).toBe('replaced');
  expect(buckets.current(TARGET)).toMatchObject({ etag: 'e1' });
});

test('a repeated move succeeds after an attempt that ended between copy and deletion', async () => {
  const { buckets, move } = setUp('none');
  buckets.stub.on(DeleteObjectCommand).rejectsOnce(failure('ServiceUnavailable', 503));
  await expect(move()).rejects.toMatchObject({ code: 'storage-throttled', retryable: true });
  expect(buckets.current(SOURCE)).toMatchObject({ etag: 'e1' });
  buckets.stub.on(DeleteObjectCommand).callsFake(() => (buckets.objects.delete(SOURCE), {}));
  expect(await move()).toBe('moved');
});

test.each([
  ['AccessDenied', 403, 'access-denied'],
  ['NoSuchBucket', 404, 'storage-not-found'],
])('the error %s of S3 is not a replaced object', async (name, status, code) => {
  const { buckets, move } = setUp('none');
  buckets.stub.on(CopyObjectCommand).rejects(failure(name, status));
  await expect(move()).rejects.toMatchObject({ code });
  expect(buckets.current(SOURCE)).toMatchObject({ etag: 'e1' });
});
