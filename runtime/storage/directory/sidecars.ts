import { createHash, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, ifThere } from './directory-errors';
import { mkdir, readText, rename, stat, unlink, writeText } from './file-system';

/** Name of the directory, below a store's root, that holds what files cannot: hidden, so that no key has a path there. */
export const STATE_DIRECTORY = '.cdk-thumbnails';

/** What goes with an object's bytes. */
export interface Sidecar {
  readonly contentType: string;
  readonly cacheControl?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An ETag, and what the file system said of the file that it was read off. */
export interface KnownEtag {
  readonly identity: string;
  readonly etag: string;
}

/** Age in ms from which a sidecar of other bytes is litter; before, it may belong to a write under way. */
const LITTER_AGE = 60_000;

/**
 * What belongs to the objects of a directory besides their bytes, in files of its own. A sidecar is found by the key and
 * the ETag of the bytes: it is written before them and comes into force with them, in one step, and a file that is
 * replaced by hand has none. What is remembered of ETags lies beside it.
 */
export class Sidecars {
  private readonly state: string;
  private readonly objects: string;

  public constructor(root: string) {
    this.state = join(root, STATE_DIRECTORY);
    this.objects = join(this.state, 'objects');
  }

  /** Makes the directory for it below the root, never the root itself. */
  public async create(): Promise<void> {
    await makeDirectory(this.state);
    await makeDirectory(this.objects);
  }

  /** What goes with these bytes of this key; undefined where they were not written by this store. */
  public read(key: string, etag: string): Promise<Sidecar | undefined> {
    return readJson<Sidecar>(this.path(key, `${etag}.json`));
  }

  /** Writes what goes with these bytes, whole or not at all. */
  public async write(key: string, etag: string, sidecar: Sidecar): Promise<void> {
    const content = JSON.stringify({ key, ...sidecar });
    const path = this.path(key, `${etag}.json`);
    try {
      // Nobody reads it before the bytes are in force, except where the same bytes are already.
      await writeText(path, content);
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'EEXIST')) {
        throw error;
      }
      if (hasCode(error, 'ENOENT')) {
        await this.create();
        await makeDirectory(this.shard(key));
      }
      await this.replace(key, path, content);
    }
  }

  /** What was remembered of the ETag of a key's file. */
  public readEtag(key: string): Promise<KnownEtag | undefined> {
    return readJson<KnownEtag>(this.path(key, 'etag'));
  }

  /**
   * Remembers an ETag where there is a place for it: reading a folder leaves nothing in it, unless it is a store already,
   * and one that cannot be written to is read all the same.
   */
  public async writeEtag(key: string, known: KnownEtag): Promise<void> {
    const write = (): Promise<void> => this.replace(key, this.path(key, 'etag'), JSON.stringify(known));
    try {
      await write().catch(async (error: unknown) => {
        if (!hasCode(error, 'ENOENT')) {
          throw error;
        }
        await makeDirectory(this.shard(key));
        await write();
      });
    } catch {
      // It is read off the bytes again next time.
    }
  }

  /** Removes what went with earlier bytes of a key. */
  public async removeOld(key: string, etag: string): Promise<void> {
    const current = [this.path(key, `${etag}.json`), this.path(key, 'etag')];
    for (const path of await this.all(key)) {
      if (current.includes(path)) {
        continue;
      }
      const stats = await ifThere(stat(path));
      if (stats && Date.now() - stats.mtimeMs > LITTER_AGE) {
        await ifThere(unlink(path));
      }
    }
  }

  /** Removes everything that went with a key. */
  public async remove(key: string): Promise<void> {
    for (const path of await this.all(key)) {
      await ifThere(unlink(path));
    }
  }

  private async all(key: string): Promise<string[]> {
    const start = `${nameOf(key).slice(2)}.`;
    const names = (await ifThere(readdir(this.shard(key)))) ?? [];
    return names.filter((name) => name.startsWith(start)).map((name) => join(this.shard(key), name));
  }

  private async replace(key: string, path: string, content: string): Promise<void> {
    const temporary = this.path(key, `${randomUUID()}.tmp`);
    try {
      await writeText(temporary, content);
      await rename(temporary, path);
    } catch (error) {
      await ifThere(unlink(temporary));
      throw error;
    }
  }

  private shard(key: string): string {
    return join(this.objects, nameOf(key).slice(0, 2));
  }

  private path(key: string, kind: string): string {
    return join(this.shard(key), `${nameOf(key).slice(2)}.${kind}`);
  }
}

/** A name that every file system holds and tells from every other, whatever the key. */
function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) {
      throw error;
    }
  }
}

async function readJson<Content>(path: string): Promise<Content | undefined> {
  const text = await ifThere(readText(path));
  if (text === undefined) {
    return undefined;
  }
  try {
    return JSON.parse(text) as Content;
  } catch {
    // Half of it was lost with the machine: as if it were not there.
    return undefined;
  }
}
