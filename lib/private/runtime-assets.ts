import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The environment variable that says where the runtime lies when it is not in this package: for tests and bundled apps. */
const OVERRIDE = 'CDK_THUMBNAILS_RUNTIME';

/** Where the Dockerfile is in the package. */
const DOCKERFILE = join('container', 'Dockerfile');

/** The folder of the program for one processor, and the hash of what is in it. */
export interface RuntimeAsset {
  readonly directory: string;
  readonly hash: string;
}

/**
 * Where the program lies that is deployed.
 *
 * @param architecture Lambda's name of a processor: `arm64` or `x86_64`
 * @throws when `npm run build` has not made it
 */
export function runtimeAsset(architecture: string): RuntimeAsset {
  const runtime = runtimeFolder();
  const directory = join(runtime, architecture);
  const hashes = join(runtime, 'hashes.json');
  for (const needed of [directory, hashes]) {
    if (!existsSync(needed)) {
      throw new Error(missing(needed));
    }
  }
  const hash = (JSON.parse(readFileSync(hashes, 'utf8')) as Readonly<Record<string, string>>)[architecture];
  if (hash === undefined) {
    throw new Error(missing(`the hash of ${architecture} in ${hashes}`));
  }
  return { directory, hash };
}

/**
 * The Dockerfile that puts the program into a container.
 *
 * @throws when it is not in the package
 */
export function dockerfile(): string {
  return packageFile(DOCKERFILE);
}

/**
 * A file of the package: of the one that the runtime is of, or of that of this code.
 *
 * @param path from the root of the package
 * @throws when it is in neither of them
 */
export function packageFile(path: string): string {
  const beside = join(runtimeFolder(), '..', '..', path);
  if (existsSync(beside)) {
    return beside;
  }
  const own = join(packageRoot(__dirname), path);
  if (existsSync(own)) {
    return own;
  }
  throw new Error(
    `${own} is missing: the package of cdk-thumbnails is not whole, install it again; where the app is bundled into one ` +
      `file, set ${OVERRIDE} to the dist/assets folder of the package`,
  );
}

function runtimeFolder(): string {
  return process.env[OVERRIDE] ?? join(packageRoot(__dirname), 'dist', 'assets');
}

/** The folder of this package, from the sources in lib/ as well as from what is compiled of them in dist/lib/. */
function packageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) {
    return folder;
  }
  const parent = dirname(folder);
  if (parent === folder) {
    throw new Error(missing('the package.json of cdk-thumbnails'));
  }
  return packageRoot(parent);
}

function missing(what: string): string {
  return (
    `${what} is missing: run npm run build in cdk-thumbnails, which makes the program that is deployed; ` +
    `where the app is bundled into one file, set ${OVERRIDE} to the dist/assets folder of the package`
  );
}
