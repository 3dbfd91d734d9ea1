import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Paths of all files below a directory, relative to it, with `/` between segments, in the order of their characters. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/**
 * SHA-256 over the paths and bytes of all files below a directory, and nothing else: time stamps, modes and the order
 * in which a file system lists its files differ between machines that hold the same files.
 */
export function directoryHash(directory: string): string {
  const hash = createHash('sha256');
  for (const path of filesBelow(directory)) {
    const bytes = readFileSync(join(directory, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
