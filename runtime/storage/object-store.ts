/** What a store knows of an object without its bytes. */
export interface ObjectHead {
  readonly key: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** Changes whenever the bytes change; without quotes. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType: string | undefined;
  readonly cacheControl: string | undefined;
  /** The caller's own metadata, names in lower case (`x-amz-meta-` left out). */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object with its bytes. */
export interface StoredObject extends ObjectHead {
  readonly body: Buffer;
}

/** An object as a listing shows it. */
export type ListedObject = Pick<ObjectHead, 'key' | 'bytes' | 'etag' | 'lastModified'>;

/** What goes with the bytes of an object. */
export interface PutOptions {
  readonly contentType: string;
  readonly cacheControl?: string;
  /** Names in lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Which part of a listing is wanted. */
export interface ListOptions {
  /** Only keys that start with this. */
  readonly prefix: string;
  /** Leave out keys that hold a `/` after the prefix. Default: false. */
  readonly shallow?: boolean;
}

/**
 * A place for objects, with the consistency of S3: what is written is read by the next call. A missing object is a
 * result (`undefined`), every other failure a {@link ObjectStoreError}.
 */
export interface ObjectStore {
  /** What is known of an object, `undefined` when there is none. */
  head(key: string): Promise<ObjectHead | undefined>;
  /** An object, `undefined` when there is none; stops reading and throws `too-large` past `maxBytes`. */
  get(key: string, options: { readonly maxBytes: number }): Promise<StoredObject | undefined>;
  /** Writes an object whole or not at all, and tells its ETag. */
  put(key: string, body: Buffer, options: PutOptions): Promise<{ readonly etag: string }>;
  /** Removes objects; those that are not there count as removed. */
  delete(keys: readonly string[]): Promise<void>;
  /** All objects in the order of their keys' UTF-8 bytes. */
  list(options: ListOptions): AsyncIterable<ListedObject>;
  /** Resolves when the store can be reached and read. */
  check(): Promise<void>;
}

/** What a form may upload, exactly. */
export interface UploadTerms extends Pick<PutOptions, 'contentType' | 'metadata'> {
  readonly key: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Time from now in which it can be sent. */
  readonly seconds: number;
}

/** A store with an address of its own, that takes from others what somebody who may has signed for them. */
export interface PresigningObjectStore extends ObjectStore {
  /** A URL from which anybody can get an object for a while. */
  presignGet(key: string, options: { readonly seconds: number }): Promise<string>;
  /** A form by which anybody can upload one object: its fields go before the field `file`. */
  presignPost(terms: UploadTerms): Promise<{ readonly url: string; readonly fields: Readonly<Record<string, string>> }>;
}

/** Whether a store is one that others can be sent to. */
export function canPresign(store: ObjectStore): store is PresigningObjectStore {
  return 'presignGet' in store && 'presignPost' in store;
}

/**
 * Why a store did not do what it was asked.
 *
 * - `denied`: no permission
 * - `throttled`: asked too often
 * - `unreachable`: no answer, a broken one, or an error of the store's own
 * - `not-found`: the bucket or directory itself is missing
 * - `too-large`: more bytes than the caller takes
 * - `invalid-key`: a key that the store cannot hold
 */
export const OBJECT_STORE_ERROR_CODES = [
  'access-denied',
  'storage-throttled',
  'storage-unavailable',
  'storage-not-found',
  'file-too-large',
  'invalid-key',
] as const;
/** One of {@link OBJECT_STORE_ERROR_CODES}. */
export type ObjectStoreErrorCode = (typeof OBJECT_STORE_ERROR_CODES)[number];

/** A store's failure, told apart by {@link ObjectStoreErrorCode}. */
export class ObjectStoreError extends Error {
  public override readonly name = 'ObjectStoreError';

  public constructor(
    /** Why, for programs. */
    public readonly code: ObjectStoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same call could succeed at another time. */
  public get retryable(): boolean {
    return this.code !== 'file-too-large' && this.code !== 'invalid-key';
  }
}
