import type { StoreKind } from '../contract';
import { DirectoryStore } from './directory/directory-object-store';
import type * as s3Store from './s3/s3-object-store';
import type { Store } from './object-store';

export { DirectoryStore, type DirectoryStoreOptions } from './directory/directory-object-store';
export { compareKeys, isLegalKey, MAX_KEY_BYTES } from './object-key';
export { refuseIfOver, runUntil } from './abort-scope';
// As a type only: whoever opens no bucket must not load the AWS SDK.
export type { S3Store, S3StoreOptions } from './s3/s3-object-store';
export {
  canPresign,
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type PresigningStore,
  type PutOptions,
  type Store,
  STORE_ERROR_CODES,
  StoreError,
  type StoreErrorCode,
  type StoredObject,
  type UploadTerms,
} from './object-store';

/** Loads the AWS SDK when it is called: an `import()` would need a file extension that only the bundler understands. */
declare function require(path: './s3/s3-object-store'): typeof s3Store;

/** How a store is opened. */
export interface OpenStoreOptions {
  /** Make a directory that is not there; without effect on a bucket. Default: false, a missing one is `not-found`. */
  readonly create?: boolean;
}

/**
 * Opens a store: the bucket, or the directory, that is called `name`. Only a bucket loads the AWS SDK.
 *
 * @throws StoreError `denied` where a directory cannot be made
 */
export async function openStore(
  kind: StoreKind,
  name: string,
  { create = false }: OpenStoreOptions = {},
): Promise<Store> {
  switch (kind) {
    case 's3': {
      const { S3Store } = require('./s3/s3-object-store');
      return new S3Store({ bucket: name });
    }
    case 'directory': {
      const store = new DirectoryStore({ directory: name });
      if (create) await store.create();
      return store;
    }
  }
}
