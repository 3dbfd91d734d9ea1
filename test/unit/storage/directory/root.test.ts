import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ObjectStoreError } from '../../../../runtime/storage';
import { DirectoryObjectStore } from '../../../../runtime/storage/directory/directory-object-store';
import { all } from '../contract/listing';
import { DirectoryFixture, plain } from './directory-fixture';

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

describe('the root', () => {
  test('a write does not create the root', async () => {
    await rm(root, { recursive: true });
    const line = `the directory ${root} does not exist: create it, or correct its name`;
    await expect(store.check()).rejects.toThrow(line);
    await expect(store.put('a/b', Buffer.from('x'), plain)).rejects.toThrow(line);
    await expect(fixture.keys()).rejects.toThrow(line);
    expect(existsSync(root)).toBe(false);
  });

  test('a root that is a file is rejected', async () => {
    await rm(root, { recursive: true });
    await writeFile(root, '');
    await expect(store.check()).rejects.toMatchObject({
      code: 'storage-not-found',
      message: `the directory ${root} is not a directory: create it, or correct its name`,
    });
    await expect(store.head('a')).rejects.toMatchObject({ code: 'storage-not-found' });
    await expect(store.create()).rejects.toBeInstanceOf(ObjectStoreError);
  });

  test('create() creates the root and its parent directories', async () => {
    const deep = new DirectoryObjectStore({ directory: join(base, 'x', 'y') });
    await deep.create();
    await deep.create();
    await deep.check();
    expect(await all(deep)).toEqual([]);
  });

  test('the object store is available again after the root was moved away and back', async () => {
    await fixture.drop('a', 'x');
    await rename(root, join(base, 'away'));
    await expect(store.head('a')).rejects.toMatchObject({ code: 'storage-not-found' });
    await rename(join(base, 'away'), root);
    expect(await fixture.text('a')).toBe('x');
  });

  test('the root can be a relative path', async () => {
    const near = new DirectoryObjectStore({ directory: relative(process.cwd(), root) });
    await near.put('a', Buffer.from('x'), plain);
    expect(await fixture.text('a')).toBe('x');
  });
});
