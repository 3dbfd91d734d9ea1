import { lstat, mkdir, open, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectStoreError } from '../../../../runtime/storage';
import { DirectoryObjectStore } from '../../../../runtime/storage/directory/directory-object-store';
import { FileEtags } from '../../../../runtime/storage/directory/file-etags';
import { withFile } from '../../../../runtime/storage/directory/safe-open';
import { Sidecars } from '../../../../runtime/storage/directory/sidecars';
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

describe('writes', () => {
  test('a failed write does not change the previous object', async () => {
    await store.put('a/b', Buffer.from('old'), { ...plain, metadata: { x: 'y' } });
    await rm(join(root, '.cdk-thumbnails'), { recursive: true });
    await writeFile(join(root, '.cdk-thumbnails'), 'not a directory');
    await expect(store.put('a/b', Buffer.from('new'), plain)).rejects.toBeInstanceOf(ObjectStoreError);
    await expect(store.put('a/c', Buffer.from('new'), plain)).rejects.toBeInstanceOf(ObjectStoreError);
    expect(await fixture.text('a/b')).toBe('old');
    expect(await readdir(join(root, 'a'))).toEqual(['b']);
  });

  test.each([0, 1, 256 * 1024, 1_000_003])('a write copies an open file of %i bytes', async (bytes) => {
    const body = Buffer.alloc(bytes, 'abc');
    const file = await open(await fixture.drop('source', body), 'r');
    // A write copies the whole file, regardless of the position of the file handle.
    await file.read(Buffer.alloc(1), 0, 1);
    const { etag } = await store.putFile('copies/a', file, { ...plain, metadata: { x: 'y' } });
    await file.close();
    expect(etag).toBe(digest(body));
    expect(await store.get('copies/a', { maxBytes: bytes })).toMatchObject({ body, etag, metadata: { x: 'y' } });
    expect(await readdir(join(root, 'copies'))).toEqual(['a']);
  });

  test('temporary files of a crashed process are hidden and deleted after an hour', async () => {
    const old = await fixture.drop('a/.cdk-thumbnails-old', 'half');
    await utimes(old, 1000, 1000);
    await fixture.drop('a/.cdk-thumbnails-young', 'half');
    await fixture.drop('a/b', 'x');
    expect(await fixture.keys()).toEqual(['a/b']);
    expect(await readdir(join(root, 'a'))).toEqual(['.cdk-thumbnails-young', 'b']);
  });

  test('a write deletes the stored attributes of earlier versions', async () => {
    for (const version of ['1', '2', '3']) {
      await store.put('a', Buffer.from(version), plain);
    }
    for (const path of await fixture.sidecars()) {
      await utimes(path, 1000, 1000);
    }
    await store.put('a', Buffer.from('4'), { ...plain, metadata: { x: 'y' } });
    expect(await fixture.sidecars()).toHaveLength(1);
    expect(await store.head('a')).toMatchObject({ metadata: { x: 'y' } });
    await store.delete(['a']);
    expect(await fixture.sidecars()).toEqual([]);
  });

  test('writes of several processes never combine the bytes of one write with the metadata of another write', async () => {
    const others = [
      store,
      new DirectoryObjectStore({ directory: root }),
      new DirectoryObjectStore({ directory: root }),
    ];
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        others.map((each, writer) =>
          each.put('a', Buffer.from(`${round}-${writer}`), { ...plain, metadata: { text: `${round}-${writer}` } }),
        ),
      );
      const object = await store.get('a', { maxBytes: 100 });
      expect(object?.metadata['text']).toBe(object?.body.toString());
    }
  });

  test('writes succeed while other operations create and delete their directories', async () => {
    for (let round = 0; round < 30; round++) {
      await store.put('a/b/old', Buffer.from('x'), plain);
      await Promise.all([
        store.delete(['a/b/old']),
        store.put('a/b/new', Buffer.from('b'), plain),
        store.put('a/new', Buffer.from('a'), plain),
        store.put('a', Buffer.from('file'), plain),
      ]);
      expect(await fixture.keys()).toEqual(['a', 'a/b/new', 'a/new']);
      await Promise.all([store.delete(['a/b/new', 'a/new']), store.delete(['a'])]);
      expect(await fixture.files()).toEqual([]);
    }
  });
});

describe('reads', () => {
  const version = (name: string): { contentType: string; metadata: Record<string, string> } => ({
    ...plain,
    metadata: { name },
  });

  test.each(['get', 'head'] as const)(
    'a read starts again if the object is replaced during the read: %s',
    async (operation) => {
      await store.put('a', Buffer.from('one'), version('one'));
      const read = jest.spyOn(Sidecars.prototype, 'read').mockImplementationOnce(async () => {
        // Another process replaces the object after the bytes were read.
        const other = new DirectoryObjectStore({ directory: root });
        await other.delete(['a']);
        await other.put('a', Buffer.from('two'), version('two'));
        return undefined;
      });
      const object = operation === 'get' ? await store.get('a', { maxBytes: 9 }) : await store.head('a');
      expect(object).toMatchObject({ etag: digest('two'), metadata: { name: 'two' } });
      expect(read).toHaveBeenCalledTimes(2);
    },
  );

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('reads up to maxBytes regardless of the reported file size', async () => {
    // Files of /proc report a size of 0.
    const content = await readFile('/proc/version');
    const etags = new FileEtags(new Sidecars(() => Promise.resolve(root)));
    const read = (maxBytes: number): Promise<Buffer | undefined> =>
      withFile('/proc/version', async (file) => (await etags.readContent('a', file, maxBytes, 'read it')).body);
    expect(await read(content.length)).toEqual(content);
    await expect(read(content.length - 1)).rejects.toMatchObject({ code: 'file-too-large' });
  });
});

test('a deletion removes only parent directories that become empty', async () => {
  await mkdir(join(root, 'empty'));
  await fixture.drop('a/b/c/d.jpg', 'x');
  await fixture.drop('a/.DS_Store', 'x');
  await fixture.drop('e/f.jpg', 'x');
  await fixture.drop('e/g.jpg', 'x');
  await store.delete(['a/b/c/d.jpg', 'e/f.jpg']);
  expect((await readdir(root, { recursive: true })).sort()).toEqual(
    ['a', join('a', '.DS_Store'), 'e', join('e', 'g.jpg'), 'empty'].sort(),
  );
  await store.delete(['e/g.jpg']);
  expect((await readdir(root)).sort()).toEqual(['a', 'empty']);
});

test('the object store writes files with the permissions of the umask', async () => {
  await store.put('a/b', Buffer.from('x'), plain);
  const { mode } = await lstat(join(root, 'a/b'));
  expect(mode & 0o777).toBe(0o666 & ~process.umask());
});
