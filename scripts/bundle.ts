import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';

/** Packages that stay beside the bundles as they are: one loads a native library, the other a WebAssembly file. */
export const EXTERNAL_PACKAGES = ['sharp', 'libheif-js'] as const;

/** Files of `lambda/entry` that a deployed process starts with. */
export const DEPLOYED_DOORS = ['upload-function', 'api-function', 'service', 'child'] as const;
/** Those of them that start for one event: what they do before it counts. */
const FUNCTIONS: readonly string[] = ['upload-function', 'api-function'];
/** Files of `lambda/entry` that only a person's machine starts. */
export const LOCAL_DOORS = ['local', 'cdk-thumbnails'] as const;

/**
 * Bundles every door into one CommonJS file each, with all dependencies but {@link EXTERNAL_PACKAGES}. Tells what went into
 * each.
 */
export async function bundle(root: string, outdir: string): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const doors: readonly string[] = [...DEPLOYED_DOORS, ...LOCAL_DOORS];
  // Some packages call their errors by the names of their classes. Setting the names at every start takes a tenth of all
  // imports' CPU time, and the functions have none of those packages.
  const [functions, others] = await Promise.all([
    bundleDoors(root, outdir, FUNCTIONS, { keepNames: false }),
    bundleDoors(
      root,
      outdir,
      doors.filter((door) => !FUNCTIONS.includes(door)),
      { keepNames: true },
    ),
  ]);
  copyFileSync(join(root, 'lambda/engine/heic-decoder.js'), join(outdir, 'heic-decoder.js'));
  return {
    inputs: { ...functions.inputs, ...others.inputs },
    outputs: { ...functions.outputs, ...others.outputs },
  };
}

async function bundleDoors(
  root: string,
  outdir: string,
  doors: readonly string[],
  { keepNames }: Pick<BuildOptions, 'keepNames'>,
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: doors.map((door) => join(root, 'lambda/entry', `${door}.ts`)),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    keepNames,
    legalComments: 'none',
    // ECMAScript modules first: they lose what nothing uses.
    mainFields: ['module', 'main'],
    external: [...EXTERNAL_PACKAGES],
    logLevel: 'warning',
  });
  return metafile;
}
