// CloudFormation's own rules, as errors, on the configurations that grant most and on the strict ones. Defaults are looked at in
// test/lib: each takes seconds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { quietly } from '../../support/stacks';
import { CONFIGURATIONS, pipelineOf } from './configurations';
import { strictStacks } from './strict-stacks';

const before = process.env['CDK_VALIDATION'];
beforeAll(() => (process.env['CDK_VALIDATION'] = 'true'));
afterAll(() => (process.env['CDK_VALIDATION'] = before));

interface Report {
  readonly pluginReports: { readonly violations: { readonly ruleName: string; readonly description: string }[] }[];
}

/** Rules that a stack breaks without being an error, and how; errors end the synthesis. */
function findingsOf(define: (app: App) => unknown): string[] {
  const app = new App({ context: recommendedFlags });
  define(app);
  const { directory } = quietly(() => app.synth());
  const report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as Report;
  return report.pluginReports.flatMap(({ violations }) =>
    violations.map(({ ruleName, description }) => `${ruleName} ${description}`),
  );
}

test('rules are errors: what breaks one does not synthesize', () => {
  expect(recommendedFlags['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
  const broken = (app: App): unknown =>
    new CfnResource(new Stack(app, 'Stack'), 'Queue', {
      type: 'AWS::SQS::Queue',
      properties: { VisibilityTimeout: 'x' },
    });
  expect(() => findingsOf(broken)).toThrow(/VisibilityTimeout/);
});

test.each(CONFIGURATIONS.filter((name) => /everything|imported/.test(name)))('%s breaks none', (configuration) => {
  expect(findingsOf((app) => pipelineOf(configuration, new Stack(app, 'Stack')))).toEqual([]);
});

test.each(Object.entries(strictStacks()))('%s of docs/security.md breaks none', (_name, stack) => {
  expect(findingsOf((app) => new stack(app, 'Stack'))).toEqual([]);
});
