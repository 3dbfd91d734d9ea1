// Deploys the apps of test/integ, checks their assertions and deletes their stacks.
//
//   npm run test:integ -- lambda fargate    the apps integ.lambda.ts and integ.fargate.ts
//   npm run test:integ                      all apps, one after the other
//
// Deploys with the credentials and the Region of the AWS CDK. The account must be bootstrapped.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..');
const folder = join(root, 'test/integ');

/** Outputs by stack, as `cdk deploy --outputs-file` writes them. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Result of the assertions of one app. */
export interface AssertionReport {
  readonly passed: number;
  /** Outputs that report a failed assertion, as `stack.output: message`. */
  readonly failures: readonly string[];
}

/**
 * Reads the results of the assertions from the outputs. A failed assertion does not fail the deployment: the construct writes
 * its result to an output.
 */
export function assertionReport(outputs: StackOutputs): AssertionReport {
  const results = Object.entries(outputs).flatMap(([stack, values]) =>
    Object.entries(values)
      .filter(([name]) => name.startsWith('AssertionResults'))
      .map(([name, value]) => ({ name: `${stack}.${name}`, ...(JSON.parse(value) as Result) })),
  );
  const failures = results.filter(({ status }) => status !== 'success');
  return {
    passed: results.length - failures.length,
    failures: failures.map(({ name, status, message = status }) => `${name}: ${message}`),
  };
}

interface Result {
  readonly status: string;
  readonly message?: string;
}

/** Returns the names of the apps, such as `lambda` for `integ.lambda.ts`. */
export function integApps(): string[] {
  return readdirSync(folder)
    .flatMap((name) => /^integ\.(.+)\.ts$/.exec(name)?.[1] ?? [])
    .toSorted();
}

/** Returns the apps with the given names. Returns all apps if the list of names is empty. */
export function selectedApps(names: readonly string[]): readonly string[] {
  const known = integApps();
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`${unknown.join(', ')}: no app of test/integ; expected names from ${known.join(', ')}`);
  }
  return names.length > 0 ? names : known;
}

function cdk(app: string, output: string, ...args: readonly string[]): boolean {
  const command = join(root, 'node_modules/aws-cdk/bin/cdk');
  const run = `node -r ts-node/register/transpile-only ${join(folder, `integ.${app}.ts`)}`;
  const [action, ...options] = args;
  return (
    spawnSync(
      process.execPath,
      [command, action!, '--app', run, '--output', output, '--all', '--no-notices', ...options],
      {
        cwd: root,
        stdio: 'inherit',
      },
    ).status === 0
  );
}

/** Deploys an app and returns the failures of its assertions. */
function runApp(app: string): readonly string[] {
  const output = mkdtempSync(join(tmpdir(), `integ-${app}-`));
  const outputsFile = join(output, 'outputs.json');
  try {
    if (!cdk(app, output, 'deploy', '--require-approval', 'never', '--outputs-file', outputsFile)) {
      return ['the deployment failed'];
    }
    const { passed, failures } = assertionReport(JSON.parse(readFileSync(outputsFile, 'utf8')) as StackOutputs);
    return passed + failures.length === 0 ? ['the stacks have no results of assertions'] : failures;
  } finally {
    cdk(app, output, 'destroy', '--force');
    rmSync(output, { recursive: true, force: true });
  }
}

function main(names: readonly string[]): void {
  const results = selectedApps(names).map((app) => ({ app, failures: runApp(app) }));
  for (const { app, failures } of results) {
    console.log(`${app}: ${failures.length === 0 ? 'passed' : `failed\n  ${failures.join('\n  ')}`}`);
  }
  process.exitCode = results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

if (require.main === module) {
  main(process.argv.slice(2));
}
