import { type BigIntStats, constants, existsSync, fstatSync, readlinkSync } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ifPresent } from './directory-errors';

// Another process can replace a directory with a symbolic link between the check and the use of a path. On Linux, the functions
// prevent this attack with /proc/self/fd, which resolves paths relative to an open directory. On other systems, they compare
// the open file with the path after opening it, so that an attack requires two precisely timed replacements.
const HAS_PROC = process.platform === 'linux' && existsSync('/proc/self/fd');

/**
 * Flag for opening a directory without read permission. Node.js has no constant for this flag.
 *
 * @see https://man7.org/linux/man-pages/man2/open.2.html
 */
const O_PATH = 0o10000000;
/**
 * Flags for opening a file. With these flags, the operating system does not follow a symbolic link, and does not wait for the
 * writer of a named pipe. Windows does not support these flags.
 */
const FILE_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW || 0) | (constants.O_NONBLOCK || 0);

/** A regular file that is open for reading. The caller must close the file. */
export interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** Attributes of the file at the time of opening. */
  readonly stats: BigIntStats;
  /** Time of opening in milliseconds since 1970. */
  readonly openedAt: number;
}

/**
 * Opens a regular file. Returns undefined if the path is missing, contains a symbolic link, or is not a regular file.
 *
 * @param path absolute path in which all symbolic links of the root directory are resolved
 */
export async function openFile(path: string): Promise<OpenFile | undefined> {
  const openedAt = Date.now();
  const handle = await ifPresent(open(path, FILE_FLAGS));
  if (handle === undefined) {
    return undefined;
  }
  try {
    // Opening the file also reads the attributes. Therefore, `fstatSync` does not wait, even in a network file system.
    const stats = fstatSync(handle.fd, { bigint: true });
    if (stats.isFile() && (await isAt(handle, path, stats))) {
      return { path, handle, stats, openedAt };
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/**
 * Opens a regular file, returns the result of `read`, and closes the file. Returns undefined if {@link openFile} returns
 * undefined.
 */
export async function withFile<Result>(
  path: string,
  read: (file: OpenFile) => Promise<Result>,
): Promise<Result | undefined> {
  const file = await openFile(path);
  if (file === undefined) {
    return undefined;
  }
  try {
    return await read(file);
  } finally {
    await file.handle.close();
  }
}

/**
 * Returns the path of a directory with all symbolic links resolved.
 *
 * @throws Error with code `ENOENT` or `ENOTDIR` if the path is missing or not a directory
 */
export async function resolveDirectory(path: string): Promise<string> {
  if (!HAS_PROC) {
    const resolved = await realpath(path);
    if (!(await lstat(resolved)).isDirectory()) {
      throw noDirectory(path, 'ENOTDIR');
    }
    return resolved;
  }
  const handle = await open(path, O_PATH | constants.O_DIRECTORY);
  try {
    return actualPath(handle);
  } finally {
    await handle.close();
  }
}

/**
 * Runs work on the entries of a directory. `at` returns the path of an entry. The path refers to the opened directory, even if
 * another process replaces the directory.
 *
 * @param path absolute path in which all symbolic links of the root directory are resolved
 * @throws Error with code `ENOENT` if the path is missing, contains a symbolic link, or is not a directory
 */
export async function inDirectory<Result>(
  path: string,
  work: (at: (name: string) => string) => Promise<Result>,
): Promise<Result> {
  if (!HAS_PROC) {
    if ((await realpath(path)) !== path || !(await lstat(path)).isDirectory()) {
      throw noDirectory(path);
    }
    return work((name) => join(path, name));
  }
  const handle = await open(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if (actualPath(handle) !== path) {
      throw noDirectory(path);
    }
    return await work((name) => `${descriptorPath(handle)}/${name}`);
  } finally {
    await handle.close();
  }
}

async function isAt(handle: FileHandle, path: string, { dev, ino }: BigIntStats): Promise<boolean> {
  if (HAS_PROC) {
    const actual = actualPath(handle);
    // If a writer has replaced the open file, the path ends with ` (deleted)`.
    return actual === path || actual === `${path} (deleted)`;
  }
  if ((await ifPresent(realpath(path))) !== path) {
    return false;
  }
  const now = await ifPresent(lstat(path, { bigint: true }));
  return now?.dev === dev && now.ino === ino;
}

/** Returns the path of an open file. The synchronous call does not wait for a disk, because the kernel knows the path. */
function actualPath(handle: FileHandle): string {
  return readlinkSync(descriptorPath(handle));
}

function descriptorPath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

function noDirectory(path: string, code = 'ENOENT'): Error {
  return Object.assign(new Error(`${code}: no such directory, open '${path}'`), { code, syscall: 'open' });
}
