import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LOCAL_ENTRY_POINTS } from './bundle';
import { filesBelow } from './directory-hash';
import { STUDIO_PAGE } from './studio-page';
import { type Component, installedPackages } from './third-party/components';
import { EXTERNAL_PACKAGES, lockedSubset, type Lockfile } from './third-party/locked-packages';

/** Supported processor architectures: npm's name by Lambda's name. */
export const ARCHITECTURES = { arm64: 'arm64', x86_64: 'x64' } as const;
/** Lambda's name of a processor architecture. */
export type ArchitectureName = keyof typeof ARCHITECTURES;

/** Files of the installed packages that the runtime does not read. */
const UNUSED = [
  /^sharp\/(?:src|install|lib)\//,
  /^sharp\/dist\/.*\.(?:mjs|mts|cts)$/,
  /^libheif-js\/(?:libheif\/|libheif-wasm\/libheif-bundle)/,
  /\.d\.ts$/,
  /(?:^|\/)(?:README|CHANGELOG)\.md$/i,
  /^\.package-lock\.json$/,
];

/** Folder with the packages that npm has installed for one architecture, and their components. */
export interface NativePackages {
  readonly folder: string;
  readonly components: Component[];
}

/**
 * Installs the external packages with binaries for the given processor in a temporary folder. npm verifies each package against
 * package-lock.json.
 *
 * @throws Error if npm fails
 */
export async function installNativePackages(root: string, architecture: ArchitectureName): Promise<NativePackages> {
  const cpu = ARCHITECTURES[architecture];
  const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  const binaries = [`@img/sharp-linux-${cpu}`, `@img/sharp-libvips-linux-${cpu}`];
  const subset = lockedSubset(lockfile, [...EXTERNAL_PACKAGES, ...binaries]);
  const folder = mkdtempSync(join(tmpdir(), `cdk-thumbnails-${architecture}-`));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(subset.manifest));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(subset.lockfile));
    const platform = ['--os=linux', `--cpu=${cpu}`, '--libc=glibc'];
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    const npm = spawn(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', ...platform, ...quiet], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    const [code] = (await once(npm, 'exit')) as [number | null];
    if (code !== 0) {
      throw new Error(`npm ci for ${architecture} ended with exit code ${String(code)}; expected 0`);
    }
    return { folder, components: installedPackages(root, folder) };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Assembles the deployed runtime in `outdir`: the bundles and the installed packages. Removes the temporary folder of the
 * packages.
 *
 * @param bundles folder of the bundles
 */
export function buildRuntime(bundles: string, { folder }: NativePackages, outdir: string): void {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  copyFiles(
    join(folder, 'node_modules'),
    join(outdir, 'node_modules'),
    (path) => !UNUSED.some((unused) => unused.test(path)),
  );
  copyFiles(
    bundles,
    outdir,
    (path) =>
      !path.startsWith(`${STUDIO_PAGE}/`) && !Object.keys(LOCAL_ENTRY_POINTS).some((name) => path === `${name}.js`),
  );
  rmSync(folder, { recursive: true, force: true });
}

function copyFiles(from: string, to: string, wanted: (path: string) => boolean): void {
  for (const path of filesBelow(from)) {
    if (wanted(path) && !path.startsWith('.bin/')) {
      cpSync(join(from, path), join(to, path));
    }
  }
}

/**
 * Unites folders of {@link buildRuntime} in one folder that stores equal files once. The package contains only the united
 * folder. The constructs exclude the binaries of other architectures when they stage an asset.
 *
 * @throws Error if a file differs between the folders
 */
export function uniteRuntimes(folders: readonly string[], outdir: string): void {
  rmSync(outdir, { recursive: true, force: true });
  for (const folder of folders) {
    for (const path of filesBelow(folder)) {
      const [from, to] = [join(folder, path), join(outdir, path)];
      if (!existsSync(to)) {
        mkdirSync(dirname(to), { recursive: true });
        linkSync(from, to);
      } else if (!readFileSync(from).equals(readFileSync(to))) {
        throw new Error(`${from} differs from ${to}; expected equal files for all architectures`);
      }
    }
  }
}

/** Replaces a file atomically. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
