import { type ObjectStore, ObjectStoreError, runWithSignal } from '../../../../runtime/storage';
import { all } from './listing';
import type { Subject } from './subject';

/** Defines the tests of availability and aborted requests. */
export function describeAvailability(subject: Subject): void {
  describe('availability', () => {
    let store: ObjectStore;
    beforeEach(() => (store = subject().store));

    test('check() resolves if the object store is readable', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });

    test('the object store rejects requests after the signal is aborted', async () => {
      await store.put('a', Buffer.from('x'), { contentType: 'text/plain' });
      const abort = new AbortController();
      const requests: Readonly<Record<string, () => Promise<unknown>>> = {
        head: () => store.head('a'),
        get: () => store.get('a', { maxBytes: 1 }),
        put: () => store.put('a', Buffer.from('y'), { contentType: 'text/plain' }),
        delete: () => store.delete(['a']),
        list: () => all(store),
        check: () => store.check(),
      };
      await runWithSignal(abort.signal, async () => {
        expect((await store.head('a'))?.bytes).toBe(1);
        abort.abort();
        for (const [name, request] of Object.entries(requests)) {
          const error: unknown = await request().catch((thrown: unknown) => thrown);
          expect([name, error]).toMatchObject([
            name,
            { name: 'ObjectStoreError', code: 'storage-unavailable', retryable: true },
          ]);
        }
      });
      expect((await store.get('a', { maxBytes: 10 }))?.body.toString()).toBe('x');
    });

    describe('missing bucket or directory', () => {
      const write = { contentType: 'text/plain' };
      test.each<[string, (gone: ObjectStore) => Promise<unknown>]>([
        ['head', (gone) => gone.head('a')],
        ['get', (gone) => gone.get('a', { maxBytes: 1 })],
        ['put', (gone) => gone.put('a', Buffer.from('x'), write)],
        ['put in a new directory', (gone) => gone.put('b/c/.d', Buffer.from('x'), write)],
        ['delete', (gone) => gone.delete(['a'])],
        ['delete of several keys', (gone) => gone.delete(['a', 'b'])],
        ['list', (gone) => all(gone)],
        ['list with a prefix', (gone) => all(gone, { prefix: 'a/', shallow: true })],
        ['check', (gone) => gone.check()],
      ])('the object store rejects %s with storage-not-found', async (_, request) => {
        await store.put('a', Buffer.from('x'), write);
        await subject().vanish();
        const error: unknown = await request(store).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(ObjectStoreError);
        expect(error).toMatchObject({ name: 'ObjectStoreError', code: 'storage-not-found', retryable: true });
        expect((error as ObjectStoreError).message).toMatch(/^[a-z0-9][^\n]*create[^\n]*$/);
      });
    });
  });
}
