import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, root } from '../consumers/installed-package';

/** Permitted files. */
const ALLOWED = [
  /^(?:package\.json|\.jsii|README\.md|CHANGELOG\.md|LICENSE|NOTICE)$/,
  // Licences and bill of materials of the bundled software.
  /^dist\/(?:THIRD-PARTY-LICENSES\.txt|bom\.cdx\.json)$/,
  /^dist\/assets\/runtime\/(?:THIRD-PARTY-LICENSES\.txt|bom\.cdx\.json)$/,
  // The compiled constructs, and the module that they share with the runtime.
  /^dist\/lib\/(?:[a-z-]+\/)*[a-z\d-]+\.(?:js|d\.ts)$/,
  /^dist\/runtime\/contract\/(?:sizing\/)?[\w-]+\.(?:js|d\.ts)$/,
  // Files that the constructs read: the CloudFront functions and the Dockerfile.
  /^lib\/cdn\/functions\/[a-z-]+\.js$/,
  /^container\/Dockerfile$/,
  // The command line, the signer and the client.
  /^dist\/bundles\/(?:cdk-thumbnails|heic-decoder|worker-process)\.js$/,
  /^dist\/bundles\/studio\/page\.(?:js|css)$/,
  /^dist\/signer\/index\.(?:js|d\.ts)$/,
  /^dist\/client\/(?:index|upload|placeholder|requests)\.(?:m?js|d\.m?ts)$/,
  // The runtime, with the packages that cannot be bundled, and the binaries for both architectures.
  /^dist\/assets\/hashes\.json$/,
  /^dist\/assets\/runtime\/(?:api-function|upload-function|purge-function|service|worker-process|heic-decoder)\.js$/,
  /^dist\/assets\/runtime\/chunk-[A-Z\d]{8}\.js$/,
  /^dist\/assets\/runtime\/node_modules\/(?:sharp|detect-libc|semver|libheif-js|@img\/colour)\/(?!src\/|test\/)[\w./-]+$/,
  /^dist\/assets\/runtime\/node_modules\/@img\/sharp-(?:libvips-)?linux-(?:arm64|x64)\/[\w./-]+$/,
];

/** Files that no folder may contain. */
const FORBIDDEN = [
  /\.map$/,
  /\.m?tsx?$(?<!\.d\.m?ts)/,
  /\.test\./,
  /\.tsbuildinfo$/,
  /(?:^|\/)(?:tests?|bench|examples|\.github)\//,
];

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

let packed: Packed;
let paths: readonly string[];
beforeAll(() => {
  [packed] = JSON.parse(npm(['pack', '--dry-run', '--ignore-scripts', '--json'])) as [Packed];
  paths = packed.files.map(({ path }) => path);
});

test('the package contains only files of the permitted folders', () => {
  expect(paths.filter((path) => !ALLOWED.some((allowed) => allowed.test(path)))).toEqual([]);
  expect(paths.filter((path) => FORBIDDEN.some((forbidden) => forbidden.test(path)))).toEqual([]);
});

test('the package contains the constructs, the runtime, the command line and the notices', () => {
  expect(paths).toEqual(
    expect.arrayContaining([
      '.jsii',
      'LICENSE',
      'NOTICE',
      'README.md',
      'CHANGELOG.md',
      'dist/lib/index.js',
      'dist/lib/index.d.ts',
      'dist/runtime/contract/index.js',
      'dist/bundles/cdk-thumbnails.js',
      'dist/client/index.mjs',
      'dist/client/index.d.mts',
      'dist/client/upload.mjs',
      'dist/client/placeholder.mjs',
      'dist/assets/hashes.json',
      'container/Dockerfile',
      'lib/cdn/functions/normalize.js',
      ...[
        'upload-function.js',
        'api-function.js',
        'purge-function.js',
        'service.js',
        'worker-process.js',
        'heic-decoder.js',
      ].map((file) => `dist/assets/runtime/${file}`),
    ]),
  );
  const libraries = paths.filter((path) => /\/libvips-cpp\.so[\w.]*$/.test(path));
  expect(libraries.map((path) => path.split('/')[5])).toEqual(['sharp-libvips-linux-arm64', 'sharp-libvips-linux-x64']);
});

test('every bundled package has its licence', () => {
  const packages = [
    ...new Set(
      paths.flatMap((path) => /^(dist\/assets\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
    ),
  ];
  expect(packages.length).toBeGreaterThanOrEqual(9);
  const without = packages.filter((folder) => !paths.some((path) => path.startsWith(`${folder}/LICENSE`)));
  // The licence of libvips is in the sharp package of the same platform.
  expect(without.map((folder) => folder.split('/').at(-1))).toEqual([
    'sharp-libvips-linux-arm64',
    'sharp-libvips-linux-x64',
  ]);
});

test('the package has at most 20.8 MB packed and 52 MB unpacked', () => {
  expect(packed.size).toBeLessThanOrEqual(20_800_000);
  expect(packed.unpackedSize).toBeLessThanOrEqual(52_000_000);
  const ours = packed.files.filter(({ path }) => !/\/node_modules\//.test(path));
  expect(ours.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(11_000_000);
});

test('each script of the client has less than 4,000 bytes', () => {
  const scripts = packed.files.filter(({ path }) => /^dist\/client\/.*js$/.test(path));
  expect(scripts).toHaveLength(8);
  expect(scripts.filter(({ size }) => size >= 4000)).toEqual([]);
});

test('the compiled code contains no references to source maps', () => {
  const scripts = paths.filter((path) => path.startsWith('dist/lib/') && path.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(40);
  const text = scripts.map((path) => readFileSync(join(root, path), 'utf8')).join('');
  expect(text).not.toContain('sourceMappingURL');
});
