import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectoryObjectStore } from '../../../../runtime/storage';
import { all } from '../contract/listing';
import { DirectoryFixture, digest, plain } from './directory-fixture';

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

describe('a file and a directory with the same name', () => {
  test('the file moves to its escaped name if its plain name becomes a directory', async () => {
    await fixture.drop('a', 'dropped');
    await store.put('a/b', Buffer.from('below'), plain);
    expect(await fixture.keys()).toEqual(['a', 'a/b']);
    expect([await fixture.text('a'), await fixture.text('a/b')]).toEqual(['dropped', 'below']);
    await store.put('a', Buffer.from('put'), { ...plain, metadata: { x: 'y' } });
    expect(await store.get('a', { maxBytes: 9 })).toMatchObject({ body: Buffer.from('put'), metadata: { x: 'y' } });
    expect(await fixture.files()).toEqual(['.%fa', join('a', 'b')].sort());
  });

  test('the file with the escaped name has its previous attributes', async () => {
    await store.put('a', Buffer.from('x'), { contentType: 'image/png', metadata: { x: 'y' } });
    await store.put('a/b/c', Buffer.from('below'), plain);
    expect(await store.head('a')).toMatchObject({ contentType: 'image/png', metadata: { x: 'y' } });
  });

  test('the file has its plain name again after the directory is deleted', async () => {
    await store.put('a/b', Buffer.from('below'), plain);
    await store.put('a', Buffer.from('1'), plain);
    await store.delete(['a/b']);
    expect(await fixture.text('a')).toBe('1');
    await store.put('a', Buffer.from('2'), plain);
    expect(await fixture.files()).toEqual(['a']);
    expect([await fixture.keys(), await fixture.text('a')]).toEqual([['a'], '2']);
  });

  test('reads prefer a file with the plain name that a user adds later', async () => {
    await store.put('a/b', Buffer.from('below'), plain);
    await store.put('a', Buffer.from('put'), plain);
    await rm(join(root, 'a'), { recursive: true });
    await fixture.drop('a', 'dropped');
    expect([await fixture.keys(), await fixture.text('a')]).toEqual([['a'], 'dropped']);
    expect(await all(store)).toMatchObject([{ key: 'a', bytes: 7, etag: digest('dropped') }]);
    await store.delete(['a']);
    expect([await fixture.keys(), await fixture.files()]).toEqual([[], []]);
  });

  test('file and directory names can have the maximum length', async () => {
    const long = 'x'.repeat(255);
    await store.put(long, Buffer.from('file'), plain);
    await store.put(`${long}/b`, Buffer.from('below'), plain);
    expect(await fixture.keys()).toEqual([long, `${long}/b`]);
    expect(await fixture.text(long)).toBe('file');
    await store.delete([long, `${long}/b`]);
    expect(await fixture.files()).toEqual([]);
  });
});

test.each([
  ['case', 'Cat.jpg', 'cat.jpg'],
  ['case of a directory', 'A/cat.jpg', 'a/cat.jpg'],
  ['the form of Unicode', 'caf\u00e9.jpg', 'cafe\u0301.jpg'],
])('names that differ in %s are two keys, or the second is rejected', async (_, first, second) => {
  await store.put(first, Buffer.from('first'), plain);
  const tellsApart = !existsSync(join(root, second));
  if (tellsApart) {
    await store.put(second, Buffer.from('second'), plain);
    expect([await fixture.text(first), await fixture.text(second)]).toEqual(['first', 'second']);
  } else {
    await expect(store.put(second, Buffer.from('second'), plain)).rejects.toMatchObject({ code: 'invalid-key' });
    expect([await fixture.text(first), await fixture.text(second)]).toEqual(['first', undefined]);
    await store.delete([second]);
    expect(await fixture.text(first)).toBe('first');
  }
});

test('keyOf() returns the key of a path', async () => {
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
    const [file = ''] = await fixture.files();
    expect(store.keyOf(join(root, file))).toBe(key);
    await store.delete([key]);
  }
});
