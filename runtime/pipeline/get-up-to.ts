import { ObjectStoreError, type ObjectStore, type StoredObject } from '../storage';

/** An object; undefined when there is none, or one of more bytes. */
export async function getUpTo(store: ObjectStore, key: string, maxBytes: number): Promise<StoredObject | undefined> {
  try {
    return await store.get(key, { maxBytes });
  } catch (error) {
    if (error instanceof ObjectStoreError && error.code === 'file-too-large') {
      return undefined;
    }
    throw error;
  }
}
