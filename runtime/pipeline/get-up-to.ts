import { StoreError, type Store, type StoredObject } from '../storage';

/** An object; undefined when there is none, or one of more bytes. */
export async function getUpTo(store: Store, key: string, maxBytes: number): Promise<StoredObject | undefined> {
  try {
    return await store.get(key, { maxBytes });
  } catch (error) {
    if (error instanceof StoreError && error.code === 'too-large') {
      return undefined;
    }
    throw error;
  }
}
