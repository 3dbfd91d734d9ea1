import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, AssetHashType, AssetStaging, Stack } from 'aws-cdk-lib';
import { runtimeAsset } from '../../lib/private/runtime-assets';
import { directoryHash, filesBelow } from '../../scripts/directory-hash';
import { ARCHITECTURES, type ArchitectureName } from '../../scripts/runtime';
import { describeApiFunction } from '../unit/lambda/api-function-contract';
import { describeUploadFunction } from '../unit/lambda/upload-function-contract';

const dist = join(__dirname, '../../dist');
const assets = (...path: string[]): string => join(dist, 'assets', ...path);

// Tests the same bundles that are deployed, but with the binaries of this machine.
describe('the built upload-function', () => {
  describeUploadFunction(join(dist, 'bundles'));
});
describe('the built api-function', () => {
  describeApiFunction(join(dist, 'bundles'));
});

describe.each(Object.keys(ARCHITECTURES) as ArchitectureName[])('dist/assets/%s', (architecture) => {
  test('the asset folder contains the same bundles as dist/bundles', () => {
    const bundles = filesBelow(assets(architecture)).filter((path) => /^[^/]+\.js$/.test(path));
    expect(bundles).toEqual(expect.arrayContaining(['api-function.js', 'heic-decoder.js', 'upload-function.js']));
    for (const bundle of bundles) {
      const same = readFileSync(assets(architecture, bundle)).equals(readFileSync(join(dist, 'bundles', bundle)));
      expect([bundle, same]).toEqual([bundle, true]);
    }
  });

  test('the asset folder contains binaries of its architecture only', () => {
    // e_machine of the ELF header: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
    const machines = { arm64: 183, x86_64: 62 };
    const binaries = filesBelow(assets(architecture)).filter((path) => /\.(?:node|so)(?:\.|$)/.test(path));
    expect(binaries).toHaveLength(2);
    for (const binary of binaries) {
      const bytes = readFileSync(assets(architecture, binary));
      expect([bytes.toString('latin1', 1, 4), bytes.readUInt16LE(18)]).toEqual(['ELF', machines[architecture]]);
    }
  });

  test('the hash of the asset folder equals the hash in hashes.json', () => {
    const hashes = JSON.parse(readFileSync(assets('hashes.json'), 'utf8')) as Record<ArchitectureName, string>;
    expect(hashes[architecture]).toBe(directoryHash(assets(architecture)));
  });

  test('the asset that the constructs create contains the files of the asset folder', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'staged-'));
    try {
      const { directory, exclude, hash } = runtimeAsset(architecture);
      const { absoluteStagedPath } = new AssetStaging(new Stack(new App({ outdir }), 'Stack'), 'Runtime', {
        sourcePath: directory,
        exclude,
        assetHash: hash,
        assetHashType: AssetHashType.CUSTOM,
      });
      expect(filesBelow(absoluteStagedPath)).toEqual(filesBelow(assets(architecture)));
      expect(directoryHash(absoluteStagedPath)).toBe(hash);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });

  test('the asset folder contains the licenses of its packages', () => {
    for (const name of ['sharp', 'libheif-js', `@img/sharp-libvips-linux-${ARCHITECTURES[architecture]}`]) {
      const { license } = JSON.parse(
        readFileSync(assets(architecture, 'node_modules', name, 'package.json'), 'utf8'),
      ) as { license: string };
      expect(license).toMatch(/^(?:Apache-2\.0|LGPL-3\.0(?:-or-later)?)$/);
    }
    expect(existsSync(assets(architecture, 'node_modules/libheif-js/LICENSE'))).toBe(true);
  });
});
