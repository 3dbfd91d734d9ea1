import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundle } from '../scripts/bundle';
import { EXTERNAL_PACKAGES } from '../scripts/third-party/locked-packages';

/** The root of the repository. */
export const ROOT = resolve(__dirname, '..');

/** Inputs of a part of the benchmark. */
export interface Bench {
  /** Temporary folder, removed at the end. */
  readonly work: string;
  /** Paths of the photos. */
  readonly photos: readonly string[];
  /** Prints one line of progress. */
  readonly say: (line: string) => void;
}

/** Runs a function with a temporary folder, and then removes the folder. */
export async function inWorkspace<T>(call: (work: string) => Promise<T>): Promise<T> {
  const work = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-bench-'));
  try {
    // The bundles load external packages (not bundled by esbuild) from this folder.
    symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'), 'junction');
    return await call(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Bundles the runtime as in a deployment. Returns the path of the folder with the bundles. */
export async function buildRuntimeBundles(work: string): Promise<string> {
  const bundles = join(work, 'bundles');
  await bundle(ROOT, bundles);
  return bundles;
}

/**
 * Bundles a script of the benchmark, and returns its path. The benchmark runs bundles, so that the measured memory
 * excludes a TypeScript compiler.
 */
export async function buildScript(work: string, source: string, external: readonly string[] = []): Promise<string> {
  const outfile = join(work, 'scripts', basename(source).replace(/\.ts$/, '.js'));
  mkdirSync(join(work, 'scripts'), { recursive: true });
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    external: [...EXTERNAL_PACKAGES, ...external],
    logLevel: 'warning',
  });
  return outfile;
}
