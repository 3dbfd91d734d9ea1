import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** Builds the client from the current sources, like {@link installSigner}. */
export function installClient(folder: string): string {
  return install(folder, './scripts/client', 'buildClient', 'dist/client');
}

/**
 * Builds the signer from the current sources. Writes the signer and the package.json of the package to `node_modules`
 * of a folder.
 *
 * @returns the folder of the package
 */
export function installSigner(folder: string): string {
  return install(folder, './scripts/signer', 'buildSigner', 'dist/signer');
}

function install(folder: string, script: string, builder: string, outdir: string): string {
  const installed = join(folder, 'node_modules/cdk-thumbnails');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
  // esbuild does not run in the sandbox of Jest.
  const built = JSON.stringify(join(installed, outdir));
  const build = `require('${script}').${builder}(process.cwd(), ${built})`;
  const { status, stderr } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin.js'), '-T', '-e', build], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(`cannot build ${outdir}:\n${stderr}`);
  }
  return installed;
}
