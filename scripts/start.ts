// npm start: builds missing bundles, synthesizes the app and runs the pipeline of its template on this machine.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readStudioArguments } from '../cli/studio/studio-arguments';

const root = join(__dirname, '..');
const assembly = join(root, 'cdk.out');
const words = process.argv.slice(2);

function step(script: string, ...args: string[]): void {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (error ?? status !== 0) {
    process.exit(status ?? 1);
  }
}

/** Prints the help text or reports an invalid argument before anything is built. */
function checkArguments(): void {
  try {
    const parsed = readStudioArguments([assembly, ...words]);
    if (typeof parsed === 'string') {
      process.stdout.write(parsed);
      process.exit(0);
    }
  } catch (error) {
    console.error(`cdk-thumbnails: ${(error as Error).message}`);
    process.exit(1);
  }
}

checkArguments();
step(require.resolve('ts-node/dist/bin.js'), '-T', join(__dirname, 'build.ts'), '--missing');
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

const studio = spawn(process.execPath, [join(root, 'dist/bundles/studio.js'), assembly, ...words], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => studio.kill(signal));
}
studio.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1);
});
