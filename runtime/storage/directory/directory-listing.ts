import type { Dirent } from 'node:fs';
import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { compareKeys, isLegalKey } from '../object-key';
import { hasCode, ifPresent } from './directory-errors';
import { type NamePart, readName, unescape } from './key-path';
import { inDirectory } from './safe-open';

/** Prefix of temporary files. The files are hidden. Therefore, no key has such a path. */
export const TEMPORARY = '.cdk-thumbnails-';
/** Age in ms at which a temporary file is abandoned, because its writer must have crashed. */
const ABANDONED_AGE = 3_600_000;

/** A file that holds an object. */
export interface FoundFile {
  readonly key: string;
  readonly path: string;
}

/** Options of {@link findFiles}. */
export interface FindFilesOptions {
  /** Prefix of the keys to find. Starts with the key of the directory. */
  readonly prefix: string;
  /** Whether to omit the contents of subdirectories. */
  readonly shallow: boolean;
  /** Callback for a subdirectory that this process cannot read. */
  readonly onUnreadable: (path: string, error: unknown) => void;
}

/** The last segment of a key, or a segment that several keys share. */
interface Entry {
  readonly segment: string;
  readonly isDirectory: boolean;
  readonly path: string;
}

/**
 * Finds the objects of a directory in the order of their keys. Skips links, pipes, sockets and devices.
 *
 * @param keyStart start of all keys of the directory, including the slash
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

/** Returns the entries of a directory by segment. Joins long names that are split over several nested directories. */
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
    // A plain name takes precedence over an escaped name, because a user added the plain file later.
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
  // If the removal fails, the next listing tries again.
  await removal.catch(() => undefined);
}
