import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** What decodes and encodes, which no bundle can hold. */
const PACKAGES = ['sharp', 'libheif-js'];
/** Node's name of a processor, and that of the folder of what is deployed to it. */
const FOLDERS: Partial<Record<string, string>> = { arm64: 'arm64', x64: 'x86_64' };

/**
 * Lets a bundle, and the threads that it starts, find sharp and libheif: those that are installed beside the package, or
 * else those that the package carries for Lambda, which are for Linux with glibc.
 *
 * @param bundle the module of the bundle
 * @throws when there are neither
 */
export function findNativePackages(bundle: NodeJS.Module): void {
  if (areInstalled(bundle.filename)) {
    return;
  }
  const folder = join(__dirname, '..', 'assets', FOLDERS[process.arch] ?? process.arch, 'node_modules');
  if (process.platform !== 'linux' || !existsSync(folder)) {
    throw new Error(
      `the package carries binaries for Linux on arm64 and x64, not for ${process.platform} on ${process.arch}: ` +
        `install what it needs beside it: npm install ${PACKAGES.join(' ')}`,
    );
  }
  bundle.paths.push(folder);
  // Threads have modules of their own.
  process.env['NODE_PATH'] = [process.env['NODE_PATH'], folder].filter(Boolean).join(delimiter);
}

function areInstalled(filename: string): boolean {
  const { resolve } = createRequire(filename);
  return PACKAGES.every((name) => {
    try {
      return resolve(name) !== '';
    } catch {
      return false;
    }
  });
}
