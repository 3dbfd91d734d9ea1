import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Returns the sorted relative paths of all files below a directory, with `/` as separator. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/**
 * Returns the SHA-256 of the paths and bytes of all files below a directory. The hash excludes timestamps, modes and the order
 * of listings, because these differ between machines.
 */
export function directoryHash(directory: string): string {
  const hash = createHash('sha256');
  for (const path of filesBelow(directory)) {
    const bytes = readFileSync(join(directory, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
