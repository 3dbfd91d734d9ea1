import type { ObjectStore } from '../../../../runtime/storage';

/** An empty object store for one test. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Deletes the bucket or the directory. */
  vanish(): Promise<void>;
}

/** Returns the object store of the current test. */
export type Subject = () => StoreUnderTest;
