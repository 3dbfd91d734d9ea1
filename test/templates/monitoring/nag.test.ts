// Alarms, a dashboard, queries and tracing must not cause additional findings of cdk-nag.
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { ThumbnailCompute, ThumbnailPipeline, type ThumbnailPipelineProps } from '../../../lib';
import { quietly } from '../../support/templates/stacks';
import { findingsOf } from '../security/nag';

function findings(compute: ThumbnailCompute, extend: (pipeline: ThumbnailPipeline, stack: Stack) => void): string[] {
  const app = new App({ context: recommendedFlags });
  const stack = new Stack(app, 'Stack');
  extend(new ThumbnailPipeline(stack, 'Photos', { compute }), stack);
  quietly(() => app.synth());
  return findingsOf(app).map(({ rule, path }) => `${rule} on ${path}`);
}

test.each([
  ['Lambda', () => ThumbnailCompute.lambda()],
  ['Fargate', () => ThumbnailCompute.fargate()],
])('monitoring of a pipeline on %s', (_, compute) => {
  const before = new Set(findings(compute(), () => undefined));
  const after = findings(compute(), (pipeline, stack) => {
    const topic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:operators');
    pipeline.addAlarms({ topic });
    pipeline.addDashboard();
    pipeline.addSavedQueries();
  });
  expect(after.filter((finding) => !before.has(finding))).toEqual([]);
});

test('events and tracing cause no additional findings of cdk-nag', () => {
  const findingsWith = (props: ThumbnailPipelineProps): string[] => {
    const app = new App({ context: recommendedFlags });
    new ThumbnailPipeline(new Stack(app, 'Stack'), 'Photos', props);
    quietly(() => app.synth());
    return findingsOf(app).map(({ rule, path }) => `${rule} on ${path}`);
  };
  const before = new Set(findingsWith({}));
  const after = findingsWith({ eventsEnabled: true, tracing: true });
  // The actions of X-Ray do not support resource-level permissions.
  expect(
    after.filter((finding) => !before.has(finding)).filter((finding) => !finding.startsWith('IAM5[Resource::*]')),
  ).toEqual([]);
});
