import type { ObjectStore } from '../../../../runtime/storage';
import { all } from './listing';
import type { Subject } from './subject';

/** Defines the tests of reading and writing single objects. */
export function describeObjects(subject: Subject): void {
  describe('object', () => {
    let store: ObjectStore;
    beforeEach(() => (store = subject().store));

    test('a read returns the written bytes and attributes', async () => {
      const body = Buffer.from([0, 255, 10, 13, 128]);
      const metadata = {
        'focal-point': '0.5,0.25',
        note: 'K\u00e4se \u{1f9c0} =?UTF-8?B?eA==?= %20  two  spaces\n',
        empty: '',
      };
      const before = Date.now();
      const { etag } = await store.put('a/cat.jpg', body, {
        contentType: 'image/jpeg',
        cacheControl: 'public, max-age=60',
        metadata,
      });
      expect(etag).toMatch(/^[^"]+$/);
      const head = {
        key: 'a/cat.jpg',
        bytes: 5,
        etag,
        contentType: 'image/jpeg',
        cacheControl: 'public, max-age=60',
        metadata,
      };
      const read = await store.head('a/cat.jpg');
      const { lastModified, version } = read!;
      expect(read).toEqual({ ...head, version, lastModified });
      expect(await store.version('a/cat.jpg')).toMatchObject({ version });
      expect(await store.get('a/cat.jpg', { maxBytes: 5 })).toEqual({
        ...head,
        version,
        lastModified,
        body,
      });
      expect(await all(store)).toEqual([{ key: 'a/cat.jpg', bytes: 5, etag, lastModified: expect.anything() as Date }]);
      // S3 reports times in whole seconds.
      expect(read?.lastModified.getTime()).toBeGreaterThan(before - 1001);
      expect(read?.lastModified.getTime()).toBeLessThanOrEqual(Date.now());
    });

    test('an object has no optional attributes by default', async () => {
      await store.put('a', Buffer.from('a'), { contentType: 'text/plain' });
      expect(await store.head('a')).toMatchObject({
        contentType: 'text/plain',
        cacheControl: undefined,
        metadata: {},
      });
    });

    test('version() returns a new string after each write of different bytes', async () => {
      const versions = [(await store.version('a'))?.version];
      for (const body of ['v1', 'v2', 'v1 longer']) {
        await store.put('a', Buffer.from(body), { contentType: 'text/plain' });
        versions.push((await store.version('a'))?.version);
        expect((await store.version('a'))?.version).toBe(versions.at(-1));
      }
      await store.delete(['a']);
      versions.push((await store.version('a'))?.version);
      expect([versions[0], versions[4]]).toEqual([undefined, undefined]);
      expect(new Set(versions.slice(1, 4)).size).toBe(3);
    });

    test('the object store supports empty objects', async () => {
      const { etag } = await store.put('a', Buffer.alloc(0), { contentType: 'text/plain' });
      expect(await store.head('a')).toMatchObject({ bytes: 0, etag });
      expect(await store.get('a', { maxBytes: 0 })).toMatchObject({ bytes: 0, etag, body: Buffer.alloc(0) });
    });

    test('the object store supports objects that are larger than a chunk of a stream', async () => {
      const body = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 251));
      await store.put('a', body, { contentType: 'text/plain' });
      expect((await store.get('a', { maxBytes: body.length }))?.body.equals(body)).toBe(true);
    });

    test('the object store returns undefined for missing objects', async () => {
      await store.put('a/b', Buffer.from('a'), { contentType: 'text/plain' });
      for (const key of ['x', 'a', 'a/', 'a/b/', 'a/b/c', 'a//b', '/a/b', 'A/B', './a/b', 'x'.repeat(1024)]) {
        expect([key, await store.head(key)]).toEqual([key, undefined]);
        expect([key, await store.get(key, { maxBytes: 10 })]).toEqual([key, undefined]);
      }
    });

    test('the object store rejects objects that exceed maxBytes', async () => {
      await store.put('a', Buffer.from('12345'), { contentType: 'text/plain' });
      expect(await store.get('a', { maxBytes: 5 })).toMatchObject({ bytes: 5 });
      for (const maxBytes of [4, 0]) {
        await expect(store.get('a', { maxBytes })).rejects.toMatchObject({
          code: 'file-too-large',
          retryable: false,
        });
      }
    });

    test('a write replaces the bytes and all attributes', async () => {
      const first = await store.put('a', Buffer.from('first'), {
        contentType: 'image/png',
        cacheControl: 'no-cache',
        metadata: { x: '1' },
      });
      const second = await store.put('a', Buffer.from('other'), { contentType: 'image/webp', metadata: { y: '2' } });
      expect(second.etag).not.toBe(first.etag);
      expect(await store.get('a', { maxBytes: 9 })).toMatchObject({
        body: Buffer.from('other'),
        etag: second.etag,
        contentType: 'image/webp',
        cacheControl: undefined,
        metadata: { y: '2' },
      });
      expect((await store.head('a'))?.metadata).toEqual({ y: '2' });
    });

    test('a write of equal bytes replaces the attributes', async () => {
      await store.put('a', Buffer.from('same'), { contentType: 'image/png', metadata: { x: '1' } });
      await store.put('a', Buffer.from('same'), { contentType: 'image/webp', metadata: { y: '2' } });
      expect(await store.head('a')).toMatchObject({ contentType: 'image/webp', metadata: { y: '2' } });
      expect((await store.head('a'))?.metadata).toEqual({ y: '2' });
    });

    test('all operations return one ETag, which depends on the bytes', async () => {
      const etags = new Set<string>();
      for (const text of ['aaaa', 'aaab', 'baaa', 'aaaa']) {
        const { etag } = await store.put('a', Buffer.from(text), { contentType: 'text/plain' });
        expect((await store.head('a'))?.etag).toBe(etag);
        expect((await store.get('a', { maxBytes: 4 }))?.etag).toBe(etag);
        expect((await all(store))[0]?.etag).toBe(etag);
        etags.add(etag);
      }
      expect(etags.size).toBe(3);
    });

    test('the object store rejects metadata names that cannot be stored unchanged', async () => {
      for (const wrong of ['Upper', 'with space', '', 'colon:', '\u00fc']) {
        const options = { contentType: 'text/plain', metadata: { [wrong]: 'x' } };
        await expect(store.put('a', Buffer.from('a'), options)).rejects.toThrow(JSON.stringify(wrong));
      }
      expect(await store.head('a')).toBeUndefined();
    });
  });
}
