import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isBuilt } from '../../../scripts/build-state';
import type { EntryPoint } from '../../../scripts/bundle';
import { EXTERNAL_PACKAGES, lockedSubset, type Lockfile } from '../../../scripts/third-party/locked-packages';

const root = join(__dirname, '../../..');

/** Bundles of the runtime for the current sources. */
export interface Bundles {
  /** Returns the path of the bundle of an entry point. */
  path(name: EntryPoint): string;
  /** Deletes the bundles. */
  remove(): void;
}

/** Options of {@link buildBundles}. */
export interface BuildBundlesOptions {
  /** TypeScript file, relative to the repository, that replaces the worker process of the service. */
  readonly workerProcess?: string;
}

/**
 * Copies the bundles of all entry points into a temporary directory, which also contains the packages that are not bundled. Builds
 * the bundles first if dist/ is older than the sources.
 */
export function buildBundles({ workerProcess }: BuildBundlesOptions = {}): Bundles {
  const directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-bundles-'));
  const outdir = join(directory, 'bundles');
  const outdirText = JSON.stringify(outdir);
  copyOrBuild('dist/bundles', outdir, `require('./scripts/bundle').bundle(process.cwd(), ${outdirText})`);
  if (workerProcess !== undefined) {
    const entryPoints = JSON.stringify({ 'worker-process': workerProcess });
    runScript(
      `require('./scripts/bundle').bundleEntryPoints(process.cwd(), ${outdirText}, ${entryPoints}, { keepNames: true })`,
    );
  }
  copyExternalPackages(directory);
  // Readable for processes of other users.
  chmodSync(directory, 0o755);
  return {
    path: (name) => join(outdir, `${name}.js`),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** Copies a folder of the build to `target`. If dist/ is older than the sources, runs code that builds `target` instead. */
export function copyOrBuild(folder: string, target: string, build: string): void {
  if (isBuilt(root)) {
    cpSync(join(root, folder), target, { recursive: true });
  } else {
    runScript(build);
  }
}

/** Runs TypeScript code in a separate process, because esbuild does not run in the sandbox of Jest. */
function runScript(code: string): void {
  const { status, stderr } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin.js'), '-T', '-e', code], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(`cannot run ${code}:\n${stderr}`);
  }
}

/** Copies the packages that are not bundled, because processes of `nobody` may have no access to the repository. */
function copyExternalPackages(directory: string): void {
  const packages = join(root, 'node_modules');
  const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  const binaries = readdirSync(join(packages, '@img')).map((name) => `@img/${name}`);
  const subset = lockedSubset(lockfile, [...EXTERNAL_PACKAGES, ...binaries]);
  for (const place of Object.keys(subset.lockfile.packages).filter((name) => name !== '')) {
    cpSync(join(root, place), join(directory, place), { recursive: true });
  }
}
