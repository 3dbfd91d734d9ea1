import { mkdir, opendir } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { throwIfAborted } from '../abort-scope';
import { checkMetadataNames } from '../metadata';
import { checkKey, showKey } from '../object-key';
import {
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type PutOptions,
  type ObjectStore,
  ObjectStoreError,
  type StoredObject,
} from '../object-store';
import { ifThere, toObjectStoreError } from './directory-errors';
import { DirectoryFiles, readUpTo } from './directory-files';
import { findFiles, type FoundFile } from './directory-listing';
import { etagOf, FileEtags, isSameFile, type TaggedFile } from './file-etags';
import { lstat } from './file-system';
import { KeyLocks } from './key-locks';
import { toKey } from './key-path';
import { Sidecars, type Sidecar } from './sidecars';

/** Which directory. */
export interface DirectoryObjectStoreOptions {
  /** Path of the root; relative to the working directory of now. */
  readonly directory: string;
}

/** Files of a listing that are looked at together. */
const BATCH = 32;
/** How often an object is read again that was replaced meanwhile. */
const MAX_TRIES = 10;

/**
 * Objects in a directory. A file that somebody puts there is an object: its path below the root, with slashes, is its key.
 * Hidden files (`.` at the start of a name) are none, and nothing is known of a dropped file but its bytes. What keys need
 * beyond names, types and metadata lies hidden beside: {@link toKeyPath}, {@link Sidecars}.
 */
export class DirectoryObjectStore implements ObjectStore {
  private readonly root: string;
  private readonly files: DirectoryFiles;
  private readonly sidecars: Sidecars;
  private readonly etags: FileEtags;
  private readonly locks = new KeyLocks();

  public constructor({ directory }: DirectoryObjectStoreOptions) {
    this.root = resolve(directory);
    this.files = new DirectoryFiles(this.root);
    this.sidecars = new Sidecars(this.root);
    this.etags = new FileEtags(this.sidecars);
  }

  /** Makes the directory where it is not there, and a place in it for what the store keeps besides files. */
  public create(): Promise<void> {
    return attempt(`create the directory ${this.root}`, async () => {
      await mkdir(this.root, { recursive: true });
      await this.sidecars.create();
    });
  }

  /** The key of a file by its path, absolute or below the root; undefined where no object can be. */
  public keyOf(path: string): string | undefined {
    return toKey(relative(this.root, resolve(this.root, path)).split(sep));
  }

  /** {@inheritDoc Store.head} */
  public async head(key: string): Promise<ObjectHead | undefined> {
    checkKey(key);
    return attempt(this.reading(key), () =>
      this.readWhole(key, async (path) => {
        const file = await this.etags.read(key, path);
        return file && { file, bytes: Number(file.stats.size) };
      }).then((read) => read?.head),
    );
  }

  /** {@inheritDoc Store.get} */
  public async get(key: string, { maxBytes }: { readonly maxBytes: number }): Promise<StoredObject | undefined> {
    checkKey(key);
    const doing = this.reading(key);
    return attempt(doing, async () => {
      const read = await this.readWhole(key, async (path) => {
        const content = await readUpTo(path, maxBytes, doing);
        if (content === undefined) {
          return undefined;
        }
        const { body, stats } = content;
        return { file: { stats, etag: this.etags.ofRead(key, content) }, bytes: body.length, body };
      });
      return read && { ...read.head, body: read.content.body };
    });
  }

  /** {@inheritDoc Store.put} */
  public async put(key: string, body: Buffer, options: PutOptions): Promise<{ readonly etag: string }> {
    checkKey(key);
    const { contentType, cacheControl, metadata = {} } = options;
    checkMetadataNames(metadata);
    const sidecar: Sidecar = { contentType, ...(cacheControl === undefined ? {} : { cacheControl }), metadata };
    return attempt(`write ${this.name(key)}`, () =>
      this.locks.run(key, async () => {
        let etag = '';
        const isReplaced = await this.files.write(key, body, async (stats) => {
          etag = etagOf(body, stats);
          await this.sidecars.write(key, etag, sidecar);
        });
        if (isReplaced) {
          await this.sidecars.removeOld(key, etag);
        }
        return { etag };
      }),
    );
  }

  /** {@inheritDoc Store.delete} */
  public async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(checkKey);
    const failures: Error[] = [];
    for (const key of new Set(keys)) {
      const removed = attempt(`delete ${this.name(key)}`, () =>
        this.locks.run(key, async () => {
          await this.files.remove(key);
          await this.sidecars.remove(key);
        }),
      );
      await removed.catch((error: Error) => failures.push(error));
    }
    const [first] = failures;
    if (first === undefined) {
      return;
    }
    if (failures.length === 1 || !(first instanceof ObjectStoreError)) {
      throw first;
    }
    const message = `${failures.length} of ${keys.length} objects remain; the first: ${first.message}`;
    throw new ObjectStoreError(first.code, message, { cause: new AggregateError(failures) });
  }

  /** {@inheritDoc Store.list} */
  public async *list({ prefix, shallow = false }: ListOptions): AsyncIterable<ListedObject> {
    const doing = `list the directory ${this.root}${prefix ? ` below ${showKey(prefix)}` : ''}`;
    const keyStart = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const directory = await attempt(doing, () => this.files.findDirectory(keyStart));
    if (directory === undefined) {
      return;
    }
    const files = findFiles(directory, keyStart, { prefix, shallow });
    for (;;) {
      const batch = await attempt(doing, async () => {
        const found = await take(files, BATCH);
        return Promise.all(found.map(async (file) => this.describe(file)));
      });
      for (const object of batch) {
        if (object) {
          yield object;
        }
      }
      if (batch.length < BATCH) {
        return;
      }
    }
  }

  /** {@inheritDoc Store.check} */
  public check(): Promise<void> {
    return attempt(`read the directory ${this.root}`, async () => {
      const directory = await opendir(await this.files.findRoot());
      await directory.close();
    });
  }

  /** An object's file read by `read`, and what goes with the bytes that it read and with no others. */
  private async readWhole<Content extends { readonly file: TaggedFile; readonly bytes: number }>(
    key: string,
    read: (path: string) => Promise<Content | undefined>,
  ): Promise<{ readonly head: ObjectHead; readonly content: Content } | undefined> {
    for (let tries = 1; ; tries++) {
      const path = await this.files.find(key);
      const content = path === undefined ? undefined : await read(path);
      if (path === undefined || (content === undefined && tries === MAX_TRIES)) {
        return undefined;
      }
      if (content === undefined) {
        continue;
      }
      const { stats, etag } = content.file;
      const sidecar = await this.sidecars.read(key, etag);
      if (sidecar === undefined && tries < MAX_TRIES) {
        // Dropped by hand, or replaced since, and its sidecar removed.
        const now = await ifThere(lstat(path));
        if (now === undefined || !isSameFile(now, stats)) {
          continue;
        }
      }
      const head = {
        key,
        bytes: content.bytes,
        etag,
        lastModified: stats.mtime,
        contentType: sidecar?.contentType,
        cacheControl: sidecar?.cacheControl,
        metadata: sidecar?.metadata ?? {},
      };
      return { head, content };
    }
  }

  private async describe({ key, path }: FoundFile): Promise<ListedObject | undefined> {
    const found = await this.etags.read(key, path);
    const elsewhere = found ? path : await this.files.find(key);
    const file = found ?? (elsewhere === undefined ? undefined : await this.etags.read(key, elsewhere));
    return file && { key, bytes: Number(file.stats.size), etag: file.etag, lastModified: file.stats.mtime };
  }

  private name(key: string): string {
    return `${showKey(key)} in the directory ${this.root}`;
  }

  private reading(key: string): string {
    return `read ${this.name(key)}`;
  }
}

async function attempt<Result>(doing: string, task: () => Promise<Result>): Promise<Result> {
  throwIfAborted(doing);
  try {
    return await task();
  } catch (error) {
    throw toObjectStoreError(error, doing);
  }
}

async function take<Item>(items: AsyncIterator<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  while (taken.length < count) {
    const next = await items.next();
    if (next.done) {
      break;
    }
    taken.push(next.value);
  }
  return taken;
}
