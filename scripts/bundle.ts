import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { bundleWithChunks } from './split-bundles';
import { bundleStudioPage } from './studio-page';
import { EXTERNAL_PACKAGES } from './third-party/locked-packages';

/** Source files of the Lambda functions, by the name of their bundle. */
const FUNCTION_ENTRY_POINTS = {
  'upload-function': 'lambda/upload-function.ts',
  'api-function': 'lambda/api-function.ts',
  'purge-function': 'lambda/purge-function.ts',
} as const;
/** Source files of the container's processes, by the name of their bundle. */
const CONTAINER_ENTRY_POINTS = {
  service: 'container/service-main.ts',
  'worker-process': 'container/worker-process-main.ts',
} as const;
/** Source files of all deployed processes, by bundle name. */
export const DEPLOYED_ENTRY_POINTS = { ...FUNCTION_ENTRY_POINTS, ...CONTAINER_ENTRY_POINTS } as const;
/** Source file of the command for a developer's machine, by bundle name. */
export const LOCAL_ENTRY_POINTS = { 'cdk-thumbnails': 'cli/cdk-thumbnails.ts' } as const;
/** Name of a bundle. */
export type EntryPoint = keyof typeof DEPLOYED_ENTRY_POINTS | keyof typeof LOCAL_ENTRY_POINTS;

/**
 * Bundles the page of the studio, and each entry point. The bundle of an entry point is a CommonJS file with all dependencies
 * except {@link EXTERNAL_PACKAGES}. The functions share chunks, and load some chunks on demand. Other bundles are one file.
 */
export async function bundle(root: string, outdir: string): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  // Some packages identify their errors by class name, which minification changes. The functions do not contain such packages.
  // They do not keep the names, because `keepNames` would prolong the cold start.
  const [functions, others, page] = await Promise.all([
    bundleWithChunks({ ...bundleOptions(root, outdir, FUNCTION_ENTRY_POINTS), outdir, keepNames: false }),
    bundleEntryPoints(root, outdir, { ...CONTAINER_ENTRY_POINTS, ...LOCAL_ENTRY_POINTS }, { keepNames: true }),
    bundleStudioPage(root, outdir),
  ]);
  copyFileSync(join(root, 'runtime/engine/heif/heic-decoder.js'), join(outdir, 'heic-decoder.js'));
  return {
    inputs: { ...functions.inputs, ...others.inputs, ...page.inputs },
    outputs: { ...functions.outputs, ...others.outputs, ...page.outputs },
  };
}

/** Bundles entry points into CommonJS files without {@link EXTERNAL_PACKAGES}. */
export async function bundleEntryPoints(
  root: string,
  outdir: string,
  entryPoints: Readonly<Record<string, string>>,
  { keepNames }: Pick<BuildOptions, 'keepNames'>,
): Promise<Metafile> {
  const { metafile } = await build({
    ...bundleOptions(root, outdir, entryPoints),
    metafile: true,
    format: 'cjs',
    keepNames,
  });
  return metafile;
}

function bundleOptions(root: string, outdir: string, entryPoints: Readonly<Record<string, string>>): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entryPoints).map(([name, file]) => [name, join(root, file)])),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    // Prefers ECMAScript modules, because esbuild can remove their unused exports.
    mainFields: ['module', 'main'],
    external: [...EXTERNAL_PACKAGES],
    logLevel: 'warning',
  };
}
