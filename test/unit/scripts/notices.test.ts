// Tests the notices of third-party software that the build has written.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validation } from '@cyclonedx/cyclonedx-library';
import { directoryHash, filesBelow } from '../../../scripts/directory-hash';
import { SPECIFICATION } from '../../../scripts/third-party/bill-of-materials';
import type { Lockfile } from '../../../scripts/third-party/locked-packages';
import { BILL_FILE, LICENSES_FILE } from '../../../scripts/third-party/notices';

const root = join(__dirname, '../../..');
const dist = join(root, 'dist');
const RUNTIMES = ['arm64', 'x86_64'];
const FOLDERS = [dist, ...RUNTIMES.map((architecture) => join(dist, 'assets', architecture))];

interface Part {
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly purl: string;
  readonly licenses: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
  readonly hashes?: readonly { readonly content: string }[];
}

const billIn = (folder: string): string => readFileSync(join(folder, BILL_FILE), 'utf8');
const partsIn = (folder: string): readonly Part[] => (JSON.parse(billIn(folder)) as { components: Part[] }).components;
const nameOf = ({ group, name }: Part): string => (group === undefined ? name : `${group}/${name}`);

test('the package contains the licences and the bill of materials', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly files: string[] };
  expect(files).toEqual(expect.arrayContaining(['dist/assets/runtime', `dist/${LICENSES_FILE}`, `dist/${BILL_FILE}`]));
});

describe.each(FOLDERS.map((folder) => [folder.slice(root.length + 1), folder]))('%s', (_name, folder) => {
  test('the package has a valid bill of materials', async () => {
    expect(await new Validation.JsonStrictValidator(SPECIFICATION.version).validate(billIn(folder))).toBeNull();
  });

  test('the package has a licence and its text for every component', () => {
    const text = readFileSync(join(folder, LICENSES_FILE), 'utf8');
    const [list, ...texts] = text.split(`\n${'='.repeat(80)}\n`);
    const under = new Set(texts.flatMap((part) => part.split(`\n${'-'.repeat(80)}\n`)[0]!.split('\n')));
    for (const part of partsIn(folder)) {
      const title = [nameOf(part), part.version].filter(Boolean).join(' ');
      const [{ license, expression } = {}] = part.licenses;
      const says = [...under].some((line) => line === title || line.startsWith(`${title} (inside `));
      expect([title, list!.includes(`\n${title}`), says, license?.id ?? expression]).toEqual([
        title,
        true,
        true,
        expect.stringMatching(/^[\w.+ -]+$/),
      ]);
    }
    // Licence texts are longer than licence names.
    for (const part of texts) {
      expect(part.length).toBeGreaterThan(100);
    }
  });

  test('the package lists the locked versions and hashes', () => {
    const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
    const pinned = new Set(
      Object.values(lockfile.packages).map(({ integrity = '' }) =>
        Buffer.from(integrity.slice(7), 'base64').toString('hex'),
      ),
    );
    const packages = partsIn(folder).filter(({ purl }) => purl.startsWith('pkg:npm/'));
    expect(packages.length).toBeGreaterThan(30);
    for (const part of packages) {
      expect([nameOf(part), pinned.has(part.hashes?.[0]?.content ?? '')]).toEqual([nameOf(part), true]);
    }
  });
});

describe.each(RUNTIMES)('dist/assets/%s', (architecture) => {
  const folder = join(dist, 'assets', architecture);
  const cpu = architecture === 'arm64' ? 'arm64' : 'x64';

  test('the folder lists every package, the binaries of the architecture and the libraries inside them', () => {
    const names = partsIn(folder).map(nameOf);
    const installed = filesBelow(join(folder, 'node_modules'))
      .filter((path) => /^(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path))
      .map((path) => path.replace(/\/package\.json$/, ''));
    expect(installed.length).toBeGreaterThan(5);
    expect(names).toEqual(
      expect.arrayContaining([
        ...installed,
        `@img/sharp-libvips-linux-${cpu}`,
        'libvips',
        'libheif',
        'libde265',
        'hono',
      ]),
    );
    expect(names).not.toContain('commander');
  });

  test('the hash of the folder includes the notices', () => {
    const hashes = JSON.parse(readFileSync(join(dist, 'assets/hashes.json'), 'utf8')) as Record<string, string>;
    expect(filesBelow(folder)).toEqual(expect.arrayContaining([BILL_FILE, LICENSES_FILE]));
    expect(directoryHash(folder)).toBe(hashes[architecture]);
  });

  test('the folder contains LGPL software in separate files', () => {
    const files = filesBelow(folder);
    expect(files.some((path) => path.includes(`sharp-libvips-linux-${cpu}/lib/libvips-cpp.so`))).toBe(true);
    expect(files).toContain('node_modules/libheif-js/libheif-wasm/libheif.wasm');
    expect(files).toContain('node_modules/libheif-js/libheif-wasm/LICENSE');
  });
});
