import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import {
  compareKeys,
  type FileObjectStore,
  ObjectStoreError,
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type ObjectVersion,
  type PutOptions,
  type StoredObject,
} from '../../../runtime/storage';

/** A request to a {@link MemoryObjectStore}. A deletion of several keys is one request for each key. */
export interface StoreRequest {
  readonly operation: 'head' | 'get' | 'put' | 'delete' | 'list' | 'check';
  /** Key of the object, prefix of the listing, or an empty string for a check. */
  readonly key: string;
}

/**
 * Callback for each request, before (`sent`) and after (`answered`) the effect of the request. The callback can throw
 * an error to fail the request, wait to delay the request, or never resolve to lose the request.
 */
export type StoreHook = (request: StoreRequest, moment: 'sent' | 'answered') => void | Promise<void>;

/** Options of {@link MemoryObjectStore}. */
export interface MemoryStoreOptions {
  /** Callback for each request. @default - no callback */
  readonly hook?: StoreHook;
  /**
   * `content`: the MD5 hash of the bytes, as in S3 by default. `unique`: a new value for each write, as in S3 with KMS
   * keys.
   *
   * @default content
   */
  readonly etags?: 'content' | 'unique';
  /** Number of objects per page of a listing. Other requests can run between two pages. @default 1000 */
  readonly pageSize?: number;
  /** Returns the time for `lastModified`. @default - the system time */
  readonly now?: () => Date;
}

/** Contents of an object store. All clients of the object store share these contents. */
interface Contents {
  readonly objects: Map<string, StoredObject>;
  /** Keys in the order of their UTF-8 bytes. */
  readonly order: string[];
  puts: number;
}

/** Maximum length of a key in bytes, as in S3. */
const MAX_KEY_BYTES = 1024;

/** An object store in memory with the behaviour of S3: strong consistency, last writer wins, paged listings. */
export class MemoryObjectStore implements FileObjectStore {
  public constructor(
    private readonly options: MemoryStoreOptions = {},
    private readonly contents: Contents = { objects: new Map(), order: [], puts: 0 },
  ) {}

  /** Returns a client of this object store with a separate callback. */
  public client(hook: StoreHook): MemoryObjectStore {
    return new MemoryObjectStore({ ...this.options, hook }, this.contents);
  }

  /** Current objects. Sends no request. */
  public get objects(): ReadonlyMap<string, StoredObject> {
    return this.contents.objects;
  }

  /** Current keys in the order of their UTF-8 bytes. Sends no request. */
  public get keys(): readonly string[] {
    return this.contents.order;
  }

  public async head(key: string): Promise<ObjectHead | undefined> {
    return this.request({ operation: 'head', key }, () => {
      const object = this.contents.objects.get(key);
      return object && headOf(object);
    });
  }

  public version(key: string): Promise<ObjectVersion | undefined> {
    return this.head(key);
  }

  public async get(key: string, { maxBytes }: { readonly maxBytes: number }): Promise<StoredObject | undefined> {
    return this.request({ operation: 'get', key }, () => {
      const object = this.contents.objects.get(key);
      if (object && object.bytes > maxBytes) {
        throw new ObjectStoreError('file-too-large', `${key} has ${object.bytes} bytes; expected at most ${maxBytes}`);
      }
      return object && { ...object, body: Buffer.from(object.body) };
    });
  }

  public async put(key: string, body: Buffer, options: PutOptions): Promise<{ readonly etag: string }> {
    return this.request({ operation: 'put', key }, () => {
      const hash = createHash('md5').update(body);
      if (this.options.etags === 'unique') {
        hash.update(String((this.contents.puts += 1)));
      }
      const etag = hash.digest('hex');
      const object: StoredObject = {
        key,
        bytes: body.length,
        etag,
        version: etag,
        lastModified: this.options.now?.() ?? new Date(),
        contentType: options.contentType,
        cacheControl: options.cacheControl,
        metadata: { ...options.metadata },
        body: Buffer.from(body),
      };
      if (!this.contents.objects.has(key)) {
        this.contents.order.splice(firstFrom(this.keys, key), 0, key);
      }
      this.contents.objects.set(key, object);
      return { etag: object.etag };
    });
  }

  public async putFile(key: string, file: FileHandle, options: PutOptions): Promise<{ readonly etag: string }> {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(size), 0, size, 0);
    return this.put(key, buffer, options);
  }

  public async delete(keys: readonly string[]): Promise<void> {
    await Promise.all(
      keys.map((key) =>
        this.request({ operation: 'delete', key }, () => {
          if (this.contents.objects.delete(key)) {
            this.contents.order.splice(firstFrom(this.keys, key), 1);
          }
        }),
      ),
    );
  }

  public async *list({ prefix, shallow = false }: ListOptions): AsyncGenerator<ListedObject> {
    const pageSize = this.options.pageSize ?? 1000;
    let after: string | undefined;
    for (;;) {
      const page = await this.request({ operation: 'list', key: prefix }, () => this.page(prefix, after, pageSize));
      for (const { key, bytes, etag, lastModified } of page) {
        if (!shallow || !key.includes('/', prefix.length)) {
          yield { key, bytes, etag, lastModified };
        }
      }
      const last = page.at(-1);
      if (!last || page.length < pageSize) {
        return;
      }
      after = last.key;
    }
  }

  public async check(): Promise<void> {
    await this.request({ operation: 'check', key: '' }, () => undefined);
  }

  private page(prefix: string, after: string | undefined, pageSize: number): StoredObject[] {
    const page: StoredObject[] = [];
    for (let index = firstFrom(this.keys, after ?? prefix); page.length < pageSize; index++) {
      const key = this.keys[index];
      if (!key?.startsWith(prefix)) {
        break;
      }
      if (key !== after) {
        page.push(this.contents.objects.get(key)!);
      }
    }
    return page;
  }

  private async request<T>(request: StoreRequest, effect: () => T): Promise<T> {
    if (request.operation !== 'list' && request.operation !== 'check') {
      const bytes = Buffer.byteLength(request.key);
      if (bytes === 0 || bytes > MAX_KEY_BYTES) {
        throw new ObjectStoreError('invalid-key', `the key has ${bytes} bytes; expected 1 to ${MAX_KEY_BYTES}`);
      }
    }
    await this.options.hook?.(request, 'sent');
    const result = effect();
    await this.options.hook?.(request, 'answered');
    return result;
  }
}

function headOf(object: StoredObject): ObjectHead {
  const { key, bytes, etag, version, lastModified, contentType, cacheControl, metadata } = object;
  return { key, bytes, etag, version, lastModified, contentType, cacheControl, metadata };
}

/** Returns the index of the first sorted key that does not precede the given key. */
function firstFrom(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle]!, key) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
