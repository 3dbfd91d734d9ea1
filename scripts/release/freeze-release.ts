// Stores the templates of a release. test/templates/deployed/upgrade.test.ts compares these templates with later versions. Run
// this script once when you publish the version in package.json.
//
//   npm run release:freeze
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutHashes } from '../without-hashes';

const root = join(__dirname, '../..');

function main(): void {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  const frozen = join(root, 'test/templates/deployed/releases', version);
  if (existsSync(frozen) && !process.argv.includes('--again')) {
    throw new Error(
      `${frozen} already exists. Templates of a published release must not change. If the release is not published yet, pass --again to replace its templates.`,
    );
  }
  const assembly = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    const cdk = join(root, 'node_modules/aws-cdk/bin/cdk');
    execFileSync(process.execPath, [cdk, 'synth', '--quiet', '--no-notices', '--output', assembly], {
      cwd: root,
      stdio: 'inherit',
    });
    rmSync(frozen, { recursive: true, force: true });
    mkdirSync(frozen, { recursive: true });
    for (const file of readdirSync(assembly).filter((name) => name.endsWith('.template.json'))) {
      const template = readFileSync(join(assembly, file), 'utf8');
      const path = join(frozen, file.replace('.template.json', '.json'));
      writeFileSync(path, `${JSON.stringify(withoutHashes(JSON.parse(template)), null, 2)}\n`);
    }
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
}

main();
