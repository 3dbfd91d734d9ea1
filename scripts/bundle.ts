import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** Packages that stay beside the bundles as they are: one loads a native library, the other a WebAssembly file. */
export const EXTERNAL_PACKAGES = ['sharp', 'libheif-js'] as const;

/** Files of `lambda/entry` that a deployed process starts with. */
export const DEPLOYED_DOORS = ['upload-function', 'api-function', 'service', 'child'] as const;
/** Files of `lambda/entry` that only a person's machine starts. */
export const LOCAL_DOORS = ['local', 'cdk-thumbnails'] as const;

/**
 * Bundles every door into one CommonJS file each, with all dependencies but {@link EXTERNAL_PACKAGES}. Tells what went into
 * each.
 */
export async function bundle(root: string, outdir: string): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: [...DEPLOYED_DOORS, ...LOCAL_DOORS].map((door) => join(root, 'lambda/entry', `${door}.ts`)),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    // ECMAScript modules first: they lose what nothing uses.
    mainFields: ['module', 'main'],
    external: [...EXTERNAL_PACKAGES],
    logLevel: 'warning',
  });
  copyFileSync(join(root, 'lambda/engine/heic-decoder.js'), join(outdir, 'heic-decoder.js'));
  return metafile;
}
