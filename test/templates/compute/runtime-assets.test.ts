import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { Stage } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-cloudfront';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ThumbnailAccess, ThumbnailCompute } from '../../../lib';
import { packageFile } from '../../../lib/private/runtime-assets';
import type * as runtime from '../../../lib/private/runtime-assets';
import { synthesize } from '../../support/templates/stacks';

type Runtime = typeof runtime;

const VARIABLE = 'CDK_THUMBNAILS_RUNTIME';
/** Matches an error about a missing file. The error contains the command that creates the file and the environment variable. */
const missing = (file: string, command = 'npm run build'): RegExp =>
  new RegExp(`^${file.replaceAll(/[.\\]/g, '\\$&')} is missing: .*\\b${command}\\b.*\\b${VARIABLE}\\b`);
const fixture = process.env[VARIABLE] ?? '';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runtime-'));
  process.env[VARIABLE] = folder;
});
afterEach(() => {
  process.env[VARIABLE] = fixture;
  rmSync(folder, { recursive: true });
});

const assetKeys = (architecture?: lambda.Architecture): string[] => {
  const { template } = synthesize({ compute: ThumbnailCompute.lambda({ architecture }) });
  return [...JSON.stringify(template.toJSON()).matchAll(/[0-9a-f]{64}\.zip/g)].map(([key]) => key);
};

test('runtimeAsset() throws an error if the runtime is not built', () => {
  expect(() => assetKeys()).toThrow(missing(join(folder, 'runtime')));
  mkdirSync(join(folder, 'runtime'));
  expect(() => assetKeys()).toThrow(missing(join(folder, 'hashes.json')));
});

test('runtimeAsset() throws an error if the hash of an architecture is missing', () => {
  cpSync(fixture, folder, { recursive: true });
  writeFileSync(join(folder, 'hashes.json'), JSON.stringify({ arm64: 'a'.repeat(64) }));
  expect(assetKeys()).toHaveLength(2);
  expect(() => assetKeys(lambda.Architecture.X86_64)).toThrow(
    missing(`hash of x86_64 in ${join(folder, 'hashes.json')}`),
  );
});

test('runtimeAsset() uses the hash of the build instead of a hash of the files', () => {
  cpSync(fixture, folder, { recursive: true });
  const before = assetKeys();
  expect(new Set(before).size).toBe(1);
  writeFileSync(join(folder, 'runtime', 'upload-function.js'), '// other bytes, same hash');
  expect(assetKeys()).toEqual(before);
  writeFileSync(join(folder, 'hashes.json'), JSON.stringify({ arm64: 'b'.repeat(64) }));
  expect(assetKeys()).not.toEqual(before);
});

test.each([
  [lambda.Architecture.ARM_64, 'arm64'],
  [lambda.Architecture.X86_64, 'x64'],
])('the code for %s contains the binaries of this architecture only', (architecture, cpu) => {
  cpSync(fixture, folder, { recursive: true });
  const packages = join('node_modules', '@img');
  for (const name of [
    'colour',
    ...['arm64', 'x64'].flatMap((each) => [`sharp-linux-${each}`, `sharp-libvips-linux-${each}`]),
  ]) {
    mkdirSync(join(folder, 'runtime', packages, name), { recursive: true });
    writeFileSync(join(folder, 'runtime', packages, name, 'package.json'), '{}');
  }
  const { stack } = synthesize({ compute: ThumbnailCompute.lambda({ architecture }) });
  const assembly = Stage.of(stack)!.assetOutdir;
  const [staged] = readdirSync(assembly).filter((name) => existsSync(join(assembly, name, 'upload-function.js')));
  expect(readdirSync(join(assembly, staged!, packages))).toEqual([
    'colour',
    `sharp-libvips-linux-${cpu}`,
    `sharp-linux-${cpu}`,
  ]);
});

describe('the default folder is in the package', () => {
  const source = readFileSync(join(__dirname, '..', '..', '..', 'lib', 'private', 'runtime-assets.ts'), 'utf8');
  const { code } = transformSync(source, {
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });

  test.each([
    ['sources', join('lib', 'private')],
    ['compiled', join('dist', 'lib', 'private')],
  ])('the default folder is in the package for the %s', (_which, place) => {
    delete process.env[VARIABLE];
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{}');
    writeFileSync(join(folder, place, 'runtime.js'), code);
    const { runtimeAsset } = createRequire(join(folder, place))('./private/runtime.js') as Runtime;
    const built = join(folder, 'dist', 'assets');
    expect(() => runtimeAsset('arm64')).toThrow(missing(join(built, 'runtime')));
    cpSync(fixture, built, { recursive: true });
    expect(runtimeAsset('x86_64')).toEqual({
      directory: join(built, 'runtime'),
      exclude: ['node_modules/@img/*-linux-arm64'],
      hash: (JSON.parse(readFileSync(join(fixture, 'hashes.json'), 'utf8')) as { x86_64: string }).x86_64,
    });
  });
});

describe('packageFile', () => {
  const FILE = join('lib', 'cdn', 'functions', 'normalize.js');

  test('packageFile() reads the package that contains the runtime if the app is bundled into one file', () => {
    const folderOfPackage = join(folder, 'package');
    process.env[VARIABLE] = join(folderOfPackage, 'dist', 'assets');
    mkdirSync(join(folderOfPackage, 'lib', 'cdn', 'functions'), { recursive: true });
    writeFileSync(join(folderOfPackage, FILE), '');
    expect(packageFile(FILE)).toBe(join(folderOfPackage, FILE));
  });

  test('packageFile() reads the package that contains the code if no other package contains the file', () => {
    expect(packageFile(FILE)).toBe(join(__dirname, '..', '..', '..', FILE));
  });

  test('packageFile() throws an error if neither package contains the file', () => {
    expect(() => packageFile('nothing.js')).toThrow(
      missing(join(__dirname, '..', '..', '..', 'nothing.js'), 'reinstall'),
    );
  });

  test('packageFile() returns the edge functions in a bundled app', () => {
    const folderOfPackage = join(folder, 'package');
    const built = join(folderOfPackage, 'dist', 'assets');
    cpSync(fixture, built, { recursive: true });
    mkdirSync(join(folderOfPackage, 'lib', 'cdn', 'functions'), { recursive: true });
    for (const name of ['normalize.js', 'respond.js']) {
      writeFileSync(
        join(folderOfPackage, 'lib', 'cdn', 'functions', name),
        `(function () { return '${name} beside'; });\n`,
      );
    }
    process.env[VARIABLE] = built;
    const { pipeline } = synthesize({ api: { access: ThumbnailAccess.publicRead() } });
    const { requestFunction, responseFunction } = pipeline.addDistribution().behaviors;
    const codeOf = (made: typeof requestFunction): string => (made.node.defaultChild as CfnFunction).functionCode;
    expect(codeOf(requestFunction)).toContain('normalize.js beside');
    expect(codeOf(responseFunction)).toContain('respond.js beside');
  });
});
