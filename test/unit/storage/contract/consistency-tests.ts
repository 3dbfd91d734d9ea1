import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import type { ObjectHead, ObjectStore, StoredObject } from '../../../../runtime/storage';
import { all, inOrder, inParallel } from './listing';
import { trickyKey } from './specimens';
import type { Subject } from './subject';

/** Defines the tests of operation sequences and concurrency. */
export function describeConsistency(subject: Subject): void {
  describe('consistency', () => {
    let store: ObjectStore;
    beforeEach(() => (store = subject().store));

    test('generated sequences of operations have the same results as on a map', async () => {
      const step = fc.oneof(
        {
          weight: 3,
          arbitrary: fc.record({ do: fc.constant('put' as const), key: trickyKey, text: fc.string({ maxLength: 3 }) }),
        },
        {
          weight: 2,
          arbitrary: fc.record({ do: fc.constant('delete' as const), keys: fc.array(trickyKey, { maxLength: 3 }) }),
        },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), trickyKey, async (steps, prefix) => {
          const model = new Map<string, string>();
          for (const each of steps) {
            if (each.do === 'put') {
              await store.put(each.key, Buffer.from(each.text), {
                contentType: 'text/plain',
                metadata: { key: each.key },
              });
              model.set(each.key, each.text);
            } else {
              await store.delete(each.keys);
              for (const key of each.keys) {
                model.delete(key);
              }
            }
            expect((await all(store)).map(({ key }) => key)).toEqual(inOrder([...model.keys()]));
          }
          for (const [key, text] of model) {
            const object = await store.get(key, { maxBytes: 100 });
            expect([object?.body.toString(), object?.metadata]).toEqual([text, { key }]);
          }
          expect((await all(store, { prefix })).map(({ key }) => key)).toEqual(
            inOrder([...model.keys()].filter((key) => key.startsWith(prefix))),
          );
          await store.delete([...model.keys()]);
        }),
        { seed: 2, numRuns: 30 },
      );
    });

    test('the object store never returns a mix of two versions during concurrent writes', async () => {
      const version = (number: number): Buffer => Buffer.alloc(200_000 + number, number);
      await store.put('a', version(0), { contentType: 'text/plain', metadata: { number: '0' } });
      const state = { writing: true };
      const writers = [1, 2].map(async (writer) => {
        for (let number = writer; number < 30; number += 2) {
          await store.put('a', version(number), { contentType: 'text/plain', metadata: { number: String(number) } });
        }
      });
      const ended = Promise.all(writers).finally(() => (state.writing = false));
      const seen: StoredObject[] = [];
      const heads: ObjectHead[] = [];
      while (state.writing) {
        const object = await store.get('a', { maxBytes: 1_000_000 });
        const head = await store.head('a');
        if (object) {
          seen.push(object);
        }
        if (head) {
          heads.push(head);
        }
        await wait(0);
      }
      await ended;
      expect(seen.length).toBeGreaterThan(0);
      for (const { body, metadata, bytes } of seen) {
        const number = body[0] ?? -1;
        expect([bytes, metadata]).toEqual([200_000 + number, { number: String(number) }]);
        expect(body.equals(version(number))).toBe(true);
      }
      for (const { bytes, metadata } of heads) {
        expect(metadata).toEqual({ number: String(bytes - 200_000) });
      }
    });

    test('the object store supports concurrent writes of different objects', async () => {
      const keys = Array.from({ length: 40 }, (_, index) => (index % 4 ? `a/b/${index}` : `a/${index}`));
      await inParallel(keys, async (key) => {
        await store.put(key, Buffer.from(key), { contentType: 'text/plain' });
        if (key.endsWith('1')) {
          await store.delete([key]);
        }
      });
      expect((await all(store)).map(({ key }) => key)).toEqual(inOrder(keys.filter((key) => !key.endsWith('1'))));
    });
  });
}
