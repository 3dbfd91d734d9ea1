import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { link, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DirectoryObjectStore } from '../../../../runtime/storage/directory/directory-object-store';
import { all } from '../contract/listing';
import { DirectoryFixture, onPosix, plain } from './directory-fixture';

let fixture: DirectoryFixture;
let base: string;
let root: string;
let store: DirectoryObjectStore;
beforeEach(async () => {
  fixture = await DirectoryFixture.create();
  ({ base, root, store } = fixture);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await fixture.remove();
});

describe('symbolic links', () => {
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
    ['to themselves', 'x', () => 'x', 'x'],
    ['to a file inside', 'x', () => 'real', 'x'],
    ['to a directory inside', 'x', () => 'd', 'x/file'],
  ])('%s are not followed', async (_, name, target, key) => {
    await fixture.drop('real', 'real');
    await fixture.drop('d/file', 'file');
    await symlink(target(), join(root, name));
    expect(await fixture.keys()).toEqual(['d/file', 'real']);
    expect(await all(store, { prefix: `${name}/` })).toEqual([]);
    expect(await store.head(key)).toBeUndefined();
    expect(await store.get(key, { maxBytes: 100 })).toBeUndefined();
    await store.delete([key]);
    await expect(store.put(key, Buffer.from('new'), plain)).rejects.toMatchObject({
      code: 'invalid-key',
    });
    await expect(store.put(`${name}/deeper/still`, Buffer.from('new'), plain)).rejects.toMatchObject({
      code: 'invalid-key',
    });
    expect(await readlink(join(root, name))).toBe(target());
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect([await fixture.text('real'), await fixture.text('d/file')]).toEqual(['real', 'file']);
    expect(existsSync(join(base, 'nowhere'))).toBe(false);
  });

  onPosix('to the root are followed', async () => {
    await symlink(root, join(base, 'link'));
    const through = new DirectoryObjectStore({ directory: join(base, 'link') });
    await through.put('a/b', Buffer.from('x'), plain);
    expect(await fixture.keys()).toEqual(['a/b']);
    expect(through.keyOf(join(base, 'link', 'a', 'b'))).toBe('a/b');
  });

  onPosix('hard links are files, and a write does not change the other name', async () => {
    await link(join(outside, 'secret'), join(root, 'hard'));
    expect(await fixture.text('hard')).toBe('secret');
    await store.put('hard', Buffer.from('new'), plain);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });
});

onPosix('named pipes are not objects and do not block', async () => {
  await promisify(execFile)('mkfifo', [join(root, 'pipe')]);
  expect(await fixture.keys()).toEqual([]);
  expect(await store.head('pipe')).toBeUndefined();
  expect(await store.get('pipe', { maxBytes: 1 })).toBeUndefined();
  await expect(store.put('pipe', Buffer.from('x'), plain)).rejects.toMatchObject({ code: 'invalid-key' });
});
