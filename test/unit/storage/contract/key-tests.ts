import fc from 'fast-check';
import type { ObjectStore } from '../../../../runtime/storage';
import { all, inOrder } from './listing';
import { SPECIMENS, trickyKey } from './specimens';
import type { Subject } from './subject';

/** Defines the tests of keys. */
export function describeKeys(subject: Subject, supports: (key: string) => boolean): void {
  describe('keys', () => {
    let store: ObjectStore;
    beforeEach(() => (store = subject().store));

    test.each(SPECIMENS.filter(supports).map((key) => [JSON.stringify(key).slice(0, 60), key]))(
      'the object store supports %s',
      async (_, key) => {
        const { etag } = await store.put(key, Buffer.from(key), { contentType: 'text/plain', metadata: { x: 'y' } });
        expect(await store.head(key)).toMatchObject({ key, etag, metadata: { x: 'y' } });
        expect((await store.get(key, { maxBytes: 1024 }))?.body.toString()).toBe(key);
        expect((await all(store)).map((object) => object.key)).toEqual([key]);
        expect((await all(store, { prefix: key })).map((object) => object.key)).toEqual([key]);
        await store.delete([key]);
        expect(await store.head(key)).toBeUndefined();
        expect(await all(store)).toEqual([]);
      },
    );

    test('the object store distinguishes similar keys', async () => {
      const seen = new Set<string>();
      const keys = SPECIMENS.filter(supports).filter((key) => {
        const folded = key.normalize('NFC').toLowerCase();
        if (seen.has(folded)) {
          return false;
        }
        seen.add(folded);
        return true;
      });
      for (const key of keys) {
        await store.put(key, Buffer.from(key), { contentType: 'text/plain' });
      }
      for (const key of keys) {
        expect((await store.get(key, { maxBytes: 1024 }))?.body.toString()).toBe(key);
      }
      expect((await all(store)).map(({ key }) => key)).toEqual(inOrder(keys));
    });

    test.each([
      ['an empty key', ''],
      ['1025 bytes', 'x'.repeat(1025)],
      ['1025 bytes with multi-byte characters', `x${'\u00e9'.repeat(512)}`],
      ['a lone surrogate', 'a\ud800b'],
    ])('the object store rejects %s with invalid-key', async (_, key) => {
      const invalidKey = { code: 'invalid-key', retryable: false };
      await expect(store.head(key)).rejects.toMatchObject(invalidKey);
      await expect(store.get(key, { maxBytes: 1 })).rejects.toMatchObject(invalidKey);
      await expect(store.put(key, Buffer.from('a'), { contentType: 'text/plain' })).rejects.toMatchObject(invalidKey);
      await store.put('kept', Buffer.from('a'), { contentType: 'text/plain' });
      await expect(store.delete(['kept', key])).rejects.toMatchObject(invalidKey);
      expect(await store.head('kept')).toBeDefined();
    });

    test('the object store returns the correct object for each generated key', async () => {
      // APFS and NTFS do not support all of Unicode.
      const unit = process.platform === 'linux' ? 'binary' : 'grapheme-ascii';
      const anything = fc.string({ unit, minLength: 1, maxLength: 40 });
      const keys = fc
        .array(fc.oneof(anything, trickyKey), { minLength: 1, maxLength: 8 })
        .map((each) => [...new Set(each)]);
      await fc.assert(
        fc.asyncProperty(keys, async (chosen) => {
          for (const key of chosen) {
            await store.put(key, Buffer.from(key), { contentType: 'text/plain' });
          }
          for (const key of chosen) {
            expect((await store.get(key, { maxBytes: 1024 }))?.body.toString()).toBe(key);
          }
          expect((await all(store)).map(({ key }) => key)).toEqual(inOrder(chosen));
          await store.delete(chosen);
          expect(await all(store)).toEqual([]);
        }),
        { seed: 1, numRuns: 40 },
      );
    });
  });
}
