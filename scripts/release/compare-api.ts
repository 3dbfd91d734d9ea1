// Compares the public API with the last release on npm. Run `npm run build:lib` before this script.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { name, version } from '../../package.json';

const root = join(__dirname, '../..');

/**
 * Returns the incompatible changes that jsii-diff reports as errors. Returns `none` for a new major version and, before 1.0.0,
 * for a new minor version. Otherwise, returns `all`.
 */
export function errorsOn(published: string, current: string): 'none' | 'all' {
  const part = (text: string): string => (text.startsWith('0.') ? text.split('.')[1]! : `major ${text.split('.')[0]}`);
  return part(published) === part(current) ? 'all' : 'none';
}

function main(): void {
  const windows = process.platform === 'win32';
  const view = spawnSync(windows ? 'npm.cmd' : 'npm', ['view', name, 'version'], {
    cwd: root,
    encoding: 'utf8',
    shell: windows,
  });
  if (view.stderr.includes('E404')) {
    console.log(`${name} is not published; nothing to compare`);
    return;
  }
  if (view.status !== 0) {
    throw new Error(`npm view ${name} version failed: ${view.stderr}`);
  }
  const published = view.stdout.trim();
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/jsii-diff/bin/jsii-diff'), `npm:${name}@${published}`, '.', '--error-on', 'all'],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0 && errorsOn(published, version) === 'none') {
    console.log(`${version} may change the API of ${published}: describe the migration in CHANGELOG.md`);
    return;
  }
  process.exitCode = status ?? 1;
}

if (require.main === module) {
  main();
}
