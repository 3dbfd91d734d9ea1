import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { runWithSignal } from '../../../runtime/storage/abort-scope';
import {
  type ListOptions,
  type ObjectHead,
  type ObjectStore,
  ObjectStoreError,
  type StoredObject,
} from '../../../runtime/storage/object-store';

/** A store made for one test, empty. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Takes away the bucket or the directory itself. */
  vanish(): Promise<void>;
}

/** How far a store goes. */
export interface Limits {
  /** Which keys it cannot hold, although S3 can: those whose names the file system would not tell apart, or whose paths it has no room for. */
  readonly cannotHold?: (key: string) => boolean;
  /** More objects than the store handles at once. */
  readonly many: number;
}

/** Keys that have broken programs like this one, and those that the mapping to paths could confuse. */
export const SPECIMENS: readonly string[] = [
  'a.jpg',
  'a/b/c/cat.jpg',
  'with space.jpg',
  ' around ',
  'a+b.jpg',
  '100%.jpg',
  '%2F%20%25',
  'a%2Fb.jpg',
  'caf\u00e9.jpg',
  'cafe\u0301.jpg',
  '\u{1f4f7}/\u{1f468}\u200d\u{1f469}\u200d\u{1f467}.jpg',
  '\u65e5\u672c\u8a9e/\u5199\u771f.jpg',
  '\uffee and \u{10000}',
  'folder/',
  '/',
  '//',
  '/leading.jpg',
  'a//b.jpg',
  'a///b//',
  '.',
  '..',
  '../../../../etc/passwd',
  './a',
  'a/../b',
  'a/./b',
  'a/..',
  '.hidden/.file',
  '.cdk-thumbnails/objects/x',
  '.%fa',
  '.%da/b',
  '.%cx/.%fy',
  'dots...',
  'CON',
  'aux.jpg',
  'C:\\windows\\system32',
  '\\\\host\\share',
  'a\\b',
  '~/a',
  '$HOME/`id`/$(id);&|<>"\'',
  'a?b=c&d#e',
  '0',
  '007',
  '1e3',
  'null',
  '__proto__',
  'constructor/prototype',
  'tab\there',
  'line\r\nbreak',
  'nul\u0000inside',
  'escape\u001b[31m',
  'non\uffffcharacter\ufffe',
  'delete\u007f',
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(1024),
  '\u00e9'.repeat(512),
  '\u{1f600}'.repeat(256),
  'd/'.repeat(512),
  '/'.repeat(1024),
  '.'.repeat(1024),
  `${'x'.repeat(300)}/${'y'.repeat(600)}/z`,
];

/** What every store must do, and do alike. */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>, { cannotHold, many }: Limits): void {
  const holds = (key: string): boolean => !cannotHold?.(key);

  describe(name, () => {
    let subject: StoreUnderTest;
    let store: ObjectStore;
    beforeEach(async () => {
      subject = await open();
      store = subject.store;
    });

    describe('an object', () => {
      test('is read as it was written', async () => {
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
        expect(read).toEqual({ ...head, lastModified: read?.lastModified });
        expect(await store.get('a/cat.jpg', { maxBytes: 5 })).toEqual({
          ...head,
          lastModified: read?.lastModified,
          body,
        });
        expect(await all(store)).toEqual([
          { key: 'a/cat.jpg', bytes: 5, etag, lastModified: expect.anything() as Date },
        ]);
        // S3 tells whole seconds.
        expect(read?.lastModified.getTime()).toBeGreaterThan(before - 1001);
        expect(read?.lastModified.getTime()).toBeLessThanOrEqual(Date.now());
      });

      test('has no more than was given', async () => {
        await store.put('a', Buffer.from('a'), { contentType: 'text/plain' });
        expect(await store.head('a')).toMatchObject({
          contentType: 'text/plain',
          cacheControl: undefined,
          metadata: {},
        });
      });

      test('can be empty', async () => {
        const { etag } = await store.put('a', Buffer.alloc(0), { contentType: 'text/plain' });
        expect(await store.head('a')).toMatchObject({ bytes: 0, etag });
        expect(await store.get('a', { maxBytes: 0 })).toMatchObject({ bytes: 0, etag, body: Buffer.alloc(0) });
      });

      test('can be larger than one piece of a stream', async () => {
        const body = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 251));
        await store.put('a', body, { contentType: 'text/plain' });
        expect((await store.get('a', { maxBytes: body.length }))?.body.equals(body)).toBe(true);
      });

      test('is undefined when it is not there', async () => {
        await store.put('a/b', Buffer.from('a'), { contentType: 'text/plain' });
        for (const key of ['x', 'a', 'a/', 'a/b/', 'a/b/c', 'a//b', '/a/b', 'A/B', './a/b', 'x'.repeat(1024)]) {
          expect([key, await store.head(key)]).toEqual([key, undefined]);
          expect([key, await store.get(key, { maxBytes: 10 })]).toEqual([key, undefined]);
        }
      });

      test('is refused past maxBytes', async () => {
        await store.put('a', Buffer.from('12345'), { contentType: 'text/plain' });
        expect(await store.get('a', { maxBytes: 5 })).toMatchObject({ bytes: 5 });
        for (const maxBytes of [4, 0]) {
          await expect(store.get('a', { maxBytes })).rejects.toMatchObject({
            code: 'file-too-large',
            retryable: false,
            message: expect.stringContaining(`at most ${maxBytes}`) as string,
          });
        }
      });

      test('is replaced whole, with all that belongs to it', async () => {
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

      test('takes a new type and new metadata with the same bytes', async () => {
        await store.put('a', Buffer.from('same'), { contentType: 'image/png', metadata: { x: '1' } });
        await store.put('a', Buffer.from('same'), { contentType: 'image/webp', metadata: { y: '2' } });
        expect(await store.head('a')).toMatchObject({ contentType: 'image/webp', metadata: { y: '2' } });
        expect((await store.head('a'))?.metadata).toEqual({ y: '2' });
      });

      test('has the ETag of its bytes: the same in every answer, another for other bytes of the same length', async () => {
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

      test('refuses names of metadata that would come back changed', async () => {
        for (const wrong of ['Upper', 'with space', '', 'colon:', '\u00fc']) {
          const options = { contentType: 'text/plain', metadata: { [wrong]: 'x' } };
          await expect(store.put('a', Buffer.from('a'), options)).rejects.toThrow(JSON.stringify(wrong));
        }
        expect(await store.head('a')).toBeUndefined();
      });
    });

    describe('keys', () => {
      test.each(SPECIMENS.filter(holds).map((key) => [JSON.stringify(key).slice(0, 60), key]))(
        'hold %s',
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

      test('are told apart, all of them together', async () => {
        const seen = new Set<string>();
        const keys = SPECIMENS.filter(holds).filter((key) => {
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
        ['nothing', ''],
        ['1025 bytes', 'x'.repeat(1025)],
        ['1025 bytes in fewer characters', `x${'\u00e9'.repeat(512)}`],
        ['half a surrogate pair', 'a\ud800b'],
      ])('are refused by name: %s', async (_, key) => {
        const refusal = { code: 'invalid-key', retryable: false };
        await expect(store.head(key)).rejects.toMatchObject(refusal);
        await expect(store.get(key, { maxBytes: 1 })).rejects.toMatchObject(refusal);
        await expect(store.put(key, Buffer.from('a'), { contentType: 'text/plain' })).rejects.toMatchObject(refusal);
        await store.put('kept', Buffer.from('a'), { contentType: 'text/plain' });
        await expect(store.delete(['kept', key])).rejects.toMatchObject(refusal);
        expect(await store.head('kept')).toBeDefined();
      });

      test('of any form hold and are told apart', async () => {
        // Any well-formed Unicode where the file system takes it; APFS and NTFS do not take all.
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

    describe('a listing', () => {
      const keys = ['a', 'a-b', 'a.jpg', 'a/', 'a/b', 'a/b/c', 'a//b', 'a0', 'ab', 'b/c', '\uffee', '\u{1f600}', '~'];

      test('is in the order of bytes', async () => {
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
      ])('below %j, shallow %j', async (prefix, shallow, expected) => {
        for (const key of keys) {
          await store.put(key, Buffer.from('x'), { contentType: 'text/plain' });
        }
        expect((await all(store, { prefix, shallow })).map(({ key }) => key)).toEqual(expected);
      });

      test('goes on past what is handled at once, and so does a delete', async () => {
        const keysOfMany = Array.from({ length: many }, (_, index) => `many/${String(index).padStart(4, '0')}`);
        await inParallel(keysOfMany, (key) => store.put(key, Buffer.from(key), { contentType: 'text/plain' }));
        expect((await all(store, { prefix: 'many/', shallow: true })).map(({ key }) => key)).toEqual(keysOfMany);
        await store.put('kept', Buffer.from('x'), { contentType: 'text/plain' });
        await store.delete(keysOfMany);
        expect((await all(store)).map(({ key }) => key)).toEqual(['kept']);
      });

      test('can be left early', async () => {
        for (const key of keys) {
          await store.put(key, Buffer.from('x'), { contentType: 'text/plain' });
        }
        for await (const { key } of store.list({ prefix: '' })) {
          expect(key).toBe('a');
          break;
        }
      });
    });

    describe('a delete', () => {
      test('removes what is named and nothing else', async () => {
        for (const key of ['a', 'a/b', 'a/c', 'b']) {
          await store.put(key, Buffer.from('x'), { contentType: 'text/plain' });
        }
        await store.delete(['a', 'a/c', 'a/c', 'not there', 'not/there']);
        expect((await all(store)).map(({ key }) => key)).toEqual(['a/b', 'b']);
        await store.delete([]);
        expect((await all(store)).map(({ key }) => key)).toEqual(['a/b', 'b']);
      });

      test('takes away all that belonged to the object', async () => {
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

    test('agrees with a map in every order of operations', async () => {
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

    test('shows a reader one version or another while writers replace it, never parts of two', async () => {
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

    test('keeps writes of different objects apart that run at the same time', async () => {
      const keys = Array.from({ length: 40 }, (_, index) => (index % 4 ? `a/b/${index}` : `a/${index}`));
      await inParallel(keys, async (key) => {
        await store.put(key, Buffer.from(key), { contentType: 'text/plain' });
        if (key.endsWith('1')) {
          await store.delete([key]);
        }
      });
      expect((await all(store)).map(({ key }) => key)).toEqual(inOrder(keys.filter((key) => !key.endsWith('1'))));
    });

    test('can be checked', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });

    test('takes no request of work whose time is over', async () => {
      await store.put('a', Buffer.from('x'), { contentType: 'text/plain' });
      const abort = new AbortController();
      const late: Readonly<Record<string, () => Promise<unknown>>> = {
        head: () => store.head('a'),
        get: () => store.get('a', { maxBytes: 1 }),
        put: () => store.put('a', Buffer.from('late'), { contentType: 'text/plain' }),
        delete: () => store.delete(['a']),
        list: () => all(store),
        check: () => store.check(),
      };
      await runWithSignal(abort.signal, async () => {
        expect((await store.head('a'))?.bytes).toBe(1);
        abort.abort();
        for (const [name, request] of Object.entries(late)) {
          const error: unknown = await request().catch((thrown: unknown) => thrown);
          expect([name, error]).toMatchObject([
            name,
            { name: 'ObjectStoreError', code: 'storage-unavailable', retryable: true },
          ]);
        }
      });
      expect((await store.get('a', { maxBytes: 10 }))?.body.toString()).toBe('x');
    });

    describe('that is gone itself', () => {
      const write = { contentType: 'text/plain' };
      test.each<[string, (gone: ObjectStore) => Promise<unknown>]>([
        ['head', (gone) => gone.head('a')],
        ['get', (gone) => gone.get('a', { maxBytes: 1 })],
        ['put', (gone) => gone.put('a', Buffer.from('x'), write)],
        ['put below a new directory', (gone) => gone.put('b/c/.d', Buffer.from('x'), write)],
        ['delete', (gone) => gone.delete(['a'])],
        ['delete of several', (gone) => gone.delete(['a', 'b'])],
        ['list', (gone) => all(gone)],
        ['list below a prefix', (gone) => all(gone, { prefix: 'a/', shallow: true })],
        ['check', (gone) => gone.check()],
      ])('never passes for a place without objects: %s', async (_, ask) => {
        await store.put('a', Buffer.from('x'), write);
        await subject.vanish();
        const error: unknown = await ask(store).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(ObjectStoreError);
        expect(error).toMatchObject({ name: 'ObjectStoreError', code: 'storage-not-found', retryable: true });
        expect((error as ObjectStoreError).message).toMatch(/^[a-z0-9][^\n]*create[^\n]*$/);
      });
    });
  });
}

/** Keys made of parts that collide where a mapping to paths is not careful. No two differ in case or accents only. */
const trickyKey = fc
  .array(
    fc.constantFrom('a', 'b', '', '.', '..', 'a.b', '%', '%61', '.%fa', '.%da', '.%c', 'c\u0000', '~', 'a'.repeat(253)),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((segments) => segments.join('/'))
  .filter((key) => key !== '');

/** A listing as a whole. */
export async function all(
  store: ObjectStore,
  options: ListOptions = { prefix: '' },
): Promise<Pick<ObjectHead, 'key' | 'bytes' | 'etag' | 'lastModified'>[]> {
  const objects = [];
  for await (const object of store.list(options)) {
    objects.push(object);
  }
  return objects;
}

function inOrder(keys: readonly string[]): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function inParallel(keys: readonly string[], work: (key: string) => Promise<unknown>): Promise<void> {
  const queue = [...keys];
  const worker = async (): Promise<void> => {
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
      await work(key);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
