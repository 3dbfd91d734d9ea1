import type { FileHandle } from 'node:fs/promises';
import { type ErrorCode, errorCodeDetails } from '../errors/error-codes';
import type { ScanCode } from './scan-codes';

/** Attributes of an object, without its bytes. */
export interface ObjectHead {
  /** Key of the object. */
  readonly key: string;
  /** Size of the object in bytes. */
  readonly bytes: number;
  /** ETag without quotes. The ETag changes with the bytes. */
  readonly etag: string;
  /** String that is different for each version of the object. */
  readonly version: string;
  /** Time of the last write. */
  readonly lastModified: Date;
  /** Media type. Undefined if the writer has not set a media type. */
  readonly contentType: string | undefined;
  /** `Cache-Control` header. Undefined if the writer has not set the header. */
  readonly cacheControl: string | undefined;
  /** User-defined metadata. Names are in lower case and without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Code of the malware scan result that blocks the object. @default - the object is not blocked */
  readonly scan?: ScanCode;
}

/**
 * Version of an object. Also contains the other attributes if the object store determines the ETag without the bytes of the
 * object.
 */
export type ObjectVersion = ObjectHead | { readonly version: string; readonly etag?: undefined };

/** An object with its bytes. */
export interface StoredObject extends ObjectHead {
  /** Content of the object. */
  readonly body: Buffer;
}

/** An entry of a listing. */
export type ListedObject = Pick<ObjectHead, 'key' | 'bytes' | 'etag' | 'lastModified'>;

/** Attributes to write with the bytes of an object. */
export interface PutOptions {
  /** Media type. */
  readonly contentType: string;
  /** `Cache-Control` header. @default - no header */
  readonly cacheControl?: string;
  /** User-defined metadata with names in lower case. @default - no metadata */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Filters of a listing. */
export interface ListOptions {
  /** Prefix of the listed keys. */
  readonly prefix: string;
  /** Whether the listing omits keys that contain a `/` after the prefix. @default false */
  readonly shallow?: boolean;
}

/**
 * Stores objects with the consistency of S3: every read returns the result of the latest write.
 *
 * For a missing object, methods return `undefined`. For every other failure, methods throw an {@link ObjectStoreError}.
 */
export interface ObjectStore {
  /** Returns the attributes of an object. */
  head(key: string): Promise<ObjectHead | undefined>;
  /**
   * Returns the version of an object. The method is faster than {@link head}, which can read all bytes of a file to compute its
   * ETag.
   */
  version(key: string): Promise<ObjectVersion | undefined>;
  /**
   * Returns an object with its bytes.
   *
   * @throws ObjectStoreError with code `file-too-large` if the object has more than `maxBytes` bytes
   */
  get(key: string, options: { readonly maxBytes: number }): Promise<StoredObject | undefined>;
  /** Writes an object atomically and returns its ETag. */
  put(key: string, body: Buffer, options: PutOptions): Promise<{ readonly etag: string }>;
  /** Deletes objects. Ignores missing objects. */
  delete(keys: readonly string[]): Promise<void>;
  /** Lists objects in the order of the UTF-8 bytes of their keys. */
  list(options: ListOptions): AsyncIterable<ListedObject>;
  /** Checks whether the object store is reachable and readable. @throws ObjectStoreError if the check fails */
  check(): Promise<void>;
}

/** An object store that can write an object from a file on disk, without reading the whole file into memory. */
export interface FileObjectStore extends ObjectStore {
  /** Writes an object atomically from an open file. Returns the ETag of the object. Does not close the file. */
  putFile(key: string, file: FileHandle, options: PutOptions): Promise<{ readonly etag: string }>;
}

/** Returns whether an object store can write objects from files on disk. */
export function canPutFiles(store: ObjectStore): store is FileObjectStore {
  return 'putFile' in store;
}

/** An object store whose objects have tags. */
export interface TaggedObjectStore extends ObjectStore {
  /** Returns the tags of an object. */
  tags(key: string): Promise<Readonly<Record<string, string>> | undefined>;
}

/** Returns whether the objects of an object store have tags. */
export function hasTags(store: ObjectStore): store is TaggedObjectStore {
  return 'tags' in store;
}

/** Conditions of a presigned upload. */
export interface UploadTerms extends Pick<PutOptions, 'contentType' | 'metadata'> {
  /** Key of the object to upload. */
  readonly key: string;
  /** Exact size of the file in bytes. */
  readonly bytes: number;
  /** Lifetime of the form in seconds. */
  readonly seconds: number;
}

/** An object store that clients can access directly by presigned requests. */
export interface PresigningObjectStore extends ObjectStore {
  /** Returns a URL that downloads the object for a limited time. */
  presignGet(key: string, options: { readonly seconds: number }): Promise<string>;
  /** Returns a form that uploads one object. Clients must send the returned `fields` before the field `file`. */
  presignPost(terms: UploadTerms): Promise<{ readonly url: string; readonly fields: Readonly<Record<string, string>> }>;
}

/** Returns whether an object store supports presigned requests. */
export function canPresign(store: ObjectStore): store is PresigningObjectStore {
  return 'presignGet' in store && 'presignPost' in store;
}

/**
 * Pattern of names that are the same after a transfer as HTTP headers: tokens in lower case (RFC 9110, section 5.6.2).
 */
const METADATA_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/**
 * Checks the names of user-defined metadata. All object stores use this function. Therefore, all object stores reject the same
 * names.
 *
 * @throws TypeError if a name contains characters that HTTP headers change or reject
 */
export function checkMetadataNames(metadata: Readonly<Record<string, string>>): void {
  const wrong = Object.keys(metadata).find((name) => !METADATA_NAME.test(name));
  if (wrong !== undefined) {
    throw new TypeError(
      `metadata name ${JSON.stringify(wrong)} is invalid: expected lower-case letters, digits and hyphens`,
    );
  }
}

/** Codes of {@link ObjectStoreError}. `ERROR_CODES` in runtime/errors contains the descriptions of the codes. */
export const OBJECT_STORE_ERROR_CODES = [
  'access-denied',
  'archived',
  'not-scanned',
  'storage-throttled',
  'storage-unavailable',
  'storage-not-found',
  'file-too-large',
  'invalid-key',
] as const satisfies readonly ErrorCode[];
/** One of {@link OBJECT_STORE_ERROR_CODES}. */
export type ObjectStoreErrorCode = (typeof OBJECT_STORE_ERROR_CODES)[number];

/** Error for a failed operation of an object store. */
export class ObjectStoreError extends Error {
  /** Name of the class. After serialization, the name identifies the error. */
  public override readonly name = 'ObjectStoreError';

  public constructor(
    /** Stable code of the failure. */
    public readonly code: ObjectStoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether a later call with the same arguments can succeed. */
  public get retryable(): boolean {
    return errorCodeDetails(this.code).retryable;
  }
}
