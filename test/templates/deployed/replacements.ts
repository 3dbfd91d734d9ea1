// Uses `cdk diff` to find the resources that an update replaces or removes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, type Template } from './synthesized-app';

/** Matches a replaced or removed resource, such as `AWS::SQS::Queue PhotosQueueE5C4B9A1 destroy`. */
const NOT_KEPT = /^\[[~-]\] (\S+::\S+) .*?(\S+) (replace|may be replaced|destroy|orphan)$/;

/** Resource types for which every change creates a new revision. */
const REVISIONS = ['AWS::ECS::TaskDefinition'];

/** Returns the resources that an update from one template to another replaces or removes. */
export function replacements(stack: string, before: Template, after: Template): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'replacements-'));
  try {
    writeFileSync(join(folder, 'before.json'), JSON.stringify(before));
    writeFileSync(join(folder, 'after.json'), JSON.stringify(after));
    const artifact = {
      type: 'aws:cloudformation:stack',
      environment: 'aws://unknown-account/unknown-region',
      properties: { templateFile: 'after.json' },
    };
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ version: '36.0.0', artifacts: { [stack]: artifact } }),
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/aws-cdk/bin/cdk'),
        ...['diff', stack, '--app', folder, '--template', join(folder, 'before.json')],
        ...['--no-color', '--no-notices', '--no-version-reporting'],
      ],
      { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } },
    );
    const output = stdout + stderr;
    if (status !== 0 || !output.includes('Number of stacks with differences')) {
      throw new Error(output);
    }
    return output.split('\n').flatMap((line) => {
      const [, type = '', id = '', effect = ''] = NOT_KEPT.exec(line) ?? [];
      return type === '' || REVISIONS.includes(type) ? [] : [`${type} ${id} ${effect}`];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
