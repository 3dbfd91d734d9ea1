import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Environment variable with the path of the runtime folder. Tests and apps that are bundled into one file set this variable.
 */
const OVERRIDE = 'CDK_THUMBNAILS_RUNTIME';
const DOCKERFILE = join('container', 'Dockerfile');

/** Folder with the files of the runtime for all architectures, relative to the runtime folder. */
const SHARED_FOLDER = 'runtime';
/** Glob patterns of the packages with binaries, by Lambda's name of their architecture. */
const BINARIES: Readonly<Record<string, string>> = {
  arm64: 'node_modules/@img/*-linux-arm64',
  x86_64: 'node_modules/@img/*-linux-x64',
};

/** Files of the runtime for one architecture, and their hash. */
export interface RuntimeAsset {
  /** Folder with the files of all architectures. */
  readonly directory: string;
  /** Glob patterns of the files that only other architectures need. */
  readonly exclude: string[];
  /** Hash of all files that `exclude` does not match. */
  readonly hash: string;
}

/**
 * Returns the files and the hash of the runtime for an architecture.
 *
 * @param architecture Lambda's name of the architecture: `arm64` or `x86_64`
 * @throws Error if the runtime is not built
 */
export function runtimeAsset(architecture: string): RuntimeAsset {
  const runtime = runtimeFolder();
  const directory = join(runtime, SHARED_FOLDER);
  const hashes = join(runtime, 'hashes.json');
  for (const required of [directory, hashes]) {
    if (!existsSync(required)) {
      throw new Error(missing(required));
    }
  }
  const hash = (JSON.parse(readFileSync(hashes, 'utf8')) as Readonly<Record<string, string>>)[architecture];
  if (hash === undefined) {
    throw new Error(missing(`hash of ${architecture} in ${hashes}`));
  }
  const exclude = Object.entries(BINARIES)
    .filter(([name]) => name !== architecture)
    .map(([, pattern]) => pattern);
  return { directory, exclude, hash };
}

/**
 * Returns the path of the Dockerfile for the container image.
 *
 * @throws Error if the package is incomplete
 */
export function dockerfile(): string {
  return packageFile(DOCKERFILE);
}

/**
 * Returns the path of a file of this package. Searches the package that contains the runtime, then the package that contains
 * this module.
 *
 * @param path path relative to the root of the package
 * @throws Error if neither package contains the file
 */
export function packageFile(path: string): string {
  const besideRuntime = join(runtimeFolder(), '..', '..', path);
  if (existsSync(besideRuntime)) {
    return besideRuntime;
  }
  const own = join(packageRoot(__dirname), path);
  if (existsSync(own)) {
    return own;
  }
  throw new Error(
    `${own} is missing: reinstall the package cdk-thumbnails; if the app is bundled into one file, set ${OVERRIDE} to ` +
      'the folder dist/assets of the package',
  );
}

function runtimeFolder(): string {
  return process.env[OVERRIDE] ?? join(packageRoot(__dirname), 'dist', 'assets');
}

/** Returns the root folder of this package. Supports modules in lib/ and compiled modules in dist/lib/. */
function packageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) {
    return folder;
  }
  const parent = dirname(folder);
  if (parent === folder) {
    throw new Error(missing('package.json of cdk-thumbnails'));
  }
  return packageRoot(parent);
}

function missing(file: string): string {
  return (
    `${file} is missing: run npm run build in cdk-thumbnails; if the app is bundled into one file, set ${OVERRIDE} to ` +
    'the folder dist/assets of the package'
  );
}
