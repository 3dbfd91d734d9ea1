// npm start: builds missing bundles, synthesizes the app and runs the pipeline of its template on this machine.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..');
const assembly = join(root, 'cdk.out');

function step(script: string, ...words: string[]): void {
  const { status, error } = spawnSync(process.execPath, [script, ...words], { cwd: root, stdio: 'inherit' });
  if (error ?? status !== 0) {
    process.exit(status ?? 1);
  }
}

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

const studio = spawn(process.execPath, [join(root, 'dist/bundles/studio.js'), assembly, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => studio.kill(signal));
}
studio.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1);
});
