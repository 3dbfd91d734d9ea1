import { type FileHandle, lstat, mkdir, opendir } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { throwIfAborted } from '../abort-scope';
import { checkKey, showKey } from '../object-key';
import {
  checkMetadataNames,
  type FileObjectStore,
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type ObjectVersion,
  ObjectStoreError,
  type PutOptions,
  type StoredObject,
} from '../object-store';
import { ifPresent, toObjectStoreError } from './directory-errors';
import { DirectoryFiles } from './directory-files';
import { findFiles, type FoundFile } from './directory-listing';
import { etagOf, FileEtags, identityOf, isSameFile, type TaggedFile } from './file-etags';
import { KeyLocks } from './key-locks';
import { toKey } from './key-path';
import { type OpenFile, withFile } from './safe-open';
import { type Sidecar, Sidecars } from './sidecars';

/** Options of {@link DirectoryObjectStore}. */
export interface DirectoryObjectStoreOptions {
  /** Absolute path of the root directory, or path relative to the current working directory. */
  readonly directory: string;
  /**
   * Callback for each unreadable folder or file that a listing skips.
   *
   * @default - no callback
   */
  readonly onWarning?: (message: string) => void;
}

/** Number of files in a listing whose attributes the object store reads concurrently. */
const BATCH = 32;
/**
 * Maximum number of attempts to read an object. An attempt is repeated if another writer replaces the object in the meantime.
 */
const MAX_TRIES = 10;

/**
 * An object store in a directory. Each file is an object. The key of the object is the path of the file relative to the root,
 * with slashes.
 *
 * Files that users add have no content type and no metadata. Files whose names start with a dot are not objects. Such names are
 * reserved for escaped keys ({@link toKeyPath}) and attributes ({@link Sidecars}).
 */
export class DirectoryObjectStore implements FileObjectStore {
  private readonly root: string;
  private readonly files: DirectoryFiles;
  private readonly sidecars: Sidecars;
  private readonly etags: FileEtags;
  private readonly locks = new KeyLocks();
  private readonly onWarning: (message: string) => void;

  public constructor({ directory, onWarning = () => undefined }: DirectoryObjectStoreOptions) {
    this.root = resolve(directory);
    this.files = new DirectoryFiles(this.root);
    this.sidecars = new Sidecars(() => this.files.knownRoot());
    this.etags = new FileEtags(this.sidecars);
    this.onWarning = onWarning;
  }

  /** Creates the root directory and its subdirectory for attributes if these directories are missing. */
  public create(): Promise<void> {
    return attempt(`create the directory ${this.root}`, async () => {
      await mkdir(this.root, { recursive: true });
      await this.sidecars.create();
    });
  }

  /**
   * Returns the key of an absolute path, or of a path relative to the root. Returns undefined if no object can have the path.
   */
  public keyOf(path: string): string | undefined {
    return toKey(relative(this.root, resolve(this.root, path)).split(sep));
  }

  /** {@inheritDoc ObjectStore.head} */
  public async head(key: string): Promise<ObjectHead | undefined> {
    checkKey(key);
    return attempt(this.reading(key), async () => {
      const read = await this.readWhole(key, (file) => this.etags.read(key, file));
      return read?.head;
    });
  }

  /** {@inheritDoc ObjectStore.version} */
  public async version(key: string): Promise<ObjectVersion | undefined> {
    checkKey(key);
    return attempt(this.reading(key), async () => {
      const file = await this.files.open(key);
      await file?.handle.close();
      return file && { version: identityOf(file.stats) };
    });
  }

  /** {@inheritDoc ObjectStore.get} */
  public async get(key: string, { maxBytes }: { readonly maxBytes: number }): Promise<StoredObject | undefined> {
    checkKey(key);
    const doing = this.reading(key);
    return attempt(doing, async () => {
      const read = await this.readWhole(key, (file) => this.etags.readContent(key, file, maxBytes, doing));
      return read && { ...read.head, bytes: read.content.body.length, body: read.content.body };
    });
  }

  /** {@inheritDoc ObjectStore.put} */
  public put(key: string, body: Buffer, options: PutOptions): Promise<{ readonly etag: string }> {
    return this.write(key, body, options);
  }

  /** {@inheritDoc FileObjectStore.putFile} */
  public putFile(key: string, file: FileHandle, options: PutOptions): Promise<{ readonly etag: string }> {
    return this.write(key, file, options);
  }

  private async write(
    key: string,
    content: Buffer | FileHandle,
    options: PutOptions,
  ): Promise<{ readonly etag: string }> {
    checkKey(key);
    const { contentType, cacheControl, metadata = {} } = options;
    checkMetadataNames(metadata);
    const sidecar: Sidecar = { contentType, ...(cacheControl === undefined ? {} : { cacheControl }), metadata };
    return attempt(`write ${this.name(key)}`, () =>
      this.locks.run(key, async () => {
        let etag = '';
        const isReplaced = await this.files.write(key, content, async (stats) => {
          etag = await etagOf(content, stats);
          await this.sidecars.write(key, etag, sidecar);
        });
        if (isReplaced) {
          await this.sidecars.removeOld(key, etag);
        }
        return { etag };
      }),
    );
  }

  /** {@inheritDoc ObjectStore.delete} */
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
    const message = `${failures.length} of ${keys.length} objects remain; the first error: ${first.message}`;
    throw new ObjectStoreError(first.code, message, { cause: new AggregateError(failures) });
  }

  /**
   * {@inheritDoc ObjectStore.list}
   *
   * Skips unreadable subfolders and files. Calls `onWarning` for each skipped subfolder or file.
   *
   * @throws ObjectStoreError with code `access-denied` if the folder of the prefix is not readable
   */
  public async *list({ prefix, shallow = false }: ListOptions): AsyncIterable<ListedObject> {
    const doing = `list the directory ${this.root}${prefix ? ` with prefix ${showKey(prefix)}` : ''}`;
    const keyStart = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const directory = await attempt(doing, () => this.files.directoryOf(keyStart));
    const onUnreadable = (path: string, error: unknown): void => this.warn(`read the folder ${path}`, error);
    const files = findFiles(directory, keyStart, { prefix, shallow, onUnreadable });
    for (;;) {
      const batch = await attempt(doing, async () => {
        const found = await take(files, BATCH);
        return Promise.all(found.map((file) => this.describe(file)));
      });
      yield* batch.filter((object) => object !== undefined);
      if (batch.length < BATCH) {
        return;
      }
    }
  }

  /** {@inheritDoc ObjectStore.check} */
  public check(): Promise<void> {
    return attempt(`read the directory ${this.root}`, async () => {
      const directory = await opendir(await this.files.findRoot());
      await directory.close();
    });
  }

  /** Reads the file and the attributes of an object. Repeats the reads if another writer replaces the file in the meantime. */
  private async readWhole<Content extends TaggedFile>(
    key: string,
    read: (file: OpenFile) => Promise<Content>,
  ): Promise<{ readonly head: ObjectHead; readonly content: Content } | undefined> {
    for (let tries = 1; ; tries++) {
      const file = await this.files.open(key);
      if (file === undefined) {
        return undefined;
      }
      let content: Content;
      try {
        content = await read(file);
      } finally {
        await file.handle.close();
      }
      const { stats, etag } = content;
      const sidecar = await this.sidecars.read(key, content);
      if (sidecar === undefined && tries < MAX_TRIES) {
        // A file without a sidecar has two possible reasons: a user has added the file, or another writer has replaced the
        // file and deleted the sidecar.
        const now = await ifPresent(lstat(file.path, { bigint: true }));
        if (now === undefined || !isSameFile(now, stats)) {
          continue;
        }
      }
      const head = {
        key,
        bytes: Number(stats.size),
        etag,
        version: identityOf(stats),
        lastModified: stats.mtime,
        contentType: sidecar?.contentType,
        cacheControl: sidecar?.cacheControl,
        metadata: sidecar?.metadata ?? {},
      };
      return { head, content };
    }
  }

  private async describe({ key, path }: FoundFile): Promise<ListedObject | undefined> {
    const read = (file: OpenFile): Promise<TaggedFile> => this.etags.read(key, file);
    try {
      // If the file is missing, a concurrent write may have moved the file to the escaped path.
      const found = (await withFile(path, read)) ?? (await this.readWhole(key, read))?.content;
      return found && { key, bytes: Number(found.stats.size), etag: found.etag, lastModified: found.stats.mtime };
    } catch (error) {
      const failure = toObjectStoreError(error, this.reading(key));
      if (!(failure instanceof ObjectStoreError) || failure.code !== 'access-denied') {
        throw failure;
      }
      this.onWarning(failure.message);
      return undefined;
    }
  }

  private warn(doing: string, error: unknown): void {
    this.onWarning((toObjectStoreError(error, doing) as Error).message);
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
