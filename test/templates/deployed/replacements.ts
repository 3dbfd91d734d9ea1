// What CloudFormation would replace or remove if a stack of one template became one of another: what the CDK's own command
// line says of them, which knows what each property asks for.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, type Template } from './synthesized-app';

/** A resource that would not stay: `AWS::SQS::Queue PhotosQueueE5C4B9A1 destroy`. */
const NOT_KEPT = /^\[[~-]\] (\S+::\S+) .*?(\S+) (replace|may be replaced|destroy|orphan)$/;

/** Revisions: each change makes a new one, and that is how they are meant. */
const REVISIONS = ['AWS::ECS::TaskDefinition'];

/** The resources that an update from one template to another would replace or remove. */
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
      const [, type = '', id = '', what = ''] = NOT_KEPT.exec(line) ?? [];
      return type === '' || REVISIONS.includes(type) ? [] : [`${type} ${id} ${what}`];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
