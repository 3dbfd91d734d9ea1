import type { StorageKind } from '../contract';
import type * as directoryStore from './directory/directory-object-store';
import type { DirectoryObjectStoreOptions } from './directory/directory-object-store';
import type { ObjectStore } from './object-store';
import type * as s3Store from './s3/s3-object-store';

export { runWithSignal, throwIfAborted } from './abort-scope';
export type { DirectoryObjectStore } from './directory/directory-object-store';
export { compareKeys, isLegalKey, MAX_KEY_BYTES } from './object-key';
export {
  canPresign,
  hasTags,
  canPutFiles,
  type FileObjectStore,
  type ListedObject,
  type ListOptions,
  OBJECT_STORE_ERROR_CODES,
  type ObjectHead,
  type ObjectVersion,
  type ObjectStore,
  ObjectStoreError,
  type ObjectStoreErrorCode,
  type PutOptions,
  type StoredObject,
  type TaggedObjectStore,
} from './object-store';
export { SCAN_CODES, type ScanCode } from './scan-codes';
export { scannedObjectStore } from './scanned-object-store';

/**
 * Loads the implementation of an object store on demand. For example, a process without buckets does not load the AWS SDK.
 * `require` replaces `import()`, which would need a file extension that only the bundler supports.
 */
declare function require(path: './directory/directory-object-store'): typeof directoryStore;
declare function require(path: './s3/s3-object-store'): typeof s3Store;

/** Options of {@link openObjectStore}. */
export interface OpenObjectStoreOptions extends Pick<DirectoryObjectStoreOptions, 'onWarning'> {
  /**
   * Whether the function creates a missing directory. If false, operations on a missing directory fail with
   * `storage-not-found`. The option has no effect for buckets.
   *
   * @default false
   */
  readonly create?: boolean;
}

/**
 * Opens the object store in a bucket or a directory. Loads the AWS SDK only for buckets.
 *
 * @throws ObjectStoreError with code `access-denied` if the directory cannot be created
 */
export async function openObjectStore(
  kind: StorageKind,
  name: string,
  { create = false, ...options }: OpenObjectStoreOptions = {},
): Promise<ObjectStore> {
  switch (kind) {
    case 's3': {
      const { S3ObjectStore } = require('./s3/s3-object-store');
      return new S3ObjectStore({ bucket: name });
    }
    case 'directory': {
      const { DirectoryObjectStore } = require('./directory/directory-object-store');
      const store = new DirectoryObjectStore({ directory: name, ...options });
      if (create) {
        await store.create();
      }
      return store;
    }
  }
}
