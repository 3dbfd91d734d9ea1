import type { Dirent } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compareKeys, isLegalKey } from '../object-key';
import { ifThere } from './directory-errors';
import { readName, unescape } from './key-path';

/** Start of the names of files that are being written: hidden, so that no key has that path. */
export const TEMPORARY = '.cdk-thumbnails-';
/** Age in ms from which such a file was left by a process that ended before it was done. */
const LITTER_AGE = 3_600_000;

/** A file that is an object. */
export interface FoundFile {
  readonly key: string;
  readonly path: string;
}

/** One part of a key in a directory: the last one, or one that more keys share. */
interface Entry {
  readonly segment: string;
  readonly isDirectory: boolean;
  readonly path: string;
}

/**
 * The objects in a directory whose keys start with `prefix`, in the order of their keys. `keyStart` is the part of the key
 * that led to the directory, its slash included; `prefix` starts with it. Links are not followed and pipes, sockets and
 * devices not seen: neither is an object.
 */
export async function* findFiles(
  directory: string,
  keyStart: string,
  options: { readonly prefix: string; readonly shallow: boolean },
): AsyncGenerator<FoundFile> {
  const entries = [...(await readEntries(directory, [])).values()].map((entry) => ({
    ...entry,
    key: keyStart + entry.segment + (entry.isDirectory ? '/' : ''),
  }));
  for (const { key, path, isDirectory } of entries.sort((a, b) => compareKeys(a.key, b.key))) {
    if (!key.startsWith(options.prefix)) {
      continue;
    }
    if (!isDirectory) {
      if (isLegalKey(key)) {
        yield { key, path };
      }
    } else if (!options.shallow) {
      yield* findFiles(path, key, options);
    }
  }
}

/** What a directory holds, by segment; names that are cut into several directories put together. */
async function readEntries(directory: string, parts: readonly string[]): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for (const dirent of (await ifThere(readdir(directory, { withFileTypes: true }))) ?? []) {
    const path = join(directory, dirent.name);
    const name = dirent.isFile() || dirent.isDirectory() ? readName(dirent.name) : undefined;
    if (name?.kind === 'continued' && dirent.isDirectory()) {
      for (const [id, entry] of await readEntries(path, [...parts, name.text])) {
        entries.set(id, entry);
      }
      continue;
    }
    if (name === undefined && dirent.name.startsWith(TEMPORARY)) {
      await removeLitter(dirent, path);
    }
    const segment = name && segmentOf(name, dirent, parts);
    if (segment === undefined) {
      continue;
    }
    const id = `${dirent.isDirectory() ? 'directory' : 'file'}:${segment}`;
    // A file by its own name goes before one by its other name: somebody put it there since.
    if (name?.kind === 'plain' || !entries.has(id)) {
      entries.set(id, { segment, isDirectory: dirent.isDirectory(), path });
    }
  }
  return entries;
}

function segmentOf(
  name: NonNullable<ReturnType<typeof readName>>,
  dirent: Dirent,
  parts: readonly string[],
): string | undefined {
  if (name.kind === 'plain') {
    return parts.length === 0 ? name.segment : undefined;
  }
  const kind = dirent.isDirectory() ? 'directory' : 'file';
  return name.kind === kind ? unescape([...parts, name.text], kind) : undefined;
}

async function removeLitter(dirent: Dirent, path: string): Promise<void> {
  const stats = dirent.isFile() ? await ifThere(lstat(path)) : undefined;
  if (stats === undefined || Date.now() - stats.mtimeMs < LITTER_AGE) {
    return;
  }
  await rm(path, { force: true }).catch(() => undefined);
}
