import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundle, EXTERNAL_PACKAGES } from '../scripts/bundle';

/** The root of the repository. */
export const ROOT = resolve(__dirname, '..');

/** What a part of the bench works with. */
export interface Bench {
  /** A folder for whatever it needs, removed at the end. */
  readonly work: string;
  /** Paths of the photos. */
  readonly photos: readonly string[];
  /** Tells a person how far it is. */
  readonly say: (line: string) => void;
}

/** Makes a folder, and removes it when the work in it is done. */
export async function inWorkshop<T>(call: (work: string) => Promise<T>): Promise<T> {
  const work = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-bench-'));
  try {
    // What stays outside of the bundles is found from here as it is in the repository.
    symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'), 'junction');
    return await call(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Bundles the program as it is deployed, and tells where. */
export async function buildProgram(work: string): Promise<string> {
  const program = join(work, 'program');
  await bundle(ROOT, program);
  return program;
}

/** Bundles a file of the bench with all packages but those that are external, so that what is measured is not a compiler's memory. */
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
