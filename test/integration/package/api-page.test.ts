import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './assembly';

test('API.md is current; npm run build && npm run build:api updates it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-page-'));
  try {
    // The generator reads the installed packages and needs no package registry.
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/jsii-docgen/bin/jsii-docgen'), '--output', join(folder, 'API')],
      {
        cwd: root,
        stdio: 'pipe',
        env: { ...process.env, npm_config_registry: 'http://127.0.0.1:9/', npm_config_offline: 'true' },
      },
    );
    const made = readFileSync(join(folder, 'API.md'), 'utf8');
    expect(made.length).toBeGreaterThan(100_000);
    expect(readFileSync(join(root, 'API.md'), 'utf8') === made).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
