import { readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectoryObjectStore } from '../../../../runtime/storage';
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

describe('files that users add', () => {
  test.each([
    'cat.jpg',
    'a/b c/cat (1).jpg',
    '100%.jpg',
    '%41.jpg',
    'caf\u00e9+\u{1f4f7}.jpg',
    'no extension',
    'x~',
    'x.part',
  ])('user files are objects: %j', async (key) => {
    await fixture.drop(key, 'dropped');
    const head = {
      key,
      bytes: 7,
      etag: digest('dropped'),
      contentType: undefined,
      cacheControl: undefined,
      metadata: {},
    };
    expect(await store.head(key)).toEqual({
      ...head,
      version: expect.anything() as string,
      lastModified: expect.anything() as Date,
    });
    expect(await store.get(key, { maxBytes: 7 })).toMatchObject({ ...head, body: Buffer.from('dropped') });
    expect(await fixture.keys()).toEqual([key]);
    expect(await fixture.files()).toEqual([key]);
  });

  test('hidden user files are not objects and do not conflict with keys of equal names', async () => {
    const hidden = ['.DS_Store', '.a.jpg', 'a/.b.jpg.swp', '.git/config', 'a/.c/d.jpg', '.cdk-thumbnails/x', '.%f%zz'];
    for (const path of hidden) {
      await fixture.drop(path, 'hidden');
    }
    expect(await fixture.keys()).toEqual([]);
    for (const key of hidden) {
      expect(await store.head(key)).toBeUndefined();
      await store.put(key, Buffer.from(`object ${key}`), plain);
      expect(await fixture.text(key)).toBe(`object ${key}`);
      expect(await readFile(join(root, key), 'utf8')).toBe('hidden');
    }
    expect((await fixture.keys()).sort()).toEqual([...hidden].sort());
    await store.delete(hidden);
    expect(await fixture.keys()).toEqual([]);
    for (const path of hidden) {
      expect(await readFile(join(root, path), 'utf8')).toBe('hidden');
    }
  });

  test('user files can be deleted and moved', async () => {
    await store.put('a/b.jpg', Buffer.from('x'), { ...plain, metadata: { x: 'y' } });
    await rename(join(root, 'a/b.jpg'), join(root, 'c.jpg'));
    expect(await store.head('a/b.jpg')).toBeUndefined();
    expect(await store.head('c.jpg')).toMatchObject({ etag: digest('x'), contentType: undefined, metadata: {} });
    expect(await fixture.keys()).toEqual(['c.jpg']);
  });

  test('a read of a user file creates no other files', async () => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    await fixture.drop('a.jpg', 'x');
    await store.head('a.jpg');
    await store.get('a.jpg', { maxBytes: 1 });
    await fixture.keys();
    expect(await readdir(root)).toEqual(['a.jpg']);
  });

  test('user files are not objects if their path is not UTF-8 or is too long for a key', async () => {
    if (process.platform === 'linux') {
      await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x61, 0xff])]), 'x');
    }
    const long = Array.from({ length: 5 }, () => 'x'.repeat(210)).join('/');
    if (process.platform === 'linux') {
      await fixture.drop(long, 'x');
    }
    await fixture.drop('b', 'x');
    expect(await fixture.keys()).toEqual(['b']);
  });
});

describe('objects that users overwrite', () => {
  const written = { contentType: 'image/png', cacheControl: 'no-cache', metadata: { x: 'y' } };
  const bare = { contentType: undefined, cacheControl: undefined, metadata: {} };

  test('an object that a user overwrites has a new ETag and no attributes', async () => {
    await store.put('a.jpg', Buffer.from('old'), written);
    await fixture.drop('a.jpg', 'new');
    expect(await store.head('a.jpg')).toMatchObject({ etag: digest('new'), ...bare });
    expect(await store.get('a.jpg', { maxBytes: 3 })).toMatchObject({ etag: digest('new'), ...bare });
    expect(await all(store)).toMatchObject([{ etag: digest('new') }]);
    await store.put('a.jpg', Buffer.from('put'), written);
    expect(await store.head('a.jpg')).toMatchObject({ etag: digest('put'), ...written });
  });

  test('an object that a user overwrites with equal bytes has its previous ETag and attributes', async () => {
    await store.put('a.jpg', Buffer.from('same'), written);
    await fixture.drop('a.jpg', 'same');
    expect(await store.head('a.jpg')).toMatchObject({ etag: digest('same'), ...written });
  });

  test('an overwritten object has a new ETag even if size and modification time are equal', async () => {
    const path = await fixture.drop('a.jpg', 'aaaa');
    await utimes(path, 1000, 1000);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    await store.create();
    expect(await store.head('a.jpg')).toMatchObject({ etag: digest('aaaa'), lastModified: new Date(1_000_000) });
    for (const next of ['bbbb', 'cccc']) {
      await writeFile(path, next);
      await utimes(path, 1000, 1000);
      expect(await store.head('a.jpg')).toMatchObject({ etag: digest(next), lastModified: new Date(1_000_000) });
    }
    const other = await fixture.drop('other', 'dddd');
    await utimes(other, 1000, 1000);
    await rename(other, path);
    expect(await store.head('a.jpg')).toMatchObject({ etag: digest('dddd') });
  });

  test('an overwritten object has a new ETag even within one tick of the clock', async () => {
    const path = await fixture.drop('a.jpg', '0000');
    for (let version = 1; version < 50; version++) {
      const content = String(version).padStart(4, '0');
      await writeFile(path, content);
      expect((await store.head('a.jpg'))?.etag).toBe(digest(content));
      expect((await all(store))[0]?.etag).toBe(digest(content));
    }
  });
});
