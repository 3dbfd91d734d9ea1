import type { ListedObject, ListOptions, ObjectStore } from '../../../../runtime/storage';

/** Returns all objects of a listing. */
export async function all(store: ObjectStore, options: ListOptions = { prefix: '' }): Promise<ListedObject[]> {
  const objects = [];
  for await (const object of store.list(options)) {
    objects.push(object);
  }
  return objects;
}

/** Returns keys in the order of their UTF-8 bytes. */
export function inOrder(keys: readonly string[]): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Runs work for all keys, 16 at a time. */
export async function inParallel(keys: readonly string[], work: (key: string) => Promise<unknown>): Promise<void> {
  const queue = [...keys];
  const worker = async (): Promise<void> => {
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
      await work(key);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
