import { CLEAN_STATUS, SCAN_TAG } from '../contract';
import { ObjectStoreError, type ObjectHead, type ObjectStore, type TaggedObjectStore } from './object-store';
import { SCAN_CODES, type ScanCode } from './scan-codes';

/**
 * Wraps an object store so that the bytes and the metadata of an object are readable only after a malware scan without
 * findings.
 *
 * - For a blocked object, `head` returns only the attributes in the listing and the code of the scan result in `scan`.
 * - For a blocked object, `get` returns `undefined`.
 * - Before the end of the scan, `head`, `version` and `get` throw an ObjectStoreError with code `not-scanned`.
 *
 * The methods first read the tags of the object, and then the object. If another writer replaces the object between both
 * requests, S3 denies the second request. The reason is a bucket policy or an IAM policy that denies reads of objects without a
 * clean scan.
 */
export function scannedObjectStore<Store extends TaggedObjectStore>(store: Store): Store {
  /** Returns the code that blocks an object. The code of an object without findings is undefined. */
  const codeOf = async (key: string): Promise<{ readonly code: ScanCode | undefined } | undefined> => {
    const tags = await store.tags(key);
    if (tags === undefined) {
      return undefined;
    }
    const status = tags[SCAN_TAG];
    if (status === undefined) {
      throw new ObjectStoreError(
        'not-scanned',
        `${JSON.stringify(key)} has no tag ${SCAN_TAG}; its scan has not ended`,
      );
    }
    const codes: Readonly<Record<string, ScanCode>> = SCAN_CODES;
    return { code: status === CLEAN_STATUS ? undefined : (codes[status] ?? 'scan-failed') };
  };
  const read = async <T>(
    key: string,
    clean: () => Promise<T | undefined>,
    blocked: (code: ScanCode) => Promise<T | undefined>,
  ): Promise<T | undefined> => {
    const before = await codeOf(key);
    if (before?.code !== undefined) {
      return blocked(before.code);
    }
    try {
      return before && (await clean());
    } catch (error) {
      // Access is denied if another writer has replaced the object in the meantime. Then the tags of the new object apply.
      const after = isAccessDenied(error) ? await codeOf(key) : before;
      if (after?.code !== undefined) {
        return blocked(after.code);
      }
      throw error;
    }
  };
  const head: ObjectStore['head'] = (key) =>
    read(
      key,
      () => store.head(key),
      (scan) => listedHead(store, key, scan),
    );
  const scanned: Pick<ObjectStore, 'head' | 'version' | 'get'> = {
    head,
    version: head,
    get: (key, options) =>
      read(
        key,
        () => store.get(key, options),
        () => Promise.resolve(undefined),
      ),
  };
  return Object.assign(Object.create(store) as Store, scanned);
}

async function listedHead(store: ObjectStore, key: string, scan: ScanCode): Promise<ObjectHead | undefined> {
  for await (const object of store.list({ prefix: key })) {
    // If the object exists, its key is the first entry of a listing with the key as the prefix.
    const unknown = { version: object.etag, contentType: undefined, cacheControl: undefined, metadata: {} };
    return object.key === key ? { ...object, ...unknown, scan } : undefined;
  }
  return undefined;
}

function isAccessDenied(error: unknown): boolean {
  return error instanceof ObjectStoreError && error.code === 'access-denied';
}
