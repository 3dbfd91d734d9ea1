import fc from 'fast-check';
import { storedFolders } from '../../../../runtime/pipeline/thumbnail-set/stored-folders';
import { MemoryObjectStore } from '../../../support/aws/memory-store';

async function storeOf(keys: readonly string[]): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore();
  for (const key of keys) {
    await store.put(key, Buffer.from(key), { contentType: 'text/plain' });
  }
  return store;
}

async function foldersOf(keys: readonly string[]): Promise<[name: string, files: string[]][]> {
  const folders: [string, string[]][] = [];
  for await (const { name, files } of storedFolders((await storeOf(keys)).list({ prefix: '' }))) {
    for (const [file, { key }] of files) {
      expect(key).toBe(`${name}/${file}`);
    }
    folders.push([name, [...files.keys()]]);
  }
  return folders;
}

test('storedFolders() groups files that are listed before and after a nested folder', async () => {
  const keys = ['a.jpg/a.webp', 'a.jpg/b/manifest.json', 'a.jpg/b/x.png', 'a.jpg/c.webp', 'a.jpg/notes.txt', 'b.webp'];
  expect(await foldersOf(keys)).toEqual([
    ['a.jpg/b', ['manifest.json', 'x.png']],
    ['a.jpg', ['a.webp', 'c.webp']],
  ]);
});

test('storedFolders() returns each folder once with all of its files', async () => {
  const segment = fc.constantFrom('a', 'b', 'a.jpg', '', '!', 'ü', 's.webp');
  const key = fc
    .tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom('manifest.json', 's.webp', 't.jpg', 'other', 'T.jpg'))
    .map(([segments, file]) => [...segments, file].join('/'));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(key, { maxLength: 30, size: 'max' }), async (keys) => {
      const wanted = new Map<string, string[]>();
      for (const text of keys) {
        const slash = text.lastIndexOf('/');
        if (slash >= 0 && /\/(?:manifest\.json|s\.webp|t\.jpg)$/.test(text)) {
          const folder = text.slice(0, slash);
          wanted.set(folder, [...(wanted.get(folder) ?? []), text.slice(slash + 1)].sort());
        }
      }
      const folders = await foldersOf(keys);
      expect(folders.length).toBe(wanted.size);
      expect(new Map(folders.map(([name, files]) => [name, files.sort()]))).toEqual(wanted);
    }),
    { seed: 43, numRuns: 500 },
  );
});
