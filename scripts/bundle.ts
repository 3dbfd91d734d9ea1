import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Packages that stay beside the bundles as they are: one loads a native library, the other a WebAssembly file. */
export const EXTERNAL_PACKAGES = ['sharp', 'libheif-js'] as const;

/** Bundles every door in `entry` into one CommonJS file each, with all dependencies but {@link EXTERNAL_PACKAGES}. */
export async function bundle(root: string, outdir: string): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const entry = join(root, 'lambda/entry');
  const doors = readdirSync(entry).filter((name) => name.endsWith('.ts') && !SHARED.has(name));
  await build({
    entryPoints: doors.map((name) => join(entry, name)),
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
  const decoder = join(root, 'lambda/engine/heic-decoder.js');
  if (existsSync(decoder)) {
    copyFileSync(decoder, join(outdir, 'heic-decoder.js'));
  }
}

/** Files in `entry` that are not doors but shared by them. */
const SHARED = new Set(['assemble.ts', 'observe.ts', 'version.ts']);
