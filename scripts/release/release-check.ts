// Dry run of a release: builds, checks, packs, uses the package in new applications and prints the result.
//
//   npm run release:check            all steps
//   npm run release:check -- --fast  without build and checks
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../..');
/** npm scripts that must succeed before a release, in this order. */
const STEPS = ['build', 'check', 'build:api', 'package', 'check:java', 'check:versions'];

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

function main(): void {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
  };
  if (!process.argv.includes('--fast')) {
    for (const step of STEPS) {
      npm(['run', step], 'inherit');
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    const [packed] = JSON.parse(npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder])) as [Packed];
    checkPackage(join(folder, packed.filename));
    const tarball = readFileSync(join(folder, packed.filename));
    console.log(`\n${name} ${version}\n`);
    for (const [part, size] of partsOf(packed)) {
      console.log(`${megabytes(size).padStart(9)}  ${part}`);
    }
    console.log(
      `\n${packed.files.length} files, ${megabytes(packed.size)} packed, ${megabytes(packed.unpackedSize)} unpacked`,
    );
    console.log(`sha512-${createHash('sha512').update(tarball).digest('base64')}\n`);
    useInApplications();
    const problems = problemsOf(version);
    for (const problem of problems) {
      console.error(`not ready: ${problem}`);
    }
    if (problems.length > 0) {
      process.exitCode = 1;
    } else {
      console.log(`ready: git tag v${version} && git push origin v${version}; .github/workflows/release.yml publishes`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Checks package.json, file formats and types of a tarball. */
function checkPackage(tarball: string): void {
  node('publint/src/cli.js', 'run', tarball, '--strict');
  // The entry point .jsii is not a module. Only jsii reads this file.
  node('@arethetypeswrong/cli/dist/index.js', tarball, '--exclude-entrypoints', '.jsii', '--format', 'ascii');
}

/**
 * Installs the package in applications in TypeScript and JavaScript. Generates and compiles the packages for the other
 * languages.
 */
function useInApplications(): void {
  node('jest/bin/jest.js', 'test/integration/consumers', 'test/integration/client.test.ts');
}

/** Runs a script of an installed package with Node.js. */
function node(program: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, [join(root, 'node_modules', program), ...args], { cwd: root, stdio: 'inherit' });
}

/**
 * Returns the top-level files and folders of the package with their sizes in bytes, largest first. Lists each folder in `dist`
 * and `dist/assets` separately.
 */
function partsOf({ files }: Packed): [part: string, size: number][] {
  const parts = new Map<string, number>();
  for (const { path, size } of files) {
    const part = /^(?:dist\/assets\/[^/]+|dist\/[^/]+|[^/]+)/.exec(path)?.[0] ?? path;
    parts.set(part, (parts.get(part) ?? 0) + size);
  }
  return [...parts].sort(([, one], [, other]) => other - one);
}

/** Returns the reasons why this working tree cannot be released. */
function problemsOf(version: string): string[] {
  const problems: string[] = [];
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  if (!new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm').test(changelog)) {
    problems.push(`CHANGELOG.md has no entry "## [${version}] - <date>": rename the entry Unreleased`);
  }
  if (!readdirSync(join(root, 'test/templates/deployed/releases')).includes(version)) {
    problems.push(`test/templates/deployed/releases/${version} is missing: run npm run release:freeze`);
  }
  const changes = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  if (changes !== '') {
    problems.push(`the working tree differs from its last commit:\n${changes.trimEnd()}`);
  }
  return problems;
}

function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function npm(args: readonly string[], output: 'pipe' | 'inherit' = 'pipe'): string {
  const windows = process.platform === 'win32';
  return execFileSync(windows ? 'npm.cmd' : 'npm', [...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', output, 'inherit'],
    shell: windows,
  });
}

main();
