import type { ObjectStore } from '../../../../runtime/storage';
import { all, inOrder, inParallel } from './listing';
import type { Subject } from './subject';

/** Defines the tests of listings and deletions. */
export function describeListings(subject: Subject, manyObjects: number): void {
  describe('listing', () => {
    let store: ObjectStore;
    beforeEach(() => (store = subject().store));

    const keys = ['a', 'a-b', 'a.jpg', 'a/', 'a/b', 'a/b/c', 'a//b', 'a0', 'ab', 'b/c', '\uffee', '\u{1f600}', '~'];

    test('the listing sorts keys by their UTF-8 bytes', async () => {
      for (const key of [...keys].reverse()) {
        await store.put(key, Buffer.from('x'), { contentType: 'text/plain' });
      }
      expect((await all(store)).map(({ key }) => key)).toEqual([
        'a',
        'a-b',
        'a.jpg',
        'a/',
        'a//b',
        'a/b',
        'a/b/c',
        'a0',
        'ab',
        'b/c',
        '~',
        '\uffee',
        '\u{1f600}',
      ]);
    });

    test.each([
      ['', false, inOrder(keys)],
      ['', true, ['a', 'a-b', 'a.jpg', 'a0', 'ab', '~', '\uffee', '\u{1f600}']],
      ['a', false, ['a', 'a-b', 'a.jpg', 'a/', 'a//b', 'a/b', 'a/b/c', 'a0', 'ab']],
      ['a', true, ['a', 'a-b', 'a.jpg', 'a0', 'ab']],
      ['a/', false, ['a/', 'a//b', 'a/b', 'a/b/c']],
      ['a/', true, ['a/', 'a/b']],
      ['a//', true, ['a//b']],
      ['a/b', false, ['a/b', 'a/b/c']],
      ['a/b', true, ['a/b']],
      ['a/b/', true, ['a/b/c']],
      ['a/b/c', false, ['a/b/c']],
      ['a/b/c/', false, []],
      ['b', true, []],
      ['/', false, []],
      ['nothing', false, []],
      ['x'.repeat(2000), false, []],
    ])('a listing with prefix %j and shallow %j returns the expected keys', async (prefix, shallow, expected) => {
      for (const key of keys) {
        await store.put(key, Buffer.from('x'), { contentType: 'text/plain' });
      }
      expect((await all(store, { prefix, shallow })).map(({ key }) => key)).toEqual(expected);
    });

    test('the object store lists and deletes more objects than fit into one page', async () => {
      const manyKeys = Array.from({ length: manyObjects }, (_, index) => `many/${String(index).padStart(4, '0')}`);
      await inParallel(manyKeys, (key) => store.put(key, Buffer.from(key), { contentType: 'text/plain' }));
      expect((await all(store, { prefix: 'many/', shallow: true })).map(({ key }) => key)).toEqual(manyKeys);
      await store.put('kept', Buffer.from('x'), { contentType: 'text/plain' });
      await store.delete(manyKeys);
      expect((await all(store)).map(({ key }) => key)).toEqual(['kept']);
    });

    test('the listing stops if the consumer stops', async () => {
      for (const key of keys) {
        await store.put(key, Buffer.from('x'), { contentType: 'text/plain' });
      }
      for await (const { key } of store.list({ prefix: '' })) {
        expect(key).toBe('a');
        break;
      }
    });
  });

  describe('delete', () => {
    let store: ObjectStore;
    beforeEach(() => (store = subject().store));

    test('the object store deletes only the given keys', async () => {
      for (const key of ['a', 'a/b', 'a/c', 'b']) {
        await store.put(key, Buffer.from('x'), { contentType: 'text/plain' });
      }
      await store.delete(['a', 'a/c', 'a/c', 'not there', 'not/there']);
      expect((await all(store)).map(({ key }) => key)).toEqual(['a/b', 'b']);
      await store.delete([]);
      expect((await all(store)).map(({ key }) => key)).toEqual(['a/b', 'b']);
    });

    test('a deletion also deletes the attributes of the object', async () => {
      await store.put('a', Buffer.from('x'), {
        contentType: 'image/png',
        cacheControl: 'no-cache',
        metadata: { x: '1' },
      });
      await store.delete(['a']);
      await store.put('a', Buffer.from('x'), { contentType: 'text/plain' });
      expect((await store.head('a'))?.metadata).toEqual({});
      expect(await store.head('a')).toMatchObject({ contentType: 'text/plain', cacheControl: undefined });
    });
  });
}
