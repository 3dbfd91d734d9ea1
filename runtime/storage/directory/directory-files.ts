import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath, rename, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ObjectStoreError } from '../object-store';
import { hasCode, ifPresent } from './directory-errors';
import { TEMPORARY } from './directory-listing';
import { toDirectories, toKeyPath } from './key-path';
import { inDirectory, type OpenFile, openFile, resolveDirectory } from './safe-open';

/** Maximum number of attempts for a step of an operation that collides with concurrent writes. */
const MAX_TRIES = 20;
const COPY_CHUNK_BYTES = 256 * 1024;

/**
 * Reads and writes the files of an object store in a directory. {@link toKeyPath} maps keys to paths.
 *
 * No operation follows a symbolic link below the root. Therefore, no key can refer to a file outside of the root.
 *
 * Some file systems ignore case or Unicode normalization, and map several names to one file. On these file systems, only the
 * name with which a file was first written is a key.
 */
export class DirectoryFiles {
  private resolvedRoot: string | undefined;

  public constructor(public readonly root: string) {}

  /**
   * Returns the path of the root with all symbolic links resolved. The method never creates a missing root, because an empty
   * root means that all objects are deleted.
   *
   * @throws ObjectStoreError with code `storage-not-found` if the root is not a directory
   */
  public async findRoot(): Promise<string> {
    this.resolvedRoot = undefined;
    try {
      return (this.resolvedRoot = await resolveDirectory(this.root));
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG')) {
        throw error;
      }
      const problem = hasCode(error, 'ENOTDIR') ? 'is not a directory' : 'does not exist';
      throw new ObjectStoreError(
        'storage-not-found',
        `the directory ${this.root} ${problem}: create it, or correct its name`,
        { cause: error },
      );
    }
  }

  /** Returns the path of the root with all symbolic links resolved. The path is cached since the last {@link findRoot}. */
  public async knownRoot(): Promise<string> {
    return this.resolvedRoot ?? this.findRoot();
  }

  /** Opens the file of a key. Returns undefined if the object does not exist. */
  public async open(key: string): Promise<OpenFile | undefined> {
    for (const path of candidates(await this.knownRoot(), key)) {
      const file = await openFile(path);
      if (file !== undefined) {
        return file;
      }
    }
    await this.findRoot();
    return undefined;
  }

  /** Returns the directory of all keys that start with `keyStart`. `keyStart` is empty or ends with a slash. */
  public async directoryOf(keyStart: string): Promise<string> {
    return join(await this.findRoot(), ...toDirectories(keyStart.split('/').slice(0, -1)));
  }

  /**
   * Writes the file of a key atomically. The method writes a temporary file, calls `prepare`, and then renames the file.
   *
   * @returns whether the write replaced an existing object
   */
  public async write(
    key: string,
    content: Buffer | FileHandle,
    prepare: (stats: BigIntStats) => Promise<void>,
  ): Promise<boolean> {
    const root = await this.knownRoot();
    const temporary = await this.writeTemporary(root, key, content);
    try {
      await prepare(temporary.stats);
      const { path, isNew } = await retry(async () => {
        const target = await this.target(root, key);
        await inTwoDirectories(temporary.path, target.path, rename);
        return target;
      });
      const [plain, escaped] = candidates(root, key);
      const moved = path === plain && escaped !== undefined && (await ifPresent(remove(escaped))) === true;
      return !isNew || moved;
    } catch (error) {
      await ifPresent(remove(temporary.path));
      throw error;
    }
  }

  /** Deletes the file of a key. Also deletes the parent directories that are then empty. */
  public async remove(key: string): Promise<void> {
    const root = await this.knownRoot();
    let removed = false;
    for (const path of candidates(root, key)) {
      if (!(await ifPresent(removeOwnFile(path)))) {
        continue;
      }
      removed = true;
      for (let directory = dirname(path); directory !== root; directory = dirname(directory)) {
        // The deletion fails for a missing directory, for a protected directory, and for a directory with entries. The method
        // ignores these failures.
        const wasEmpty = await inDirectory(dirname(directory), (at) => rmdir(at(basename(directory)))).then(
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

  private writeTemporary(
    root: string,
    key: string,
    content: Buffer | FileHandle,
  ): Promise<{ readonly path: string; readonly stats: BigIntStats }> {
    const { directories, plain, escaped } = toKeyPath(key);
    const names = plain === undefined ? [...directories, ...escaped.slice(0, -1)] : directories;
    const name = TEMPORARY + randomUUID();
    return retry(async () => {
      const directory = await this.makeDirectories(root, names);
      return inDirectory(directory, async (at) => {
        const file = await open(at(name), 'wx');
        try {
          await (Buffer.isBuffer(content) ? file.writeFile(content) : copy(content, file));
          // Without `sync`, the file could be empty after a power failure, although its name and the manifest are stored.
          await file.sync();
          return { path: join(directory, name), stats: await file.stat({ bigint: true }) };
        } catch (error) {
          await ifPresent(unlink(at(name)));
          throw error;
        } finally {
          await file.close();
        }
      });
    });
  }

  /**
   * Returns the path for writing an object. The path is the plain path, or the escaped path if the plain path is a directory.
   */
  private async target(root: string, key: string): Promise<{ readonly path: string; readonly isNew: boolean }> {
    const { directories, plain, escaped } = toKeyPath(key);
    if (plain !== undefined) {
      const path = join(root, ...directories, plain);
      const stats = await ifPresent(lstat(path));
      if (stats === undefined) {
        return { path, isNew: true };
      }
      if (!stats.isDirectory()) {
        if (await isOwnFile(path)) {
          return { path, isNew: false };
        }
        throw occupied(path);
      }
    }
    const directory = await this.makeDirectories(root, [...directories, ...escaped.slice(0, -1)]);
    const path = join(directory, escaped.at(-1) ?? '');
    return { path, isNew: (await ifPresent(lstat(path))) === undefined };
  }

  private async makeDirectories(root: string, names: readonly string[]): Promise<string> {
    const whole = join(root, ...names);
    if (await isDirectory(whole)) {
      return whole;
    }
    await this.findRoot();
    let parent = root;
    for (const name of names) {
      await this.makeDirectory(parent, name);
      parent = join(parent, name);
    }
    if (!(await isDirectory(whole))) {
      throw occupied(whole);
    }
    return whole;
  }

  private async makeDirectory(parent: string, name: string): Promise<void> {
    const path = join(parent, name);
    try {
      await inDirectory(parent, (at) => mkdir(at(name)));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) {
        await this.findRoot();
      }
      if (!hasCode(error, 'EEXIST')) {
        throw error;
      }
      const stats = await ifPresent(lstat(path));
      if (stats?.isDirectory()) {
        return;
      }
      // S3 can store both `a` and `a/b`. To create the directory `a`, the object store moves the file of `a` to its escaped
      // path.
      const { plain, escaped } = toKeyPath(name);
      if (plain === undefined || !(await isOwnFile(path))) {
        throw stats === undefined ? error : occupied(path);
      }
      const aside = await this.makeDirectories(parent, escaped.slice(0, -1));
      await inTwoDirectories(path, join(aside, escaped.at(-1) ?? ''), rename);
      throw error;
    }
  }
}

/** Returns the possible paths of the file of a key, in their order of precedence. */
function candidates(root: string, key: string): string[] {
  const { directories, plain, escaped } = toKeyPath(key);
  const directory = join(root, ...directories);
  return [...(plain === undefined ? [] : [join(directory, plain)]), join(directory, ...escaped)];
}

/**
 * Returns whether a path refers to a regular file. Returns false if the path contains a symbolic link, or if its spelling
 * differs from the spelling in the file system.
 */
async function isOwnFile(path: string, alias = path): Promise<boolean> {
  return (await ifPresent(realpath(alias))) === path && (await ifPresent(lstat(alias)))?.isFile() === true;
}

/** Returns whether a path without symbolic links refers to a directory. */
async function isDirectory(path: string): Promise<boolean> {
  return (await ifPresent(inDirectory(path, () => Promise.resolve(true)))) === true;
}

function remove(path: string): Promise<boolean> {
  return inDirectory(dirname(path), async (at) => {
    await unlink(at(basename(path)));
    return true;
  });
}

function removeOwnFile(path: string): Promise<boolean> {
  return inDirectory(dirname(path), async (at) => {
    const alias = at(basename(path));
    const isOwn = await isOwnFile(path, alias);
    if (isOwn) {
      await ifPresent(unlink(alias));
    }
    return isOwn;
  });
}

function inTwoDirectories(from: string, to: string, work: (from: string, to: string) => Promise<void>): Promise<void> {
  return inDirectory(dirname(from), (fromDirectory) =>
    inDirectory(dirname(to), (toDirectory) => work(fromDirectory(basename(from)), toDirectory(basename(to)))),
  );
}

/** Appends all bytes of a file to another file. */
async function copy(from: FileHandle, to: FileHandle): Promise<void> {
  const chunk = Buffer.allocUnsafe(COPY_CHUNK_BYTES);
  for (let position = 0; ;) {
    const { bytesRead } = await from.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) {
      return;
    }
    await to.writeFile(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}

function occupied(path: string): ObjectStoreError {
  return new ObjectStoreError(
    'invalid-key',
    `cannot write to ${path}: a link, a device, or a name that differs only in case or accents occupies the path; remove it`,
  );
}

/** Error codes for a step that collides with another write. Windows reports EPERM if a directory has the same name. */
const COLLISIONS = [
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
      if (tries === MAX_TRIES || !hasCode(error, ...COLLISIONS)) {
        throw error;
      }
    }
  }
}
