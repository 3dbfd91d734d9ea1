import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockedSubset, type Lockfile } from '../../../scripts/third-party/locked-packages';

const lockfile: Lockfile = {
  lockfileVersion: 3,
  packages: {
    'node_modules/picture': {
      version: '1.2.3',
      integrity: 'sha512-p',
      dependencies: { pixel: '^1.0.0' },
      optionalDependencies: { 'picture-plan9': '1.2.3' },
    },
    'node_modules/pixel': { version: '1.9.0', integrity: 'sha512-x' },
    'node_modules/picture-linux': { version: '1.2.3', integrity: 'sha512-l' },
    'node_modules/unpinned': { version: '1.0.0' },
    'node_modules/other': { version: '4.0.0', integrity: 'sha512-o' },
  },
};

test('the installation contains the named packages and their dependencies at locked versions and hashes', () => {
  const { manifest, lockfile: subset } = lockedSubset(lockfile, ['picture', 'picture-linux']);
  expect(manifest.dependencies).toEqual({ picture: '1.2.3', 'picture-linux': '1.2.3' });
  expect(subset.packages).toEqual({
    '': { name: 'runtime', version: '0.0.0', dependencies: manifest.dependencies },
    'node_modules/picture': { version: '1.2.3', integrity: 'sha512-p', dependencies: { pixel: '^1.0.0' } },
    'node_modules/pixel': { version: '1.9.0', integrity: 'sha512-x' },
    'node_modules/picture-linux': { version: '1.2.3', integrity: 'sha512-l' },
  });
});

test.each(['unknown', 'unpinned'])('the installation rejects a package without a locked hash: %s', (name) => {
  expect(() => lockedSubset(lockfile, [name])).toThrow(`no integrity hash of ${name}`);
});

test('the lockfile contains the binaries of both architectures', () => {
  const own = JSON.parse(readFileSync(join(__dirname, '../../../package-lock.json'), 'utf8')) as Lockfile;
  for (const cpu of ['x64', 'arm64']) {
    const { manifest } = lockedSubset(own, ['sharp', `@img/sharp-linux-${cpu}`, `@img/sharp-libvips-linux-${cpu}`]);
    expect(manifest.dependencies['sharp']).toBe(manifest.dependencies[`@img/sharp-linux-${cpu}`]);
  }
});
