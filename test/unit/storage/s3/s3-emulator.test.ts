import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Event } from 'aws-lambda';
import { type S3Server, startS3 } from '../../../support/aws/s3';

// Other test files rely on this emulator. Therefore, these tests check the corrections of the deviations of s3rver from S3.
describe('the S3 emulator of the tests', () => {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await startS3();
  });
  afterAll(() => s3.stop());

  const put = (Bucket: string, Key: string): Promise<unknown> =>
    s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'bytes' }));

  test('the emulator sends a notification with a form-encoded key for each write and deletion', async () => {
    const bucket = await s3.createBucket();
    const events: S3Event[] = [];
    const end = s3.onEvent((event) => events.push(event));
    await put(bucket, 'a/ü b+c(1).jpg');
    await put(bucket, 'x//100%.jpg');
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a/ü b+c(1).jpg' }));
    await s3.client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key: 'x//100%.jpg' }] } }));
    end();
    await put(bucket, 'after-the-end');

    const seen = events
      .flatMap(({ Records }) => Records)
      .map(({ eventName, s3: { object } }) => [eventName, object.key]);
    expect(seen).toEqual([
      ['ObjectCreated:Put', 'a/%C3%BC+b%2Bc%281%29.jpg'],
      ['ObjectCreated:Put', 'x//100%25.jpg'],
      ['ObjectRemoved:Delete', 'a/%C3%BC+b%2Bc%281%29.jpg'],
      ['ObjectRemoved:Delete', 'x//100%25.jpg'],
    ]);
    expect(events[0]?.Records[0]?.s3).toMatchObject({
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: { size: 5, eTag: '4b3a6218bb3e3a7303e8a171a60fcf92' },
    });
  });

  test('the emulator lists keys in the order of their bytes, in pages, with optional URL encoding', async () => {
    const bucket = await s3.createBucket();
    for (const key of ['a/b', 'a', 'a-b', '\u{1f600}', '\uffee', 'ü +']) {
      await put(bucket, key);
    }
    const keys: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.client.send(
        new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 2, ContinuationToken, EncodingType: 'url' }),
      );
      expect(page).toMatchObject({ EncodingType: 'url', KeyCount: 2 });
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(keys).toEqual(['a', 'a-b', 'a/b', '%C3%BC+%2B', '%EF%BF%AE', '%F0%9F%98%80']);
  });

  test('the emulator supports unusual keys', async () => {
    const bucket = await s3.createBucket();
    for (const Key of ['x'.repeat(1024), '/', '//', '/a', 'a//', '007', ' a ', '..']) {
      await put(bucket, Key);
      expect(await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key }))).toMatchObject({ ContentLength: 5 });
    }
  });

  test('the emulator supports ranges and empty objects', async () => {
    const Bucket = await s3.createBucket();
    await put(Bucket, 'a');
    const part = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=1-3' }));
    expect(await part.Body?.transformToString()).toBe('yte');
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: Buffer.alloc(0) }));
    const empty = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'empty' }));
    expect(await empty.Body?.transformToString()).toBe('');
  });
});
