// Builds the runtime and the modules for applications:
//
// - dist/bundles: the runtime for this machine
// - dist/assets/<architecture>: the deployed runtime
// - dist/signer and dist/client: modules for callers of the HTTP API
// With --missing, skips the build if the existing results are newer than every source file.
import { join } from 'node:path';
import { HASHES_FILE, isBuilt } from './build-state';
import { bundle, DEPLOYED_ENTRY_POINTS, LOCAL_ENTRY_POINTS } from './bundle';
import { buildClient } from './client';
import { directoryHash } from './directory-hash';
import { writeGeneratedDocuments } from './generated-documents';
import {
  ARCHITECTURES,
  buildRuntime,
  installNativePackages,
  replaceFile,
  uniteRuntimes,
  type ArchitectureName,
} from './runtime';
import { buildSigner } from './signer';
import { STUDIO_PAGE } from './studio-page';
import { bundledPackages, united } from './third-party/components';
import { writeNotices } from './third-party/notices';

const root = join(__dirname, '..');
const bundles = join(root, 'dist/bundles');
const assets = join(root, 'dist/assets');
/** Folder in dist/assets with the files of all architectures. */
const UNITED = 'runtime';

async function main(): Promise<void> {
  if (process.argv.includes('--missing') && isBuilt(root)) {
    return;
  }
  await writeGeneratedDocuments(root);
  console.log('building dist/bundles');
  const names = Object.keys(ARCHITECTURES) as ArchitectureName[];
  // Runs esbuild and npm at the same time, because npm mostly waits for the registry.
  const [metafile, ...installed] = await Promise.all([
    bundle(root, bundles),
    ...names.map((architecture) => installNativePackages(root, architecture)),
  ]);
  const deployed = bundledPackages(root, metafile, Object.keys(DEPLOYED_ENTRY_POINTS));
  const local = [...Object.keys(LOCAL_ENTRY_POINTS), `${STUDIO_PAGE}/page`];
  await buildSigner(root, join(root, 'dist/signer'));
  await buildClient(root, join(root, 'dist/client'));
  console.log('building dist/assets');
  const folders = names.map((architecture) => join(assets, architecture));
  folders.forEach((folder, index) => buildRuntime(bundles, installed[index]!, folder));
  const components = united(deployed, ...installed.map((packages) => packages.components));
  // Writes the same notices into all folders, so that `uniteRuntimes` stores them only once.
  folders.forEach((folder) => writeNotices(root, folder, components));
  uniteRuntimes(folders, join(assets, UNITED));
  writeNotices(root, join(root, 'dist'), united(components, bundledPackages(root, metafile, local)));
  const built = Object.fromEntries(names.map((name, index) => [name, directoryHash(folders[index]!)]));
  replaceFile(join(root, HASHES_FILE), `${JSON.stringify(built, null, 2)}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
