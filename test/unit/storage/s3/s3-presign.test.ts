import { canPresign, openObjectStore } from '../../../../runtime/storage';
import { DirectoryObjectStore } from '../../../../runtime/storage/directory/directory-object-store';
import { S3ObjectStore } from '../../../../runtime/storage/s3/s3-object-store';
import { startS3, type S3Server } from '../../../support/aws/s3';

let s3: S3Server;
let bucket: string;
let store: S3ObjectStore;
beforeAll(async () => {
  s3 = await startS3();
  bucket = await s3.createBucket();
  const { endpoint, region, credentials } = s3;
  store = new S3ObjectStore({ bucket, endpoint, region, credentials });
});
afterAll(() => s3.stop());

const TERMS = { key: 'in/cat.jpg', contentType: 'image/jpeg', bytes: 1234, seconds: 900 };

interface Policy {
  readonly expiration: string;
  readonly conditions: readonly unknown[];
}

const policyOf = (fields: Readonly<Record<string, string>>): Policy =>
  JSON.parse(Buffer.from(fields['Policy']!, 'base64').toString()) as Policy;

describe('a presigned URL', () => {
  test.each(['a/b c+é%.jpg', 'cat.jpg'])('a request to the URL downloads %s without credentials', async (key) => {
    await store.put(key, Buffer.from('bytes'), { contentType: 'image/png', cacheControl: 'max-age=9' });
    const url = await store.presignGet(key, { seconds: 300 });
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('300');
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([200, 'bytes']);
    expect(response.headers.get('Content-Type')).toBe('image/png');
    expect(new URL(url).searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  });

  test('the object store rejects an invalid key for a presigned URL', async () => {
    await expect(store.presignGet('', { seconds: 300 })).rejects.toMatchObject({ code: 'invalid-key' });
  });
});

describe('a presigned form', () => {
  test('the form restricts bucket, key, content type, size and lifetime', async () => {
    const { url, fields } = await store.presignPost(TERMS);
    expect(url).toBe(`${s3.endpoint}/${bucket}`);
    expect(fields).toMatchObject({ key: 'in/cat.jpg', bucket, 'Content-Type': 'image/jpeg' });
    const { conditions, expiration } = policyOf(fields);
    expect(conditions).toEqual(
      expect.arrayContaining([
        ['content-length-range', 1234, 1234],
        { 'Content-Type': 'image/jpeg' },
        { bucket },
        { key: 'in/cat.jpg' },
      ]),
    );
    // The policy has a condition for every field except the policy and its signature.
    const fixed = conditions.flatMap((condition) => (Array.isArray(condition) ? [] : Object.keys(condition as object)));
    const free = Object.keys(fields).filter((field) => !fixed.includes(field));
    expect(free).toEqual(['Policy', 'X-Amz-Signature']);
    expect(conditions.filter(Array.isArray)).toHaveLength(1);
    const seconds = (Date.parse(expiration) - Date.now()) / 1000;
    expect(Math.abs(seconds - 900)).toBeLessThan(30);
  });

  test('the form restricts the metadata in its encoded form', async () => {
    const { fields } = await store.presignPost({ ...TERMS, metadata: { 'focal-point': '0.5,0.25', title: 'é' } });
    expect(fields['x-amz-meta-focal-point']).toBe('0.5,0.25');
    expect(fields['x-amz-meta-title']).toMatch(/^=\?UTF-8\?B\?/);
    expect(policyOf(fields).conditions).toContainEqual({ 'x-amz-meta-focal-point': '0.5,0.25' });
  });

  test.each(['', 'a/${filename}', '${filename}/b'])('the object store rejects the key %j for a form', async (key) => {
    await expect(store.presignPost({ ...TERMS, key })).rejects.toMatchObject({ code: 'invalid-key' });
  });
});

test('canPresign() returns true for buckets and false for directories', async () => {
  expect(canPresign(store)).toBe(true);
  expect(canPresign(await openObjectStore('s3', 'any'))).toBe(true);
  expect(canPresign(new DirectoryObjectStore({ directory: '.' }))).toBe(false);
});
