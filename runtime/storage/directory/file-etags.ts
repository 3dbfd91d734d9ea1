import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { ifThere } from './directory-errors';
import type { ReadFile } from './directory-files';
import { lstat, open, type OpenFile } from './file-system';
import type { Sidecars } from './sidecars';

/** A file and its ETag, both of the same moment. */
export interface TaggedFile {
  readonly stats: BigIntStats;
  readonly etag: string;
}

/**
 * Beyond this size in bytes, a file's ETag is made of its size, time and number: nobody renders it, and a folder of films
 * must not be read whole to be listed.
 */
const MAX_HASHED_BYTES = 128 * 1024 * 1024;
/**
 * Age in ms from which a file's times tell every later change: until then, bytes of the same number could have been written
 * in the same tick of the file system's clock, at most 2 seconds long (FAT).
 */
const SETTLED = 2000;
/** Files whose ETags are held in memory. */
const MAX_CACHED = 100_000;
const CHUNK = 1024 * 1024;
/** As S3 makes its ETags: what is stored of an image is the same in a bucket and in a folder, to the last byte. */
const DIGEST = 'md5';
/** Times that a file is hashed anew because it changed meanwhile. */
const MAX_TRIES = 3;

/** ETag of bytes that are, or are about to be, the file that `stats` describes. */
export function etagOf(body: Buffer, stats: BigIntStats): string {
  return stats.size > MAX_HASHED_BYTES ? etagOfStats(stats) : createHash(DIGEST).update(body).digest('hex');
}

/** Whether two descriptions are of the same bytes, so far as a file system tells. A rename keeps all three. */
export function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

/**
 * ETags of files, whoever wrote them: a hash of their bytes. It is read off the bytes once, and remembered with what the
 * file system says of the file, the time of its last change of any kind (ctime) included, which no program can set.
 */
export class FileEtags {
  private readonly cached = new Map<string, { readonly identity: string; readonly etag: string }>();

  public constructor(private readonly sidecars: Sidecars) {}

  /** The file by this path, undefined when it is gone. */
  public async read(key: string, path: string): Promise<TaggedFile | undefined> {
    const stats = await ifThere(lstat(path));
    if (!stats?.isFile()) {
      return undefined;
    }
    if (stats.size > MAX_HASHED_BYTES) {
      return { stats, etag: etagOfStats(stats) };
    }
    const identity = identityOf(stats);
    const known = this.cached.get(key) ?? (await this.sidecars.readEtag(key));
    if (known?.identity === identity) {
      this.remember(key, known);
      return { stats, etag: known.etag };
    }
    return this.hash(key, path);
  }

  /** The ETag of bytes that were just read: the one that is known of their file, unless it has changed since, else theirs. */
  public ofRead(key: string, { body, stats, after, started }: ReadFile): string {
    const identity = identityOf(stats);
    const steady = identity === identityOf(after);
    const known = this.cached.get(key);
    if (steady && known?.identity === identity) {
      return known.etag;
    }
    const etag = etagOf(body, stats);
    if (steady && stats.size <= MAX_HASHED_BYTES && isSettled(stats, started)) {
      this.remember(key, { identity, etag });
    }
    return etag;
  }

  private async hash(key: string, path: string): Promise<TaggedFile | undefined> {
    const file = await ifThere(open(path, 'r'));
    if (file === undefined) {
      return undefined;
    }
    try {
      for (let tries = 1; ; tries++) {
        const started = Date.now();
        const stats = await file.stat();
        const etag = await hashOf(file, Number(stats.size));
        const identity = identityOf(stats);
        const steady = identity === identityOf(await file.stat());
        if (steady && isSettled(stats, started)) {
          this.remember(key, { identity, etag });
          await this.sidecars.writeEtag(key, { identity, etag });
        }
        if (steady || tries === MAX_TRIES) {
          return { stats, etag };
        }
      }
    } finally {
      await file.close();
    }
  }

  private remember(key: string, entry: { readonly identity: string; readonly etag: string }): void {
    this.cached.delete(key);
    this.cached.set(key, entry);
    if (this.cached.size <= MAX_CACHED) {
      return;
    }
    const [oldest] = this.cached.keys();
    if (oldest !== undefined) {
      this.cached.delete(oldest);
    }
  }
}

/** Whether the times of a file that was described at `now` tell every later change of it. */
function isSettled({ mtimeMs, ctimeMs }: BigIntStats, now: number): boolean {
  return now - Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs) > SETTLED;
}

function identityOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs, ctimeNs].join('-');
}

function etagOfStats({ ino, size, mtimeNs }: BigIntStats): string {
  return [size, mtimeNs, ino].map((number) => number.toString(16)).join('-');
}

async function hashOf(file: OpenFile, size: number): Promise<string> {
  const hash = createHash(DIGEST);
  const chunk = Buffer.allocUnsafe(Math.min(size + 1, CHUNK));
  let position = 0;
  for (;;) {
    const bytesRead = await file.read(chunk, 0, position);
    if (bytesRead === 0) {
      return hash.digest('hex');
    }
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}
