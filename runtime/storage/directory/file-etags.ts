import { createHash } from 'node:crypto';
import { type BigIntStats, fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { ObjectStoreError } from '../object-store';
import type { OpenFile } from './safe-open';
import type { Sidecars } from './sidecars';
import { type FileVersion, VersionCache } from './version-cache';

/** Attributes and ETag of one version of a file. */
export interface TaggedFile extends FileVersion {
  readonly stats: BigIntStats;
}

/** Bytes and attributes of one version of a file. */
export interface FileContent extends TaggedFile {
  readonly body: Buffer;
}

/**
 * Maximum size in bytes of a file whose ETag is a hash. The ETag of a larger file consists of its size, time and inode number.
 * Otherwise, listing a folder with videos would read all their bytes. The runtime never renders such large files.
 */
const MAX_HASHED_BYTES = 128 * 1024 * 1024;
/**
 * Age of a file in milliseconds from which every further change results in a new timestamp. Before this age, two writes of
 * equal size can result in equal timestamps. For example, timestamps of FAT have a resolution of 2 seconds.
 */
const SETTLED = 2000;
/** Maximum number of ETags in memory. */
const MAX_CACHED = 100_000;
const CHUNK = 1024 * 1024;
/** Size in bytes from which reading a cached ETag from disk requires less CPU time than hashing the bytes. */
const MIN_LOOKUP_BYTES = 256 * 1024;
/**
 * Hash algorithm of ETags. S3 uses the same algorithm. Therefore, a manifest has equal bytes in a bucket and in a directory.
 */
const DIGEST = 'md5';
/** Maximum number of attempts to hash a file that changes during the read. */
const MAX_TRIES = 3;

/**
 * Returns the ETag of the content of a file.
 *
 * @param content bytes, or an open file with the bytes
 * @param stats attributes of the stored file
 */
export async function etagOf(content: Buffer | FileHandle, stats: BigIntStats): Promise<string> {
  if (stats.size > MAX_HASHED_BYTES) {
    return etagOfStats(stats);
  }
  return Buffer.isBuffer(content)
    ? createHash(DIGEST).update(content).digest('hex')
    : hashOf(content, Number(stats.size));
}

/**
 * Returns whether two sets of attributes belong to the same version of a file. A rename changes none of the compared values.
 */
export function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

/**
 * Returns the ETags of files, including files of users. An ETag is a hash of the bytes of a file.
 *
 * The class caches each ETag with the identity of the file. The identity includes the time of the last change (ctime), which
 * software cannot set.
 */
export class FileEtags {
  private readonly cached = new VersionCache<string>(MAX_CACHED);

  public constructor(private readonly sidecars: Sidecars) {}

  /** Returns the ETag of a file. Reads the bytes of the file only if the ETag is not cached. */
  public async read(key: string, { handle, stats }: OpenFile): Promise<TaggedFile> {
    if (stats.size > MAX_HASHED_BYTES) {
      return { stats, etag: etagOfStats(stats) };
    }
    const identity = identityOf(stats);
    const cached = this.cached.get(key, identity);
    if (cached !== undefined) {
      return { stats, etag: cached, identity };
    }
    const known = await this.readKnown(key, identity);
    if (known !== undefined) {
      return { stats, etag: known, identity };
    }
    return this.hash(key, handle);
  }

  /**
   * Returns the bytes of a file with their ETag.
   *
   * @param maxBytes maximum size of the file in bytes
   * @param doing description of the operation, for the error message `cannot ${doing}: …`
   * @throws ObjectStoreError with code `file-too-large` if the file has, or grows to, more than `maxBytes` bytes
   */
  public async readContent(key: string, file: OpenFile, maxBytes: number, doing: string): Promise<FileContent> {
    const { body, after } = await readUpTo(file, maxBytes, doing);
    const { stats, openedAt } = file;
    const identity = identityOf(stats);
    const isSteady = identity === identityOf(after);
    const known = isSteady ? (this.cached.get(key, identity) ?? (await this.knownContent(key, stats))) : undefined;
    if (known !== undefined) {
      return { body, stats, etag: known, identity };
    }
    const etag = await etagOf(body, stats);
    if (isSteady && stats.size <= MAX_HASHED_BYTES && isSettled(stats, openedAt)) {
      this.cached.set(key, identity, etag);
      return { body, stats, etag, identity };
    }
    return { body, stats, etag };
  }

  /** Returns the ETag of a version of a file from disk. Returns undefined if the disk contains no ETag of this version. */
  private async readKnown(key: string, identity: string): Promise<string | undefined> {
    const known = await this.sidecars.readEtag(key);
    if (known?.identity !== identity) {
      return undefined;
    }
    this.cached.set(key, identity, known.etag);
    return known.etag;
  }

  /**
   * Returns the ETag of a large file from disk. A worker process thus reuses the ETag from the service process that received
   * the request.
   */
  private async knownContent(key: string, stats: BigIntStats): Promise<string | undefined> {
    const isLarge = stats.size >= MIN_LOOKUP_BYTES && stats.size <= MAX_HASHED_BYTES;
    return isLarge ? this.readKnown(key, identityOf(stats)) : undefined;
  }

  private async hash(key: string, handle: FileHandle): Promise<TaggedFile> {
    for (let tries = 1; ; tries++) {
      const started = Date.now();
      const stats = await handle.stat({ bigint: true });
      const etag = await hashOf(handle, Number(stats.size));
      const identity = identityOf(stats);
      const isSteady = identity === identityOf(await handle.stat({ bigint: true }));
      if (isSteady && isSettled(stats, started)) {
        this.cached.set(key, identity, etag);
        await this.sidecars.writeEtag(key, { identity, etag });
        return { stats, etag, identity };
      }
      if (isSteady || tries === MAX_TRIES) {
        return { stats, etag };
      }
    }
  }
}

/**
 * Reads a whole file, even if it grows during the read or if its attributes contain a wrong size, as in /proc.
 */
async function readUpTo(
  { handle, stats }: OpenFile,
  maxBytes: number,
  doing: string,
): Promise<{ readonly body: Buffer; readonly after: BigIntStats }> {
  const tooLarge = (bytes: string): ObjectStoreError =>
    new ObjectStoreError('file-too-large', `cannot ${doing}: it has ${bytes} bytes; expected at most ${maxBytes}`);
  if (stats.size > maxBytes) {
    throw tooLarge(String(stats.size));
  }
  let buffer = Buffer.allocUnsafe(Number(stats.size) + 1);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, bytes, buffer.length - bytes, bytes);
    bytes += bytesRead;
    if (bytes > maxBytes) {
      throw tooLarge('more');
    }
    if (bytesRead === 0 || BigInt(bytes) === stats.size) {
      const after = fstatSync(handle.fd, { bigint: true });
      if (bytesRead === 0 || BigInt(bytes) >= after.size) {
        return { body: buffer.subarray(0, bytes), after };
      }
    }
    if (bytes === buffer.length) {
      buffer = Buffer.concat([buffer], Math.min(2 * bytes, maxBytes + 1));
    }
  }
}

/** Returns whether every change of a file after `now` results in a new timestamp. */
function isSettled({ mtimeMs, ctimeMs }: BigIntStats, now: number): boolean {
  return now - Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs) > SETTLED;
}

/**
 * Returns a string that identifies a version of a file. Two versions have the same string only if a writer changes the bytes in
 * place, keeps the size, and writes both versions within the resolution of the timestamps.
 */
export function identityOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs, ctimeNs].join('-');
}

function etagOfStats({ ino, size, mtimeNs }: BigIntStats): string {
  return [size, mtimeNs, ino].map((number) => number.toString(16)).join('-');
}

async function hashOf(handle: FileHandle, size: number): Promise<string> {
  const hash = createHash(DIGEST);
  const chunk = Buffer.allocUnsafe(Math.min(size + 1, CHUNK));
  let position = 0;
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) {
      return hash.digest('hex');
    }
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}
