import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyOrBuild } from './processes/bundles';

const root = join(__dirname, '../..');

/** Installs the client for the current sources, like {@link installSigner}. */
export function installClient(folder: string): string {
  return install(folder, './scripts/client', 'buildClient', 'dist/client');
}

/**
 * Writes the signer and the package.json of the package to `node_modules` of a folder. Builds the signer first if dist/ is older
 * than the sources.
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
  const target = join(installed, outdir);
  copyOrBuild(outdir, target, `require('${script}').${builder}(process.cwd(), ${JSON.stringify(target)})`);
  return installed;
}
