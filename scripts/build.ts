// Builds dist/bundles (the doors, for this machine), dist/signer (for callers) and dist/assets/<architecture> (what is
// deployed).
// With --missing it does nothing when both are there and newer than every source.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, DEPLOYED_ENTRY_POINTS, LOCAL_ENTRY_POINTS } from './bundle';
import { bundledPackages, type Component, united } from './components';
import { directoryHash, filesBelow } from './directory-hash';
import { writeNotices } from './notices';
import { ARCHITECTURES, buildRuntime, replaceFile, type ArchitectureName } from './runtime';
import { buildSigner } from './signer';

const root = join(__dirname, '..');
const program = join(root, 'dist/bundles');
const runtime = join(root, 'dist/assets');
/** Written last, so that its presence says that the build was finished. */
const hashes = join(runtime, 'hashes.json');

async function main(): Promise<void> {
  if (process.argv.includes('--missing') && isCurrent()) {
    return;
  }
  console.log('building dist/bundles');
  const metafile = await bundle(root, program);
  const deployed = bundledPackages(root, metafile, Object.keys(DEPLOYED_ENTRY_POINTS));
  const shipped: Component[][] = [deployed, bundledPackages(root, metafile, Object.keys(LOCAL_ENTRY_POINTS))];
  await buildSigner(root, join(root, 'dist/signer'));
  const built: Partial<Record<ArchitectureName, string>> = {};
  for (const architecture of Object.keys(ARCHITECTURES) as ArchitectureName[]) {
    console.log(`building dist/assets/${architecture}`);
    shipped.push(buildRuntime(root, program, architecture, join(runtime, architecture), deployed));
    built[architecture] = directoryHash(join(runtime, architecture));
  }
  writeNotices(root, join(root, 'dist'), united(...shipped));
  replaceFile(hashes, `${JSON.stringify(built, null, 2)}\n`);
}

function isCurrent(): boolean {
  if (!existsSync(hashes)) {
    return false;
  }
  const built = statSync(hashes).mtimeMs;
  const sources = ['cli', 'client', 'container', 'lambda', 'runtime', 'licenses', 'scripts'].flatMap((folder) =>
    filesBelow(join(root, folder)).map((path) => join(root, folder, path)),
  );
  return [...sources, join(root, 'package-lock.json')].every((path) => statSync(path).mtimeMs <= built);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
