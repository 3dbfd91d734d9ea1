import { readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DirectoryObjectStore } from '../../../../runtime/storage/directory/directory-object-store';
import { all } from '../contract/listing';
import { DirectoryFixture, digest, plain } from './directory-fixture';

let fixture: DirectoryFixture;
let root: string;
let store: DirectoryObjectStore;
beforeEach(async () => {
  fixture = await DirectoryFixture.create();
  ({ root, store } = fixture);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await fixture.remove();
});

describe('ETags', () => {
  const known = async (): Promise<string[]> => (await fixture.sidecars()).filter((path) => path.endsWith('.etag'));

  test('ETags are cached on disk if the timestamps are old enough', async () => {
    await store.create();
    const path = await fixture.drop('a.jpg', 'x');
    await store.head('a.jpg');
    expect(await known()).toEqual([]);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    await store.head('a.jpg');
    const [cached = '', ...others] = await known();
    expect(others).toEqual([]);
    // Replaces the cached ETag, so that the test can distinguish it from a new hash.
    await writeFile(cached, (await readFile(cached, 'utf8')).replace(digest('x'), 'cached'));
    const next = new DirectoryObjectStore({ directory: root });
    expect(await next.head('a.jpg')).toMatchObject({ etag: 'cached' });
    // `get` reads the bytes but does not hash them.
    expect(await next.get('a.jpg', { maxBytes: 1 })).toMatchObject({ etag: 'cached' });
    await writeFile(path, 'z');
    expect(await next.get('a.jpg', { maxBytes: 1 })).toMatchObject({ etag: digest('z') });
    await writeFile(path, 'x');
    await writeFile(cached, '{"identity":');
    expect((await store.head('a.jpg'))?.etag).toBe(digest('x'));
    expect((await new DirectoryObjectStore({ directory: root }).head('a.jpg'))?.etag).toBe(digest('x'));
    await writeFile(path, 'y');
    expect((await store.head('a.jpg'))?.etag).toBe(digest('y'));
  });

  test('reading a large file uses the ETag that another process has cached on disk', async () => {
    await store.create();
    const content = Buffer.alloc(256 * 1024, 'x');
    const path = await fixture.drop('a.jpg', content);
    const options = { maxBytes: content.length };
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    await store.head('a.jpg');
    const [cached = ''] = await known();
    // Replaces the cached ETag, so that the test can distinguish it from a new hash.
    await writeFile(cached, (await readFile(cached, 'utf8')).replace(digest(content), 'cached'));
    const next = new DirectoryObjectStore({ directory: root });
    expect(await next.get('a.jpg', options)).toMatchObject({ etag: 'cached', body: content });
    const changed = Buffer.alloc(content.length, 'y');
    await writeFile(path, changed);
    expect(await next.get('a.jpg', options)).toMatchObject({ etag: digest(changed) });
    const another = new DirectoryObjectStore({ directory: root });
    expect(await another.get('a.jpg', options)).toMatchObject({ etag: digest(changed) });
  });

  test('concurrent requests for attributes return the ETag of each file', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `${index}.jpg`);
    await Promise.all(names.map((name) => fixture.drop(name, name)));
    const heads = await Promise.all(names.map((name) => store.head(name)));
    expect(heads.map((head) => head?.etag)).toEqual(names.map((name) => digest(name)));
  });

  test('a failed read does not block the ETags of other files', async () => {
    await Promise.all(['a.jpg', 'b.jpg'].map((name) => fixture.drop(name, name)));
    const failure = jest.spyOn(store['etags'] as unknown as { hash: () => Promise<unknown> }, 'hash');
    failure.mockRejectedValueOnce(new Error('the disk failed'));
    await expect(store.head('a.jpg')).rejects.toThrow('the disk failed');
    const heads = await Promise.all(Array.from({ length: 8 }, () => store.head('b.jpg')));
    expect(new Set(heads.map((head) => head?.etag))).toEqual(new Set([digest('b.jpg')]));
  });

  test('the ETag of a huge file does not depend on its content', async () => {
    const path = await fixture.drop('film.mov', '');
    await truncate(path, 10_000_000_000);
    const first = await store.head('film.mov');
    expect(first).toMatchObject({
      bytes: 10_000_000_000,
      etag: expect.stringMatching(/^[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$/) as string,
    });
    expect(await all(store)).toMatchObject([{ etag: first?.etag }]);
    await expect(store.get('film.mov', { maxBytes: 1000 })).rejects.toMatchObject({ code: 'file-too-large' });
    await utimes(path, 1000, 1000);
    expect((await store.head('film.mov'))?.etag).not.toBe(first?.etag);
  });

  test('put and head return equal ETags for a huge object', async () => {
    const body = Buffer.alloc(128 * 1024 * 1024 + 1);
    const { etag } = await store.put('huge', body, { ...plain, metadata: { x: 'y' } });
    expect(await store.head('huge')).toMatchObject({ etag, metadata: { x: 'y' } });
  });
});

describe('cached sidecars', () => {
  const METADATA = { contentType: 'image/webp', metadata: { 'cdk-thumbnails': 'old' } };
  const later = (): unknown => jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  const metadata = async (): Promise<unknown> => (await store.get('a.webp', { maxBytes: 10 }))?.metadata;
  const deleteSidecars = async (): Promise<void> => {
    await Promise.all((await fixture.sidecars()).map((path) => rm(path)));
  };

  test('a sidecar is read once for each version of a file', async () => {
    await store.put('a.webp', Buffer.from('x'), METADATA);
    later();
    expect(await metadata()).toEqual({ 'cdk-thumbnails': 'old' });
    await deleteSidecars();
    expect(await metadata()).toEqual({ 'cdk-thumbnails': 'old' });
  });

  test('a sidecar is not cached while the timestamps are too new', async () => {
    await store.put('a.webp', Buffer.from('x'), METADATA);
    expect(await metadata()).toEqual({ 'cdk-thumbnails': 'old' });
    await deleteSidecars();
    expect(await metadata()).toEqual({});
  });

  test('the object store returns the new attributes after another process has written equal bytes', async () => {
    await store.put('a.webp', Buffer.from('x'), METADATA);
    later();
    expect(await metadata()).toEqual({ 'cdk-thumbnails': 'old' });
    const other = new DirectoryObjectStore({ directory: root });
    await other.put('a.webp', Buffer.from('x'), { ...METADATA, metadata: { 'cdk-thumbnails': 'new' } });
    expect(await metadata()).toEqual({ 'cdk-thumbnails': 'new' });
  });

  test('an object has no attributes after a user has replaced its file', async () => {
    await store.put('a.webp', Buffer.from('x'), METADATA);
    later();
    await metadata();
    await writeFile(join(root, 'a.webp'), 'another size');
    expect((await store.get('a.webp', { maxBytes: 100 }))?.metadata).toEqual({});
  });

  test('a deleted object has no attributes', async () => {
    await store.put('a.webp', Buffer.from('x'), METADATA);
    later();
    await metadata();
    await store.delete(['a.webp']);
    expect(await store.get('a.webp', { maxBytes: 10 })).toBeUndefined();
    // The new file can have the same inode. Its timestamps differ after one tick of the kernel, which takes at most 10 ms.
    await delay(20);
    await fixture.drop('a.webp', 'x');
    expect(await metadata()).toEqual({});
  });
});
