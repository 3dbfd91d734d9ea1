import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Path of the package.json that lists the competitors. Only the benchmark depends on these packages. */
export const COMPETITORS = join(__dirname, 'package.json');

/** Loads a module from bench/node_modules. */
export const requireCompetitor = createRequire(COMPETITORS);

/** Returns the folder of an installed competitor. */
export function competitorFolder(name: string): string {
  return join(dirname(COMPETITORS), 'node_modules', name);
}

/** Returns the version of an installed competitor. */
export function competitorVersion(name: string): string {
  return (requireCompetitor(join(competitorFolder(name), 'package.json')) as { version: string }).version;
}

/**
 * Returns the path of the Node.js binary in an npm package that has the same version as Lambda and the container. If
 * the package is not installed for this platform, returns the path of the running Node.js binary.
 */
export function deployedNode(): string {
  const node = join(competitorFolder(`node-${process.platform}-${process.arch}`), 'bin/node');
  return existsSync(node) ? node : process.execPath;
}

/**
 * Checks that all competitors are installed.
 *
 * @throws Error if a competitor is not installed
 */
export function checkCompetitors(): void {
  const missing = ['autocannon', 'ipx', 'next', 'sharp', 'ssim.js'].filter(
    (name) => !existsSync(competitorFolder(name)),
  );
  if (missing.length > 0) {
    throw new Error(`${missing.join(', ')} is not installed: run npm ci --prefix bench`);
  }
}
