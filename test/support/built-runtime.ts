import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryPoint } from '../../scripts/bundle';

const root = join(__dirname, '../..');

/** The bundles of the runtime. */
export interface BuiltRuntime {
  /** Returns the path of the bundle of an entry point. */
  bundle(name: EntryPoint): string;
  /** Deletes the bundles. */
  remove(): void;
}

/** Bundles all entry points from the current sources in a temporary folder. Packages outside of the bundles are linked. */
export function buildRuntime(): BuiltRuntime {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-runtime-'));
  const outdir = join(folder, 'bundles');
  // esbuild does not run in the sandbox of Jest.
  const build = `require('./scripts/bundle').bundle(process.cwd(), ${JSON.stringify(outdir)})`;
  const { status, stderr } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin.js'), '-T', '-e', build], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(`cannot build the runtime:\n${stderr}`);
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return {
    bundle: (name) => join(outdir, `${name}.js`),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
