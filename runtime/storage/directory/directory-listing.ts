import type { Dirent } from 'node:fs';
import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { compareKeys, isLegalKey } from '../object-key';
import { hasCode, ifPresent } from './directory-errors';
import { type NamePart, readName, unescape } from './key-path';
import { inDirectory } from './safe-open';

/** Prefix of the names of temporary files. The prefix starts with a dot, because hidden files are not objects. */
export const TEMPORARY = '.cdk-thumbnails-';
/** Minimum age in milliseconds of temporary files that a listing deletes, because the process that wrote them has crashed. */
const ABANDONED_AGE = 3_600_000;

/** A file that contains an object. */
export interface FoundFile {
  readonly key: string;
  readonly path: string;
}

/** Options of {@link findFiles}. */
export interface FindFilesOptions {
  /** Prefix of the keys to find. The prefix starts with the key of the directory. */
  readonly prefix: string;
  /** Whether the result omits the contents of subdirectories. */
  readonly shallow: boolean;
  /** Callback for each subdirectory that this process cannot read. */
  readonly onUnreadable: (path: string, error: unknown) => void;
}

/** A file or subdirectory, with the key segment that corresponds to its name. */
interface Entry {
  readonly segment: string;
  readonly isDirectory: boolean;
  readonly path: string;
}

/**
 * Finds the objects in a directory in the order of their keys. Skips symbolic links, pipes, sockets and devices.
 *
 * @param keyStart prefix of all keys in the directory, with a trailing slash
 * @throws Error if the directory itself is not readable
 */
export async function* findFiles(
  directory: string,
  keyStart: string,
  options: FindFilesOptions,
): AsyncGenerator<FoundFile> {
  const entries = [...(await readEntries(directory, [])).values()].map((entry) => ({
    ...entry,
    key: keyStart + entry.segment + (entry.isDirectory ? '/' : ''),
  }));
  for (const { key, path, isDirectory } of entries.sort((a, b) => compareKeys(a.key, b.key))) {
    if (!key.startsWith(options.prefix)) {
      continue;
    }
    if (isDirectory && !options.shallow) {
      yield* findReadableFiles(path, key, options);
    } else if (!isDirectory && isLegalKey(key)) {
      yield { key, path };
    }
  }
}

async function* findReadableFiles(
  directory: string,
  keyStart: string,
  options: FindFilesOptions,
): AsyncGenerator<FoundFile> {
  try {
    yield* findFiles(directory, keyStart, options);
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM')) {
      throw error;
    }
    options.onUnreadable(directory, error);
  }
}

/**
 * Returns the entries of a directory by segment. A name that is too long for one file name is stored in parts, as the names of
 * nested directories. The function joins these parts.
 */
async function readEntries(directory: string, parts: readonly string[]): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  const found = await ifPresent(inDirectory(directory, (at) => readdir(at('.'), { withFileTypes: true })));
  for (const dirent of found ?? []) {
    const path = join(directory, dirent.name);
    const name = dirent.isFile() || dirent.isDirectory() ? readName(dirent.name) : undefined;
    if (name?.kind === 'continued' && dirent.isDirectory()) {
      for (const [id, entry] of await readEntries(path, [...parts, name.text])) {
        entries.set(id, entry);
      }
      continue;
    }
    if (name === undefined && dirent.isFile() && dirent.name.startsWith(TEMPORARY)) {
      await removeAbandoned(directory, dirent.name);
    }
    const segment = name && segmentOf(name, dirent, parts);
    if (segment === undefined) {
      continue;
    }
    const id = `${dirent.isDirectory() ? 'directory' : 'file'}:${segment}`;
    // If both files exist, the file with the plain name is the current one: a user has added it after the object store wrote the
    // file with the encoded name.
    if (name?.kind === 'plain' || !entries.has(id)) {
      entries.set(id, { segment, isDirectory: dirent.isDirectory(), path });
    }
  }
  return entries;
}

function segmentOf(name: NamePart, dirent: Dirent, parts: readonly string[]): string | undefined {
  if (name.kind === 'plain') {
    return parts.length === 0 ? name.segment : undefined;
  }
  const kind = dirent.isDirectory() ? 'directory' : 'file';
  return name.kind === kind ? unescape([...parts, name.text], kind) : undefined;
}

async function removeAbandoned(directory: string, name: string): Promise<void> {
  const removal = inDirectory(directory, async (at) => {
    if (Date.now() - (await lstat(at(name))).mtimeMs > ABANDONED_AGE) {
      await unlink(at(name));
    }
  });
  // A failed removal is no error, because the next listing repeats the removal.
  await removal.catch(() => undefined);
}
