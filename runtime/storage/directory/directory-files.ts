import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { ObjectStoreError } from '../object-store';
import { hasCode, ifThere } from './directory-errors';
import { TEMPORARY } from './directory-listing';
import { lstat, mkdir, open, realpath, rename, rmdir, stat, unlink } from './file-system';
import { toDirectories, toKeyPath } from './key-path';

/** How often a step is tried again that another one, of this process or of another, got in the way of. */
const MAX_TRIES = 20;

/** A file's bytes with what the file system said of it when it was opened. */
export interface ReadFile {
  readonly body: Buffer;
  readonly stats: BigIntStats;
  /** What it said when the bytes had been read. */
  readonly after: BigIntStats;
  /** When it was opened, in milliseconds since 1970. */
  readonly started: number;
}

/**
 * The files that are the objects of a directory: {@link toKeyPath} says where they lie.
 *
 * No link below the root is followed, so that no key leads out of it. Where a file system takes two names for one (by
 * case, by the form of Unicode), an object is found by the name that it was written by and by no other.
 */
export class DirectoryFiles {
  private found: string | undefined;

  public constructor(public readonly root: string) {}

  /**
   * The root's path without links.
   *
   * @throws StoreError `not-found`: it is never made on the way, because in an empty directory all objects seem removed
   */
  public async findRoot(): Promise<string> {
    this.found = undefined;
    const real = await ifThere(realpath(this.root));
    const stats = real === undefined ? undefined : await ifThere(stat(real));
    if (real !== undefined && stats?.isDirectory()) {
      return (this.found = real);
    }
    const problem = stats === undefined ? 'does not exist' : 'is not a directory';
    throw new ObjectStoreError(
      'storage-not-found',
      `the directory ${this.root} ${problem}: create it, or correct its name`,
    );
  }

  /** The file of a key, undefined when there is none. */
  public async find(key: string): Promise<string | undefined> {
    for (const path of candidates(await this.knownRoot(), key)) {
      if (await isOwnFile(path)) {
        return path;
      }
    }
    await this.findRoot();
    return undefined;
  }

  /** The directory of the keys that start with `keyStart`, which is empty or ends with a slash; undefined when there is none. */
  public async findDirectory(keyStart: string): Promise<string | undefined> {
    const path = join(await this.findRoot(), ...toDirectories(keyStart.split('/').slice(0, -1)));
    return (await ifThere(realpath(path))) === path ? path : undefined;
  }

  /**
   * Writes a key's file: its bytes to another name, then `prepare`, then the name, so that a reader sees the old file or
   * the new one. Tells whether there was an old one.
   */
  public async write(key: string, body: Buffer, prepare: (stats: BigIntStats) => Promise<void>): Promise<boolean> {
    const root = await this.knownRoot();
    const temporary = await this.writeTemporary(root, key, body);
    try {
      await prepare(temporary.stats);
      const { path, isNew } = await retry(async () => {
        const target = await this.target(root, key);
        await rename(temporary.path, target.path);
        return target;
      });
      const [plain, escaped] = candidates(root, key);
      const moved = path === plain && escaped !== undefined && (await ifThere(unlink(escaped).then(() => true)));
      return !isNew || moved === true;
    } catch (error) {
      await ifThere(unlink(temporary.path));
      throw error;
    }
  }

  /** Removes a key's file, and the directories that are empty then. */
  public async remove(key: string): Promise<void> {
    const root = await this.knownRoot();
    let removed = false;
    for (const path of candidates(root, key)) {
      if (!(await isOwnFile(path))) {
        continue;
      }
      await ifThere(unlink(path));
      removed = true;
      for (let directory = dirname(path); directory !== root; directory = dirname(directory)) {
        // Not empty, not there any more, or not ours to remove: in every case it stays.
        const wasEmpty = await rmdir(directory).then(
          () => true,
          () => false,
        );
        if (!wasEmpty) {
          break;
        }
      }
    }
    if (!removed) {
      await this.findRoot();
    }
  }

  private async knownRoot(): Promise<string> {
    return this.found ?? this.findRoot();
  }

  private writeTemporary(
    root: string,
    key: string,
    body: Buffer,
  ): Promise<{ readonly path: string; readonly stats: BigIntStats }> {
    return retry(async () => {
      const { directories, plain, escaped } = toKeyPath(key);
      const names = plain === undefined ? [...directories, ...escaped.slice(0, -1)] : directories;
      const path = join(await this.makeDirectories(root, names), TEMPORARY + randomUUID());
      const file = await open(path, 'wx');
      try {
        await file.write(body);
        // Else a power cut could leave the name without the bytes, and a manifest that vouches for them.
        await file.sync();
        return { path, stats: await file.stat() };
      } catch (error) {
        await ifThere(unlink(path));
        throw error;
      } finally {
        await file.close();
      }
    });
  }

  /** Where to write a key's file: by its own name, or by its other one while a directory has it. */
  private async target(root: string, key: string): Promise<{ readonly path: string; readonly isNew: boolean }> {
    const { directories, plain, escaped } = toKeyPath(key);
    if (plain !== undefined) {
      const path = join(root, ...directories, plain);
      const stats = await ifThere(lstat(path));
      if (stats === undefined) {
        return { path, isNew: true };
      }
      if (!stats.isDirectory()) {
        if (await isOwnFile(path)) {
          return { path, isNew: false };
        }
        throw taken(path);
      }
    }
    const directory = await this.makeDirectories(root, [...directories, ...escaped.slice(0, -1)]);
    const path = join(directory, escaped.at(-1) ?? '');
    return { path, isNew: (await ifThere(lstat(path))) === undefined };
  }

  private async makeDirectories(root: string, names: readonly string[]): Promise<string> {
    const whole = join(root, ...names);
    if ((await ifThere(realpath(whole))) === whole && (await ifThere(lstat(whole)))?.isDirectory()) {
      return whole;
    }
    await this.findRoot();
    let path = root;
    for (const name of names) {
      path = join(path, name);
      await this.makeDirectory(path, name);
    }
    if ((await realpath(whole)) !== whole) {
      throw taken(whole);
    }
    return whole;
  }

  private async makeDirectory(path: string, name: string): Promise<void> {
    try {
      await mkdir(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) {
        await this.findRoot();
      }
      if (!hasCode(error, 'EEXIST')) {
        throw error;
      }
      const stats = await ifThere(lstat(path));
      if (stats?.isDirectory()) {
        return;
      }
      // The object `a` is in the way of `a/b`: S3 holds both, so it takes its other name.
      const { plain, escaped } = toKeyPath(name);
      if (plain === undefined || !(await isOwnFile(path))) {
        throw stats === undefined ? error : taken(path);
      }
      const aside = await this.makeDirectories(dirname(path), escaped.slice(0, -1));
      await rename(path, join(aside, escaped.at(-1) ?? ''));
      throw error;
    }
  }
}

/**
 * A file's bytes, undefined when it is gone.
 *
 * @throws StoreError `too-large` past `maxBytes`, however much of it was there when it was opened
 */
export async function readUpTo(path: string, maxBytes: number, doing: string): Promise<ReadFile | undefined> {
  const file = await ifThere(open(path, constants.O_RDONLY | (constants.O_NOFOLLOW || 0)));
  if (file === undefined) {
    return undefined;
  }
  try {
    const started = Date.now();
    const stats = await file.stat();
    if (stats.size > maxBytes) {
      throw tooLarge(doing, String(stats.size), maxBytes);
    }
    let buffer = Buffer.allocUnsafe(Number(stats.size) + 1);
    let bytes = 0;
    for (;;) {
      const more = await file.read(buffer, bytes, bytes);
      bytes += more;
      if (bytes > maxBytes) {
        throw tooLarge(doing, 'more', maxBytes);
      }
      if (more === 0 || BigInt(bytes) === stats.size) {
        const after = await file.stat();
        // It can have grown since it was opened.
        if (more === 0 || BigInt(bytes) >= after.size) {
          return { body: buffer.subarray(0, bytes), stats, after, started };
        }
      }
      if (bytes === buffer.length) {
        buffer = Buffer.concat([buffer], Math.min(2 * bytes, maxBytes + 1));
      }
    }
  } finally {
    await file.close();
  }
}

function tooLarge(doing: string, bytes: string, maxBytes: number): ObjectStoreError {
  return new ObjectStoreError(
    'file-too-large',
    `cannot ${doing}: it has ${bytes} bytes, at most ${maxBytes} are taken`,
  );
}

/** Where a key's file can lie, the first place first. */
function candidates(root: string, key: string): string[] {
  const { directories, plain, escaped } = toKeyPath(key);
  const directory = join(root, ...directories);
  return [...(plain === undefined ? [] : [join(directory, plain)]), join(directory, ...escaped)];
}

/** Whether this is the path of a file, with no link in it and every name as the file system has it. */
async function isOwnFile(path: string): Promise<boolean> {
  return (await ifThere(realpath(path))) === path && (await ifThere(lstat(path)))?.isFile() === true;
}

function taken(path: string): ObjectStoreError {
  return new ObjectStoreError(
    'invalid-key',
    `cannot write to ${path}: there is a link, a device, or a name that differs only in case or accents; remove it`,
  );
}

/** Errors that mean: something was made, moved or removed between two steps. Windows says EPERM for a directory in the way. */
const IN_THE_WAY = [
  'ENOENT',
  'ENOTDIR',
  'EEXIST',
  'EISDIR',
  'ENOTEMPTY',
  ...(process.platform === 'win32' ? ['EPERM'] : []),
];

async function retry<Result>(step: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await step();
    } catch (error) {
      if (tries === MAX_TRIES || !hasCode(error, ...IN_THE_WAY)) {
        throw error;
      }
    }
  }
}
