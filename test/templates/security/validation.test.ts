// Applies the CloudFormation rules of the CDK to the largest configurations and to the strict stacks. A violation is an
// error. Other tests skip these rules, because the rules load slowly.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { quietly } from '../../support/templates/stacks';
import { CONFIGURATIONS, pipelineOf } from './configurations';
import { strictStacks } from './strict-stacks';

const before = process.env['CDK_VALIDATION'];
beforeAll(() => (process.env['CDK_VALIDATION'] = 'true'));
afterAll(() => (process.env['CDK_VALIDATION'] = before));

interface Report {
  readonly pluginReports: { readonly violations: { readonly ruleName: string; readonly description: string }[] }[];
}

/** Returns all violations except errors. Errors fail the synthesis. */
function findingsOf(define: (app: App) => unknown): string[] {
  const app = new App({ context: recommendedFlags });
  define(app);
  const { directory } = quietly(() => app.synth());
  const report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as Report;
  return report.pluginReports.flatMap(({ violations }) =>
    violations.map(({ ruleName, description }) => `${ruleName} ${description}`),
  );
}

test('a violation of a rule fails the synthesis', () => {
  expect(recommendedFlags['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
  const broken = (app: App): unknown =>
    new CfnResource(new Stack(app, 'Stack'), 'Queue', {
      type: 'AWS::SQS::Queue',
      properties: { VisibilityTimeout: 'x' },
    });
  expect(() => findingsOf(broken)).toThrow(/VisibilityTimeout/);
});

test.each(CONFIGURATIONS.filter((name) => /everything|imported/.test(name)))('%s violates no rule', (configuration) => {
  expect(findingsOf((app) => pipelineOf(configuration, new Stack(app, 'Stack')))).toEqual([]);
});

test.each(Object.entries(strictStacks()))('%s of docs/explanation/security.md violates no rule', (_name, stack) => {
  expect(findingsOf((app) => new stack(app, 'Stack'))).toEqual([]);
});
