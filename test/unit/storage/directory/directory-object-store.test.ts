import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { DirectoryObjectStore, ObjectStoreError } from '../../../../runtime/storage';
import { readUpTo } from '../../../../runtime/storage/directory/directory-files';
import { Sidecars } from '../../../../runtime/storage/directory/sidecars';
import { asNobody } from '../../../support/unprivileged-user';
import { all } from '../object-store-contract';

const onPosix = process.platform === 'win32' ? test.skip : test;
const plain = { contentType: 'text/plain' };
const digest = (text: string): string => createHash('md5').update(text).digest('hex');

describe('DirectoryStore', () => {
  let base: string;
  let root: string;
  let store: DirectoryObjectStore;
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'cdk-thumbnails-directory-')));
    root = join(base, 'images');
    await mkdir(root);
    store = new DirectoryObjectStore({ directory: root });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await rm(base, { recursive: true, force: true });
  });

  /** Puts a file there as a person does. */
  const drop = async (path: string, text: string): Promise<string> => {
    const whole = join(root, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, text);
    return whole;
  };
  const keys = async (): Promise<string[]> => (await all(store)).map(({ key }) => key);
  /** All files below the root but the store's own. */
  const files = async (): Promise<string[]> =>
    (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((path) => !path.startsWith('.cdk-thumbnails'))
      .sort();
  const sidecars = async (): Promise<string[]> =>
    (await readdir(join(root, '.cdk-thumbnails', 'objects'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const text = async (key: string): Promise<string | undefined> =>
    (await store.get(key, { maxBytes: 1000 }))?.body.toString();

  describe('a dropped file', () => {
    test.each([
      'cat.jpg',
      'a/b c/cat (1).jpg',
      '100%.jpg',
      '%41.jpg',
      'caf\u00e9+\u{1f4f7}.jpg',
      'no extension',
      'x~',
      'x.part',
    ])('is the object %j', async (key) => {
      await drop(key, 'dropped');
      const head = {
        key,
        bytes: 7,
        etag: digest('dropped'),
        contentType: undefined,
        cacheControl: undefined,
        metadata: {},
      };
      expect(await store.head(key)).toEqual({ ...head, lastModified: expect.anything() as Date });
      expect(await store.get(key, { maxBytes: 7 })).toMatchObject({ ...head, body: Buffer.from('dropped') });
      expect(await keys()).toEqual([key]);
      expect(await files()).toEqual([key]);
    });

    test('is none when it is hidden, and does not get in the way of the key of that name', async () => {
      const hidden = [
        '.DS_Store',
        '.a.jpg',
        'a/.b.jpg.swp',
        '.git/config',
        'a/.c/d.jpg',
        '.cdk-thumbnails/x',
        '.%f%zz',
      ];
      for (const path of hidden) {
        await drop(path, 'hidden');
      }
      expect(await keys()).toEqual([]);
      for (const key of hidden) {
        expect(await store.head(key)).toBeUndefined();
        await store.put(key, Buffer.from(`object ${key}`), plain);
        expect(await text(key)).toBe(`object ${key}`);
        expect(await readFile(join(root, key), 'utf8')).toBe('hidden');
      }
      expect((await keys()).sort()).toEqual([...hidden].sort());
      await store.delete(hidden);
      expect(await keys()).toEqual([]);
      for (const path of hidden) {
        expect(await readFile(join(root, path), 'utf8')).toBe('hidden');
      }
    });

    test('can be removed and moved by hand', async () => {
      await store.put('a/b.jpg', Buffer.from('x'), { ...plain, metadata: { x: 'y' } });
      await rename(join(root, 'a/b.jpg'), join(root, 'c.jpg'));
      expect(await store.head('a/b.jpg')).toBeUndefined();
      expect(await store.head('c.jpg')).toMatchObject({ etag: digest('x'), contentType: undefined, metadata: {} });
      expect(await keys()).toEqual(['c.jpg']);
    });

    test('leaves nothing else in its directory when it is read', async () => {
      jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
      await drop('a.jpg', 'x');
      await store.head('a.jpg');
      await store.get('a.jpg', { maxBytes: 1 });
      await keys();
      expect(await readdir(root)).toEqual(['a.jpg']);
    });

    test('whose name is no UTF-8, or whose path is too long for a key, is none', async () => {
      if (process.platform === 'linux') {
        await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x61, 0xff])]), 'x');
      }
      const long = Array.from({ length: 5 }, () => 'x'.repeat(210)).join('/');
      if (process.platform === 'linux') {
        await drop(long, 'x');
      }
      await drop('b', 'x');
      expect(await keys()).toEqual(['b']);
    });
  });

  describe('an object replaced by hand', () => {
    const written = { contentType: 'image/png', cacheControl: 'no-cache', metadata: { x: 'y' } };
    const bare = { contentType: undefined, cacheControl: undefined, metadata: {} };

    test('has another ETag, and nothing of what went with the old bytes', async () => {
      await store.put('a.jpg', Buffer.from('old'), written);
      await drop('a.jpg', 'new');
      expect(await store.head('a.jpg')).toMatchObject({ etag: digest('new'), ...bare });
      expect(await store.get('a.jpg', { maxBytes: 3 })).toMatchObject({ etag: digest('new'), ...bare });
      expect(await all(store)).toMatchObject([{ etag: digest('new') }]);
      await store.put('a.jpg', Buffer.from('put'), written);
      expect(await store.head('a.jpg')).toMatchObject({ etag: digest('put'), ...written });
    });

    test('keeps it when the bytes are the same', async () => {
      await store.put('a.jpg', Buffer.from('same'), written);
      await drop('a.jpg', 'same');
      expect(await store.head('a.jpg')).toMatchObject({ etag: digest('same'), ...written });
    });

    test('is noticed although size and time are those of the old file', async () => {
      const path = await drop('a.jpg', 'aaaa');
      await utimes(path, 1000, 1000);
      jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
      await store.create();
      expect(await store.head('a.jpg')).toMatchObject({ etag: digest('aaaa'), lastModified: new Date(1_000_000) });
      for (const next of ['bbbb', 'cccc']) {
        await writeFile(path, next);
        await utimes(path, 1000, 1000);
        expect(await store.head('a.jpg')).toMatchObject({ etag: digest(next), lastModified: new Date(1_000_000) });
      }
      const other = await drop('other', 'dddd');
      await utimes(other, 1000, 1000);
      await rename(other, path);
      expect(await store.head('a.jpg')).toMatchObject({ etag: digest('dddd') });
    });

    test('is noticed at once, within the same tick of the clock', async () => {
      const path = await drop('a.jpg', '0000');
      for (let version = 1; version < 50; version++) {
        const content = String(version).padStart(4, '0');
        await writeFile(path, content);
        expect((await store.head('a.jpg'))?.etag).toBe(digest(content));
        expect((await all(store))[0]?.etag).toBe(digest(content));
      }
    });
  });

  describe('ETags', () => {
    const known = async (): Promise<string[]> => (await sidecars()).filter((path) => path.endsWith('.etag'));

    test('are remembered once the file has settled, also by the next process', async () => {
      await store.create();
      const path = await drop('a.jpg', 'x');
      await store.head('a.jpg');
      expect(await known()).toEqual([]);
      jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
      await store.head('a.jpg');
      const [remembered = '', ...others] = await known();
      expect(others).toEqual([]);
      // What cannot be read off the bytes shows that they were not read.
      await writeFile(remembered, (await readFile(remembered, 'utf8')).replace(digest('x'), 'remembered'));
      const next = new DirectoryObjectStore({ directory: root });
      expect(await next.head('a.jpg')).toMatchObject({ etag: 'remembered' });
      // Nor are bytes that were read hashed again.
      expect(await next.get('a.jpg', { maxBytes: 1 })).toMatchObject({ etag: 'remembered' });
      await writeFile(path, 'z');
      expect(await next.get('a.jpg', { maxBytes: 1 })).toMatchObject({ etag: digest('z') });
      await writeFile(path, 'x');
      await writeFile(remembered, '{"identity":');
      expect((await store.head('a.jpg'))?.etag).toBe(digest('x'));
      expect((await new DirectoryObjectStore({ directory: root }).head('a.jpg'))?.etag).toBe(digest('x'));
      await writeFile(path, 'y');
      expect((await store.head('a.jpg'))?.etag).toBe(digest('y'));
    });

    test('of huge files are told without reading them', async () => {
      const path = await drop('film.mov', '');
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

    test('of huge objects are those that put told, and find what went with them', async () => {
      const body = Buffer.alloc(128 * 1024 * 1024 + 1);
      const { etag } = await store.put('huge', body, { ...plain, metadata: { x: 'y' } });
      expect(await store.head('huge')).toMatchObject({ etag, metadata: { x: 'y' } });
    });
  });

  describe('a file and a directory of one name', () => {
    test('hold both: the file makes way', async () => {
      await drop('a', 'dropped');
      await store.put('a/b', Buffer.from('below'), plain);
      expect(await keys()).toEqual(['a', 'a/b']);
      expect([await text('a'), await text('a/b')]).toEqual(['dropped', 'below']);
      await store.put('a', Buffer.from('put'), { ...plain, metadata: { x: 'y' } });
      expect(await store.get('a', { maxBytes: 9 })).toMatchObject({ body: Buffer.from('put'), metadata: { x: 'y' } });
      expect(await files()).toEqual(['.%fa', join('a', 'b')].sort());
    });

    test('keep what went with the file', async () => {
      await store.put('a', Buffer.from('x'), { contentType: 'image/png', metadata: { x: 'y' } });
      await store.put('a/b/c', Buffer.from('below'), plain);
      expect(await store.head('a')).toMatchObject({ contentType: 'image/png', metadata: { x: 'y' } });
    });

    test('go back to plain names when the directory is gone', async () => {
      await store.put('a/b', Buffer.from('below'), plain);
      await store.put('a', Buffer.from('1'), plain);
      await store.delete(['a/b']);
      expect(await text('a')).toBe('1');
      await store.put('a', Buffer.from('2'), plain);
      expect(await files()).toEqual(['a']);
      expect([await keys(), await text('a')]).toEqual([['a'], '2']);
    });

    test('show the file that somebody dropped since', async () => {
      await store.put('a/b', Buffer.from('below'), plain);
      await store.put('a', Buffer.from('put'), plain);
      await rm(join(root, 'a'), { recursive: true });
      await drop('a', 'dropped');
      expect([await keys(), await text('a')]).toEqual([['a'], 'dropped']);
      expect(await all(store)).toMatchObject([{ key: 'a', bytes: 7, etag: digest('dropped') }]);
      await store.delete(['a']);
      expect([await keys(), await files()]).toEqual([[], []]);
    });

    test('hold names of full length too', async () => {
      const long = 'x'.repeat(255);
      await store.put(long, Buffer.from('file'), plain);
      await store.put(`${long}/b`, Buffer.from('below'), plain);
      expect(await keys()).toEqual([long, `${long}/b`]);
      expect(await text(long)).toBe('file');
      await store.delete([long, `${long}/b`]);
      expect(await files()).toEqual([]);
    });
  });

  describe('a link', () => {
    let outside: string;
    beforeEach(async () => {
      outside = join(base, 'outside');
      await mkdir(outside);
      await writeFile(join(outside, 'secret'), 'secret');
    });

    onPosix.each([
      ['to a file outside', 'x', () => join(outside, 'secret'), 'x'],
      ['to a directory outside', 'x', () => outside, 'x/secret'],
      ['up and out', 'x', () => '..', 'x/outside/secret'],
      ['to nowhere', 'x', () => join(base, 'nowhere'), 'x'],
      ['in a circle', 'x', () => 'x', 'x'],
      ['to a file inside', 'x', () => 'real', 'x'],
      ['to a directory inside', 'x', () => 'd', 'x/file'],
    ])('%s is not followed', async (_, name, target, key) => {
      await drop('real', 'real');
      await drop('d/file', 'file');
      await symlink(target(), join(root, name));
      expect(await keys()).toEqual(['d/file', 'real']);
      expect(await all(store, { prefix: `${name}/` })).toEqual([]);
      expect(await store.head(key)).toBeUndefined();
      expect(await store.get(key, { maxBytes: 100 })).toBeUndefined();
      await store.delete([key]);
      await expect(store.put(key, Buffer.from('new'), plain)).rejects.toMatchObject({
        code: 'invalid-key',
        message: expect.stringContaining('there is a link') as string,
      });
      await expect(store.put(`${name}/deeper/still`, Buffer.from('new'), plain)).rejects.toMatchObject({
        code: 'invalid-key',
      });
      expect(await readlink(join(root, name))).toBe(target());
      expect(await readdir(outside)).toEqual(['secret']);
      expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
      expect([await text('real'), await text('d/file')]).toEqual(['real', 'file']);
      expect(existsSync(join(base, 'nowhere'))).toBe(false);
    });

    onPosix('may lead to the root itself', async () => {
      await symlink(root, join(base, 'link'));
      const through = new DirectoryObjectStore({ directory: join(base, 'link') });
      await through.put('a/b', Buffer.from('x'), plain);
      expect(await keys()).toEqual(['a/b']);
      expect(through.keyOf(join(base, 'link', 'a', 'b'))).toBe('a/b');
    });

    onPosix('of the hard kind is a file as any other; writing does not reach the other end', async () => {
      await link(join(outside, 'secret'), join(root, 'hard'));
      expect(await text('hard')).toBe('secret');
      await store.put('hard', Buffer.from('new'), plain);
      expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    });
  });

  onPosix('a pipe is no object, and nobody waits for it', async () => {
    await promisify(execFile)('mkfifo', [join(root, 'pipe')]);
    expect(await keys()).toEqual([]);
    expect(await store.head('pipe')).toBeUndefined();
    expect(await store.get('pipe', { maxBytes: 1 })).toBeUndefined();
    await expect(store.put('pipe', Buffer.from('x'), plain)).rejects.toMatchObject({ code: 'invalid-key' });
  });

  test.each([
    ['case', 'Cat.jpg', 'cat.jpg'],
    ['case of a directory', 'A/cat.jpg', 'a/cat.jpg'],
    ['the form of Unicode', 'caf\u00e9.jpg', 'cafe\u0301.jpg'],
  ])('names that differ in %s are two keys, or the second is refused by name', async (_, first, second) => {
    await store.put(first, Buffer.from('first'), plain);
    const tellsApart = !existsSync(join(root, second));
    if (tellsApart) {
      await store.put(second, Buffer.from('second'), plain);
      expect([await text(first), await text(second)]).toEqual(['first', 'second']);
    } else {
      await expect(store.put(second, Buffer.from('second'), plain)).rejects.toMatchObject({ code: 'invalid-key' });
      expect([await text(first), await text(second)]).toEqual(['first', undefined]);
      await store.delete([second]);
      expect(await text(first)).toBe('first');
    }
  });

  describe('a write', () => {
    test('that fails leaves the old object and nothing else', async () => {
      await store.put('a/b', Buffer.from('old'), { ...plain, metadata: { x: 'y' } });
      await rm(join(root, '.cdk-thumbnails'), { recursive: true });
      await writeFile(join(root, '.cdk-thumbnails'), 'in the way');
      await expect(store.put('a/b', Buffer.from('new'), plain)).rejects.toBeInstanceOf(ObjectStoreError);
      await expect(store.put('a/c', Buffer.from('new'), plain)).rejects.toBeInstanceOf(ObjectStoreError);
      expect(await text('a/b')).toBe('old');
      expect(await readdir(join(root, 'a'))).toEqual(['b']);
    });

    test('left undone by a process that is gone is never seen, and cleared away in time', async () => {
      const old = await drop('a/.cdk-thumbnails-old', 'half');
      await utimes(old, 1000, 1000);
      await drop('a/.cdk-thumbnails-young', 'half');
      await drop('a/b', 'x');
      expect(await keys()).toEqual(['a/b']);
      expect(await readdir(join(root, 'a'))).toEqual(['.cdk-thumbnails-young', 'b']);
    });

    test('leaves one sidecar for each object in the end', async () => {
      for (const version of ['1', '2', '3']) {
        await store.put('a', Buffer.from(version), plain);
      }
      for (const path of await sidecars()) {
        await utimes(path, 1000, 1000);
      }
      await store.put('a', Buffer.from('4'), { ...plain, metadata: { x: 'y' } });
      expect(await sidecars()).toHaveLength(1);
      expect(await store.head('a')).toMatchObject({ metadata: { x: 'y' } });
      await store.delete(['a']);
      expect(await sidecars()).toEqual([]);
    });

    test('by another process at the same time never mixes bytes of one with metadata of the other', async () => {
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

    test('succeeds while the directories that it needs come and go', async () => {
      for (let round = 0; round < 30; round++) {
        await store.put('a/b/old', Buffer.from('x'), plain);
        await Promise.all([
          store.delete(['a/b/old']),
          store.put('a/b/new', Buffer.from('b'), plain),
          store.put('a/new', Buffer.from('a'), plain),
          store.put('a', Buffer.from('file'), plain),
        ]);
        expect(await keys()).toEqual(['a', 'a/b/new', 'a/new']);
        await Promise.all([store.delete(['a/b/new', 'a/new']), store.delete(['a'])]);
        expect(await files()).toEqual([]);
      }
    });
  });

  describe('a read', () => {
    const version = (name: string): { contentType: string; metadata: Record<string, string> } => ({
      ...plain,
      metadata: { name },
    });

    test.each(['get', 'head'] as const)('begins anew when its object is replaced under it: %s', async (operation) => {
      await store.put('a', Buffer.from('one'), version('one'));
      const read = jest.spyOn(Sidecars.prototype, 'read').mockImplementationOnce(async () => {
        // The bytes are read: now all that belonged to them goes.
        const other = new DirectoryObjectStore({ directory: root });
        await other.delete(['a']);
        await other.put('a', Buffer.from('two'), version('two'));
        return undefined;
      });
      const object = operation === 'get' ? await store.get('a', { maxBytes: 9 }) : await store.head('a');
      expect(object).toMatchObject({ etag: digest('two'), metadata: { name: 'two' } });
      expect(read).toHaveBeenCalledTimes(2);
    });

    const onLinux = process.platform === 'linux' ? test : test.skip;
    onLinux('takes what a file has and not what it claims, up to maxBytes', async () => {
      // Files of the kernel say that they are empty.
      const content = await readFile('/proc/version');
      expect((await readUpTo('/proc/version', content.length, 'read'))?.body).toEqual(content);
      await expect(readUpTo('/proc/version', content.length - 1, 'read it')).rejects.toMatchObject({
        code: 'file-too-large',
        message: `cannot read it: it has more bytes, at most ${content.length - 1} are taken`,
      });
    });
  });

  test('a delete removes the directories that are empty then, and no others', async () => {
    await mkdir(join(root, 'empty'));
    await drop('a/b/c/d.jpg', 'x');
    await drop('a/.DS_Store', 'x');
    await drop('e/f.jpg', 'x');
    await drop('e/g.jpg', 'x');
    await store.delete(['a/b/c/d.jpg', 'e/f.jpg']);
    expect((await readdir(root, { recursive: true })).sort()).toEqual(
      ['a', join('a', '.DS_Store'), 'e', join('e', 'g.jpg'), 'empty'].sort(),
    );
    await store.delete(['e/g.jpg']);
    expect((await readdir(root)).sort()).toEqual(['a', 'empty']);
  });

  describe('without permission', () => {
    const oneLine = (path: string): object => ({
      code: 'access-denied',
      message: expect.stringMatching(
        new RegExp(`^cannot [^\\n]*${basename(path)}[^\\n]*EACCES[^\\n]*the right to it`),
      ) as string,
    });
    afterEach(() => promisify(execFile)('chmod', ['-R', 'u+rwX', base]).catch(() => undefined));

    onPosix('a directory is read, and a write says what is wrong in one line', async () => {
      await drop('a/b.jpg', 'x');
      await chmod(base, 0o755);
      await chmod(join(root, 'a'), 0o555);
      await chmod(root, 0o555);
      await asNobody(async () => {
        expect(await store.head('a/b.jpg')).toMatchObject({ etag: digest('x') });
        expect(await keys()).toEqual(['a/b.jpg']);
        await store.check();
        for (const key of ['new.jpg', 'a/new.jpg', 'new/new.jpg', 'a/b.jpg']) {
          await expect(store.put(key, Buffer.from('y'), plain)).rejects.toMatchObject(oneLine(root));
        }
        await expect(store.delete(['a/b.jpg'])).rejects.toMatchObject(oneLine(root));
        await expect(store.create()).rejects.toMatchObject(oneLine(root));
      });
      expect(await files()).toEqual([join('a', 'b.jpg')]);
    });

    onPosix('nothing that cannot be read passes for missing', async () => {
      await drop('a/b.jpg', 'x');
      await drop('closed/c.jpg', 'x');
      await chmod(base, 0o755);
      await chmod(join(root, 'a/b.jpg'), 0o000);
      await chmod(join(root, 'closed'), 0o000);
      await asNobody(async () => {
        await expect(store.get('a/b.jpg', { maxBytes: 1 })).rejects.toMatchObject({ code: 'access-denied' });
        await expect(store.head('a/b.jpg')).rejects.toMatchObject({ code: 'access-denied' });
        await expect(store.head('closed/c.jpg')).rejects.toMatchObject({ code: 'access-denied' });
        await expect(store.head('closed/missing.jpg')).rejects.toMatchObject({ code: 'access-denied' });
        await expect(all(store, { prefix: 'a/' })).rejects.toMatchObject({ code: 'access-denied' });
        await expect(all(store, { prefix: 'closed/' })).rejects.toMatchObject({ code: 'access-denied' });
        await expect(keys()).rejects.toMatchObject({ code: 'access-denied' });
        await expect(store.delete(['closed/c.jpg', 'closed/d.jpg'])).rejects.toThrow(
          /^2 of 2 objects remain; the first: cannot delete/,
        );
      });
    });

    onPosix('a root is denied', async () => {
      await chmod(base, 0o755);
      await chmod(root, 0o000);
      await asNobody(async () => {
        await expect(store.check()).rejects.toMatchObject(oneLine(root));
      });
    });
  });

  describe('the root', () => {
    test('that is missing is named, and not made by writing', async () => {
      await rm(root, { recursive: true });
      const line = `the directory ${root} does not exist: create it, or correct its name`;
      await expect(store.check()).rejects.toThrow(line);
      await expect(store.put('a/b', Buffer.from('x'), plain)).rejects.toThrow(line);
      await expect(keys()).rejects.toThrow(line);
      expect(existsSync(root)).toBe(false);
    });

    test('that is a file is named', async () => {
      await rm(root, { recursive: true });
      await writeFile(root, '');
      await expect(store.check()).rejects.toMatchObject({
        code: 'storage-not-found',
        message: `the directory ${root} is not a directory: create it, or correct its name`,
      });
      await expect(store.head('a')).rejects.toMatchObject({ code: 'storage-not-found' });
      await expect(store.create()).rejects.toBeInstanceOf(ObjectStoreError);
    });

    test('is made when asked, with those above it', async () => {
      const deep = new DirectoryObjectStore({ directory: join(base, 'x', 'y') });
      await deep.create();
      await deep.create();
      await deep.check();
      expect(await all(deep)).toEqual([]);
    });

    test('that comes back after it was gone is served again', async () => {
      await drop('a', 'x');
      await rename(root, join(base, 'away'));
      await expect(store.head('a')).rejects.toMatchObject({ code: 'storage-not-found' });
      await rename(join(base, 'away'), root);
      expect(await text('a')).toBe('x');
    });

    test('can be relative', async () => {
      const near = new DirectoryObjectStore({ directory: relative(process.cwd(), root) });
      await near.put('a', Buffer.from('x'), plain);
      expect(await text('a')).toBe('x');
    });
  });

  test('tells the key of a path', async () => {
    expect(store.keyOf(join(root, 'a', 'b c.jpg'))).toBe('a/b c.jpg');
    expect(store.keyOf(join('a', 'b.jpg'))).toBe('a/b.jpg');
    for (const path of [
      root,
      base,
      join(base, 'other'),
      '..',
      join('a', '.DS_Store'),
      join('.git', 'x'),
      '.cdk-thumbnails',
    ]) {
      expect(store.keyOf(path)).toBeUndefined();
    }
    for (const key of ['a//b', '..', 'a/', '.hidden', 'x'.repeat(700)]) {
      await store.put(key, Buffer.from('x'), plain);
      const [file = ''] = await files();
      expect(store.keyOf(join(root, file))).toBe(key);
      await store.delete([key]);
    }
  });

  test('writes files that others may read as the user wants it', async () => {
    await store.put('a/b', Buffer.from('x'), plain);
    const { mode } = await lstat(join(root, 'a/b'));
    expect(mode & 0o777).toBe(0o666 & ~process.umask());
  });
});
