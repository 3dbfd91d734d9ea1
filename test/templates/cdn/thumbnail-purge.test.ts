import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { EventBus } from 'aws-cdk-lib/aws-events';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import {
  ThumbnailAccess,
  type ThumbnailDistributionOptions,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailPurge,
  type ThumbnailPurgeOptions,
} from '../../../lib';
import { permissionsOf } from '../../support/templates/permissions';
import { newStack, quietly } from '../../support/templates/stacks';
import { findingsOf } from '../security/nag';

const PUBLIC: ThumbnailPipelineProps = { api: { access: ThumbnailAccess.publicRead() } };

function distribute(options: ThumbnailDistributionOptions, props: ThumbnailPipelineProps = {}): Template {
  const stack = newStack();
  new ThumbnailPipeline(stack, 'Photos', { ...PUBLIC, ...props }).addDistribution(undefined, options);
  return quietly(() => Template.fromStack(stack));
}

function purge(options: ThumbnailPurgeOptions = {}): Template {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', PUBLIC);
  const distribution = new Distribution(stack, 'Site', { defaultBehavior: { origin: new HttpOrigin('example.com') } });
  pipeline.addBehaviorsTo(distribution);
  new ThumbnailPurge(stack, 'Purge', { pipeline, distribution, ...options });
  return quietly(() => Template.fromStack(stack));
}

type Resources = Readonly<Record<string, { readonly Type: string }>>;
const resourcesOf = (template: Template): Resources => (template.toJSON() as { Resources: Resources }).Resources;
const plainId = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');

test('the purge adds only its own resources and the events of the worker', () => {
  const [before, after] = [resourcesOf(distribute({})), resourcesOf(distribute({ purge: true }))];
  expect(resourcesOf(distribute({ purge: false }))).toEqual(before);
  const added = Object.keys(after).filter((id) => !(id in before));
  expect(added.map((id) => after[id]!.Type).sort()).toEqual([
    'AWS::Events::Rule',
    'AWS::IAM::Policy',
    'AWS::IAM::Role',
    'AWS::Lambda::EventSourceMapping',
    'AWS::Lambda::Function',
    'AWS::SQS::Queue',
    'AWS::SQS::Queue',
    'AWS::SQS::QueuePolicy',
    'AWS::SQS::QueuePolicy',
  ]);
  const changed = Object.keys(before).filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
  expect(changed.map(plainId).sort()).toEqual(['PhotosUploadFunction', 'PhotosUploadFunctionRoleDefaultPolicy']);
});

test('the purge function may only invalidate this distribution, consume its queue and write logs', () => {
  const permissions = permissionsOf(distribute({ purge: true }), 'PhotosDistributionPurge');
  expect(permissions.filter((line) => !line.startsWith('logs:'))).toEqual([
    'cloudfront:CreateInvalidation on arn:AWS::Partition:cloudfront::AWS::AccountId:distribution/PhotosDistributionEF43CDCB',
    'sqs:DeleteMessage on PhotosDistributionPurgeQueue',
    'sqs:GetQueueAttributes on PhotosDistributionPurgeQueue',
    'sqs:ReceiveMessage on PhotosDistributionPurgeQueue',
  ]);
});

test('the purge sends the keys of all events of the pipeline to a queue with a dead-letter queue', () => {
  const template = distribute({ purge: true });
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['cdk-thumbnails'],
      'detail-type': ['Thumbnails Ready', 'Thumbnails Rejected', 'Thumbnails Removed'],
      detail: { pipeline: ['Stack/Photos'] },
    },
    Targets: [
      Match.objectLike({
        InputTransformer: {
          InputPathsMap: { 'detail-source-key': '$.detail.source.key' },
          InputTemplate: '{"key":<detail-source-key>}',
        },
      }),
    ],
  });
  template.hasResourceProperties('AWS::SQS::Queue', {
    VisibilityTimeout: 240,
    SqsManagedSseEnabled: true,
    RedrivePolicy: Match.objectLike({ maxReceiveCount: 10 }),
  });
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    BatchSize: 10_000,
    MaximumBatchingWindowInSeconds: 60,
    ScalingConfig: { MaximumConcurrency: 2 },
  });
});

test('the purge function receives the distribution, the thumbnail prefix and the number of paths', () => {
  const template = distribute({ purge: true }, { thumbnailPrefix: 'out/' });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'purge-function.handler',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Environment: {
      Variables: {
        DISTRIBUTION_ID: { Ref: Match.stringLikeRegexp('^PhotosDistribution') },
        THUMBNAIL_PREFIX: 'out/',
        MAX_INVALIDATION_PATHS: '5',
      },
    },
  });
});

test('the purge supports another event bus', () => {
  const stack = newStack();
  const eventBus = new EventBus(stack, 'Bus');
  new ThumbnailPipeline(stack, 'Photos', { ...PUBLIC, eventBus }).addDistribution(undefined, { purge: true });
  quietly(() => Template.fromStack(stack)).hasResourceProperties('AWS::Events::Rule', {
    EventBusName: { Ref: Match.stringLikeRegexp('^Bus') },
  });
});

test('the purge supports other limits and a distribution of the app', () => {
  const template = purge({ maxBatchingWindow: Duration.minutes(5), maxPaths: 1 });
  template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 480 });
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { MaximumBatchingWindowInSeconds: 300 });
  const permissions = permissionsOf(template, 'Purge').filter((line) => line.startsWith('cloudfront:'));
  expect(permissions).toEqual([expect.stringMatching(/:distribution\/Site[0-9A-F]{8}$/)]);
});

test('the purge requires events', () => {
  expect(() => distribute({ purge: true }, { eventsEnabled: false })).toThrow('eventsEnabled: false');
});

test('the purge reports all invalid options at once', () => {
  const message = /maxBatchingWindow: 600 s .*\n?.*maxPaths: 8 /s;
  expect(() => purge({ maxBatchingWindow: Duration.minutes(10), maxPaths: 8 })).toThrow(message);
});

/** Permitted findings of cdk-nag. docs/explanation/security.md contains the reasons. */
const ACKNOWLEDGED = [
  /^IAMNoInlinePolicy$/,
  /^Lambda(?:Concurrency|DLQ|InsideVPC|Tracing)$/,
  /^LambdaLatestVersion$/,
  /^SQSRedrivePolicy$/,
  /^LambdaEventSourceMappingDestination$/,
];

test('the purge has only cdk-nag findings that every function has', () => {
  const findings = (options: ThumbnailDistributionOptions): string[] => {
    const app = new App({ context: recommendedFlags });
    new ThumbnailPipeline(new Stack(app, 'Stack'), 'Photos', PUBLIC).addDistribution(undefined, options);
    quietly(() => app.synth());
    return findingsOf(app)
      .filter(({ path }) => path.includes('/Purge/'))
      .map(({ rule }) => rule);
  };
  expect(findings({})).toEqual([]);
  expect(findings({ purge: true }).filter((rule) => !ACKNOWLEDGED.some((pattern) => pattern.test(rule)))).toEqual([]);
});
