import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** Packages that cannot be bundled. */
const PACKAGES = ['sharp', 'libheif-js'];
/** CPU architectures of the binaries in the package, as in `process.arch`. */
const ARCHITECTURES = ['arm64', 'x64'];

/**
 * Enables a bundle and its worker threads to load sharp and libheif-js. Uses the installed packages if they exist. Otherwise,
 * uses the Lambda assets, which contain binaries for Linux with glibc.
 *
 * @param bundle module object of the bundle
 * @throws Error if neither the packages nor the assets are available
 */
export function findNativePackages(bundle: NodeJS.Module): void {
  if (areInstalled(bundle.filename)) {
    return;
  }
  const directory = join(__dirname, '..', 'assets', 'runtime', 'node_modules');
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(process.arch) || !existsSync(directory)) {
    throw new Error(
      `${PACKAGES.join(' and ')}: no binaries for ${process.platform} on ${process.arch}; cdk-thumbnails contains binaries only ` +
        `for Linux on arm64 and x64. Install both packages: npm install ${PACKAGES.join(' ')}`,
    );
  }
  bundle.paths.push(directory);
  // Worker threads find the packages only through the environment variable NODE_PATH.
  process.env['NODE_PATH'] = [process.env['NODE_PATH'], directory].filter(Boolean).join(delimiter);
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
