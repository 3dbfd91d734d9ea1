import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryPoint } from '../../scripts/bundle';

const root = join(__dirname, '../..');

/** The program as it is deployed. */
export interface BuiltProgram {
  /** Path of the bundle of an entry point. */
  bundle(name: EntryPoint): string;
  remove(): void;
}

/** Bundles the doors from today's sources into a folder of its own, with the packages beside them that are not bundled. */
export function buildProgram(): BuiltProgram {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-program-'));
  const outdir = join(folder, 'program');
  // esbuild does not run within jest's sandbox.
  const build = `require('./scripts/bundle').bundle(process.cwd(), ${JSON.stringify(outdir)})`;
  const { status, stderr } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin.js'), '-T', '-e', build], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(`the program cannot be built:\n${stderr}`);
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return {
    bundle: (name) => join(outdir, `${name}.js`),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
