import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/**
 * Builds the signer from the current sources into `node_modules` of a folder, with the package.json of the package.
 *
 * @returns the folder of the package
 */
export function installSigner(folder: string): string {
  const installed = join(folder, 'node_modules/cdk-thumbnails');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
  // esbuild does not run in the sandbox of Jest.
  const built = JSON.stringify(join(installed, 'dist/signer'));
  const build = `require('./scripts/signer').buildSigner(process.cwd(), ${built})`;
  const { status, stderr } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin.js'), '-T', '-e', build], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(`cannot build the signer:\n${stderr}`);
  }
  return installed;
}
