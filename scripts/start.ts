// npm start: builds missing bundles, synthesizes the app and runs the command `start` on its cloud assembly.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createStartCommand } from '../cli/studio/start-command';

const root = join(__dirname, '..');
const assembly = join(root, 'cdk.out');
const words = process.argv.slice(2);

function step(script: string, ...args: string[]): void {
  // Disables the validation of the templates, which takes half the CPU time of the synthesis. `npm run synth` includes the
  // validation.
  const env = { ...process.env, CDK_VALIDATION: 'false' };
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: root, env, stdio: 'inherit' });
  if (error ?? status !== 0) {
    process.exit(status ?? 1);
  }
}

/**
 * Returns whether the command `start` reads the cloud assembly of this repository. The function also parses the arguments, so
 * that the help text and errors appear before the build.
 */
function needsAssembly(): boolean {
  const command = createStartCommand()
    .name('npm start --')
    .action(() => undefined);
  command.parse(words, { from: 'user' });
  const { stack, settings } = command.opts<{ stack?: string; settings?: string }>();
  return command.args.length === 0 && stack === undefined && settings === undefined;
}

const isOwnApp = needsAssembly();
step(require.resolve('ts-node/dist/bin.js'), '-T', join(__dirname, 'build.ts'), '--missing');
if (isOwnApp) {
  console.log('synthesizing the app into cdk.out');
  step(
    require.resolve('aws-cdk/bin/cdk'),
    'synth',
    '--quiet',
    '--output',
    assembly,
    '--no-notices',
    '--no-version-reporting',
  );
}

const bundle = join(root, 'dist/bundles/cdk-thumbnails.js');
const studio = spawn(process.execPath, [bundle, 'start', ...(isOwnApp ? [assembly] : []), ...words], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => studio.kill(signal));
}
studio.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1);
});
