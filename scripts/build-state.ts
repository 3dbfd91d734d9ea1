import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './directory-hash';

/** File that the build writes last. The build is complete if the file exists. */
export const HASHES_FILE = 'dist/assets/hashes.json';

/** Returns whether the results of the build in dist/ are newer than every source file of the runtime and the scripts. */
export function isBuilt(root: string): boolean {
  const hashes = join(root, HASHES_FILE);
  if (!existsSync(hashes)) {
    return false;
  }
  const built = statSync(hashes).mtimeMs;
  const sources = ['cli', 'client', 'container', 'cost', 'lambda', 'runtime', 'licenses', 'scripts'].flatMap((folder) =>
    filesBelow(join(root, folder)).map((path) => join(root, folder, path)),
  );
  return [...sources, join(root, 'package-lock.json')].every((path) => statSync(path).mtimeMs <= built);
}
