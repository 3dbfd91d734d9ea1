import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, ifPresent } from './directory-errors';
import { inDirectory, withFile } from './safe-open';
import { type FileVersion, VersionCache } from './version-cache';

/**
 * Name of the subdirectory of the root that contains the sidecars. The name starts with a dot, because files in hidden
 * directories are not objects.
 */
const STATE_DIRECTORY = '.cdk-thumbnails';

/** Attributes that a sidecar stores for the bytes of an object. */
export interface Sidecar {
  readonly contentType: string;
  readonly cacheControl?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An ETag with the identity of the file version to which the ETag belongs. */
export interface KnownEtag {
  readonly identity: string;
  readonly etag: string;
}

/** Minimum age in milliseconds of an obsolete sidecar. A newer sidecar can belong to a write that is still in progress. */
const OBSOLETE_AGE = 60_000;

/** Maximum number of cached sidecars. The cache requires about 5 MB of memory. */
const MAX_CACHED = 10_000;

/** Returns the path of an entry of a directory. See {@link inDirectory}. */
type At = (name: string) => string;

/**
 * Stores the attributes of each object in a separate file, the sidecar. The directory of the sidecars also contains a cache of
 * ETags.
 *
 * The name of a sidecar depends on the key and the ETag of the object. Because the object store writes the sidecar before the
 * bytes, the attributes are valid as soon as the bytes are stored. If a user replaces the bytes, no sidecar has their ETag.
 */
export class Sidecars {
  private readonly cached = new VersionCache<Sidecar>(MAX_CACHED);

  /** @param findRoot function that returns the root of the object store with all symbolic links resolved */
  public constructor(private readonly findRoot: () => Promise<string>) {}

  /** Creates the directory of the sidecars if the directory is missing. The root must exist. */
  public async create(): Promise<void> {
    const root = await this.findRoot();
    await makeDirectory(root, STATE_DIRECTORY);
    await makeDirectory(join(root, STATE_DIRECTORY), 'objects');
  }

  /**
   * Returns the attributes of a version of an object. Returns undefined if this object store has not written the version.
   *
   * Sidecars are cached by the identity of the version. A cached sidecar is never outdated, because every write replaces the
   * sidecar before the file and thus results in a new identity.
   */
  public async read(key: string, { etag, identity }: FileVersion): Promise<Sidecar | undefined> {
    const cached = identity === undefined ? undefined : this.cached.get(key, identity);
    if (cached) {
      return cached;
    }
    const sidecar = await this.readJson<Sidecar>(key, `${etag}.json`);
    if (sidecar && identity !== undefined) {
      this.cached.set(key, identity, sidecar);
    }
    return sidecar;
  }

  /** Atomically writes the attributes of the object's bytes that have this ETag. */
  public async write(key: string, etag: string, sidecar: Sidecar): Promise<void> {
    const content = JSON.stringify({ key, ...sidecar });
    const name = fileOf(key, `${etag}.json`);
    // A new sidecar needs no atomic write, because readers use it only after the bytes are stored. If the same bytes are
    // already stored, the sidecar exists (EEXIST), and must be replaced atomically.
    const write = (at: At): Promise<void> => writeFile(at(name), content, { flag: 'wx' });
    try {
      await inDirectory(await this.shard(key), write);
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'EEXIST')) {
        throw error;
      }
      if (hasCode(error, 'ENOENT')) {
        await this.create();
        await this.makeShard(key);
      }
      await this.replace(key, name, content);
    }
  }

  /** Returns the cached ETag of an object. */
  public readEtag(key: string): Promise<KnownEtag | undefined> {
    return this.readJson<KnownEtag>(key, 'etag');
  }

  /**
   * Caches an ETag if the directory of the sidecars exists. The method does not create this directory, because the call belongs
   * to a read. It ignores errors, because the root can be read-only.
   */
  public async writeEtag(key: string, known: KnownEtag): Promise<void> {
    const write = (): Promise<void> => this.replace(key, fileOf(key, 'etag'), JSON.stringify(known));
    try {
      await write().catch(async (error: unknown) => {
        if (!hasCode(error, 'ENOENT')) {
          throw error;
        }
        await this.makeShard(key);
        await write();
      });
    } catch {
      // Without a cached ETag, the next read computes the ETag again.
    }
  }

  /** Deletes the sidecars of earlier bytes of an object. */
  public removeOld(key: string, etag: string): Promise<void> {
    const current = [fileOf(key, `${etag}.json`), fileOf(key, 'etag')];
    return this.removeAll(key, async (at, name) => {
      const stats = current.includes(name) ? undefined : await ifPresent(lstat(at(name)));
      return stats !== undefined && Date.now() - stats.mtimeMs > OBSOLETE_AGE;
    });
  }

  /** Deletes all sidecars of an object. */
  public remove(key: string): Promise<void> {
    return this.removeAll(key, () => Promise.resolve(true));
  }

  private async removeAll(key: string, isUnused: (at: At, name: string) => Promise<boolean>): Promise<void> {
    const removal = inDirectory(await this.shard(key), async (at) => {
      const names = (await readdir(at('.'))).filter((name) => name.startsWith(fileOf(key, '')));
      for (const name of names) {
        if (await isUnused(at, name)) {
          await ifPresent(unlink(at(name)));
        }
      }
    });
    await ifPresent(removal);
  }

  private async replace(key: string, name: string, content: string): Promise<void> {
    const temporary = fileOf(key, `${randomUUID()}.tmp`);
    await inDirectory(await this.shard(key), async (at) => {
      try {
        await writeFile(at(temporary), content, { flag: 'wx' });
        await rename(at(temporary), at(name));
      } catch (error) {
        await ifPresent(unlink(at(temporary)));
        throw error;
      }
    });
  }

  private async readJson<Content>(key: string, kind: string): Promise<Content | undefined> {
    const path = join(await this.shard(key), fileOf(key, kind));
    const text = await withFile(path, ({ handle }) => handle.readFile('utf8'));
    try {
      return text === undefined ? undefined : (JSON.parse(text) as Content);
    } catch {
      // A power failure can truncate the file. A truncated file counts as missing.
      return undefined;
    }
  }

  /** Returns the directory for the sidecars of a key. The sidecars are distributed over 256 directories. */
  private async shard(key: string): Promise<string> {
    return join(await this.findRoot(), STATE_DIRECTORY, 'objects', hashOf(key).slice(0, 2));
  }

  private async makeShard(key: string): Promise<void> {
    await makeDirectory(join(await this.findRoot(), STATE_DIRECTORY, 'objects'), hashOf(key).slice(0, 2));
  }
}

/** Returns the file name of a sidecar: `<hash>.<kind>`. `<hash>` is the hash of the key without the first two digits. */
function fileOf(key: string, kind: string): string {
  return `${hashOf(key).slice(2)}.${kind}`;
}

/** Returns a hash of a key. The hash is a unique file name on every file system, even if the file system ignores case. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

async function makeDirectory(parent: string, name: string): Promise<void> {
  try {
    await inDirectory(parent, (at) => mkdir(at(name)));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) {
      throw error;
    }
  }
}
