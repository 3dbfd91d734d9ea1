import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EventBus, type Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  FargateNetwork,
  type IThumbnailPipeline,
  ThumbnailCompute,
  type ThumbnailEventRuleOptions,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
} from '../../../lib';
import { permissionsOf } from '../../support/templates/permissions';
import {
  errorFor,
  newStack,
  onlyResource,
  problemsOf,
  quietly,
  synthesize,
  variablesOf,
} from '../../support/templates/stacks';

function withRule(
  props: ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps) = {},
  options: ThumbnailEventRuleOptions = {},
): { readonly stack: Stack; readonly pipeline: ThumbnailPipeline; readonly template: Template } {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', typeof props === 'function' ? props(stack) : props);
  pipeline.onThumbnailsReady('Ready', options);
  return { stack, pipeline, template: quietly(() => Template.fromStack(stack)) };
}

test.each<[string, (pipeline: IThumbnailPipeline) => Rule]>([
  ['Thumbnails Ready', (pipeline) => pipeline.onThumbnailsReady('Rule')],
  ['Thumbnails Rejected', (pipeline) => pipeline.onThumbnailsRejected('Rule')],
  ['Thumbnails Removed', (pipeline) => pipeline.onThumbnailsRemoved('Rule')],
])('the pipeline creates a rule for its event %s', (detailType, add) => {
  const stack = newStack();
  expect(add(new ThumbnailPipeline(stack, 'Photos')).node.path).toBe('Stack/Photos/Rule');
  expect(onlyResource(Template.fromStack(stack), 'AWS::Events::Rule')).toMatchObject({
    EventPattern: { source: ['cdk-thumbnails'], 'detail-type': [detailType], detail: { pipeline: ['Stack/Photos'] } },
  });
});

test('a rule of the pipeline sends the events of a prefix to a target', () => {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos');
  const target = new SqsQueue(new Queue(stack, 'Done'));
  pipeline.onThumbnailsReady('Ready', { target, keyPrefix: 'photos/', ruleName: 'ready', description: 'Ready photos' });
  expect(onlyResource(Template.fromStack(stack), 'AWS::Events::Rule')).toMatchObject({
    Name: 'ready',
    Description: 'Ready photos',
    EventPattern: { detail: { source: { key: [{ prefix: 'photos/' }] } } },
    Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Done/), 'Arn'] } }],
  });
});

describe('permissions and variables', () => {
  const added = (before: string[], after: string[]): string[] => after.filter((line) => !before.includes(line));
  const plain = synthesize().template;

  test('only the worker can publish events to the default event bus', () => {
    const { template } = withRule();
    expect(variablesOf(template)).toEqual({ ...variablesOf(plain), EVENT_BUS_NAME: 'default' });
    const changes = (role: string): string[] => added(permissionsOf(plain, role), permissionsOf(template, role));
    expect(changes('PhotosUploadFunctionRole')).toEqual([
      expect.stringMatching(/^events:PutEvents on arn:.*:event-bus\/default$/),
    ]);
    expect(changes('PhotosApiFunctionRole')).toEqual([]);
    // The API needs this permission even if events are disabled: it sends each key to the worker, which completes on-demand
    // renders that ended early.
    expect(permissionsOf(plain, 'PhotosApiFunctionRole')).toContain('sqs:SendMessage on PhotosQueue');
    plain.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'api-function.handler',
      Environment: {
        Variables: Match.objectLike({ EVENT_QUEUE_URL: { Ref: Match.stringLikeRegexp('^PhotosQueue') } }),
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'events:PutEvents',
            Condition: { StringEquals: { 'events:source': 'cdk-thumbnails' } },
          }),
        ]),
      },
    });
  });

  test('the worker and the rules use only the given event bus', () => {
    const { template } = withRule((stack) => ({ eventBus: new EventBus(stack, 'Bus') }));
    expect(permissionsOf(template, 'PhotosUploadFunctionRole').filter((line) => line.startsWith('events:'))).toEqual([
      'events:PutEvents on Bus',
    ]);
    expect(variablesOf(template)).toHaveProperty('EVENT_BUS_NAME', {
      'Fn::GetAtt': [expect.stringMatching(/^Bus/), 'Arn'],
    });
    expect(onlyResource(template, 'AWS::Events::Rule')).toHaveProperty('EventBusName');
  });

  test('several rules add the permissions only once', () => {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', { apiEnabled: false });
    pipeline.onThumbnailsReady('Ready');
    pipeline.onThumbnailsRemoved('Removed');
    const policies = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(policies.split('events:PutEvents')).toHaveLength(2);
  });

  test.each([
    ['eventsEnabled', () => ({ eventsEnabled: true })],
    ['eventBus', (stack: Stack) => ({ eventBus: new EventBus(stack, 'Bus') })],
  ])('%s publishes events without a rule', (_, props) => {
    const { template } = synthesize(props);
    expect(variablesOf(template)).toHaveProperty('EVENT_BUS_NAME');
    template.resourceCountIs('AWS::Events::Rule', 0);
  });

  test('Fargate services receive the same variables and permissions', () => {
    const { template } = withRule({ compute: ThumbnailCompute.fargate() });
    expect(permissionsOf(template, 'PhotosWorkerServiceTaskRole')).toContainEqual(
      expect.stringMatching(/^events:PutEvents on/),
    );
    expect(permissionsOf(template, 'PhotosApiServiceTaskRole')).toContain('sqs:SendMessage on PhotosQueue');
  });

  test('an isolated network has an endpoint for EventBridge only if events are enabled', () => {
    const compute = (): ThumbnailCompute => ThumbnailCompute.fargate({ network: FargateNetwork.isolatedSubnets() });
    const endpoints = (template: Template): number =>
      Object.keys(template.findResources('AWS::EC2::VPCEndpoint')).filter((id) => id.includes('EventsEndpoint')).length;
    expect(endpoints(synthesize({ compute: compute() }).template)).toBe(0);
    expect(endpoints(withRule({ compute: compute() }).template)).toBe(1);
  });
});

test('disabled events do not change the template', () => {
  expect(synthesize({ eventsEnabled: false }).template.toJSON()).toEqual(synthesize().template.toJSON());
});

test('the pipeline rejects contradictory event options', () => {
  expect(problemsOf((stack) => ({ eventBus: new EventBus(stack, 'Bus'), eventsEnabled: false }))).toEqual([
    errorFor('eventBus', 'eventsEnabled is false', 'remove eventBus'),
  ]);
  const pipeline = new ThumbnailPipeline(newStack(), 'Photos', { eventsEnabled: false });
  expect(() => pipeline.onThumbnailsReady('Ready')).toThrow(/^Stack\/Photos: eventsEnabled: false; /);
});

test('an imported pipeline can have rules for its events', () => {
  const stack = newStack();
  const attributes = {
    sourceBucket: s3.Bucket.fromBucketName(stack, 'Uploads', 'uploads'),
    thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'thumbnails'),
  };
  const pipeline = ThumbnailPipeline.fromThumbnailPipelineAttributes(stack, 'Photos', {
    ...attributes,
    serviceName: 'PhotosStack/Photos',
    eventBus: EventBus.fromEventBusName(stack, 'Bus', 'photos'),
  });
  pipeline.onThumbnailsRejected('Rejected');
  expect(onlyResource(Template.fromStack(stack), 'AWS::Events::Rule')).toMatchObject({
    EventBusName: 'photos',
    EventPattern: { detail: { pipeline: ['PhotosStack/Photos'] } },
  });
  const unnamed = ThumbnailPipeline.fromThumbnailPipelineAttributes(stack, 'Unnamed', attributes);
  expect(() => unnamed.onThumbnailsReady('Ready')).toThrow(/serviceName/);
});
