import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/**
 * Puts the signer of today's sources into a folder's node_modules, as whoever installs the package has it: with the package's
 * own package.json, and with nothing else of it.
 *
 * @returns the folder of the package
 */
export function installSigner(folder: string): string {
  const installed = join(folder, 'node_modules/cdk-thumbnails');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
  // esbuild does not run within jest's sandbox.
  const built = JSON.stringify(join(installed, 'dist/signer'));
  const build = `require('./scripts/signer').buildSigner(process.cwd(), ${built})`;
  const { status, stderr } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin.js'), '-T', '-e', build], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(`the signer cannot be built:\n${stderr}`);
  }
  return installed;
}
