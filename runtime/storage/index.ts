import type { StorageKind } from '../contract';
import { DirectoryObjectStore } from './directory/directory-object-store';
import type { ObjectStore } from './object-store';
import type * as s3Store from './s3/s3-object-store';

export { DirectoryObjectStore, type DirectoryObjectStoreOptions } from './directory/directory-object-store';
export { compareKeys, isLegalKey, MAX_KEY_BYTES } from './object-key';
export { throwIfAborted, runWithSignal } from './abort-scope';
// As a type only: whoever opens no bucket must not load the AWS SDK.
export type { S3ObjectStore, S3ObjectStoreOptions } from './s3/s3-object-store';
export {
  canPresign,
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type PresigningObjectStore,
  type PutOptions,
  type ObjectStore,
  OBJECT_STORE_ERROR_CODES,
  ObjectStoreError,
  type ObjectStoreErrorCode,
  type StoredObject,
  type UploadTerms,
} from './object-store';

/** Loads the AWS SDK when it is called: an `import()` would need a file extension that only the bundler understands. */
declare function require(path: './s3/s3-object-store'): typeof s3Store;

/** How a store is opened. */
export interface OpenObjectStoreOptions {
  /** Make a directory that is not there; without effect on a bucket. Default: false, a missing one is `not-found`. */
  readonly create?: boolean;
}

/**
 * Opens a store: the bucket, or the directory, that is called `name`. Only a bucket loads the AWS SDK.
 *
 * @throws StoreError `denied` where a directory cannot be made
 */
export async function openObjectStore(
  kind: StorageKind,
  name: string,
  { create = false }: OpenObjectStoreOptions = {},
): Promise<ObjectStore> {
  switch (kind) {
    case 's3': {
      const { S3ObjectStore } = require('./s3/s3-object-store');
      return new S3ObjectStore({ bucket: name });
    }
    case 'directory': {
      const store = new DirectoryObjectStore({ directory: name });
      if (create) {
        await store.create();
      }
      return store;
    }
  }
}
