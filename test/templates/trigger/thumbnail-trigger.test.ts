import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailTrigger,
  type ThumbnailTriggerBinding,
  type ThumbnailTriggerBindOptions,
} from '../../../lib';
import { CONTEXTS, newStack, onlyResource, problemsOf, synthesize, warningsOf } from '../../support/templates/stacks';

const EVENTS = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:LifecycleExpiration:*', 's3:ObjectRestore:Completed'];

describe('s3Notification', () => {
  interface Configuration {
    readonly Events: string[];
    readonly Filter?: { readonly Key: { readonly FilterRules: { readonly Name: string; readonly Value: string }[] } };
  }
  function notificationOf(template: Template): { readonly Managed: boolean; readonly queues: Configuration[] } {
    const properties = onlyResource(template, 'Custom::S3BucketNotifications');
    const { QueueConfigurations } = properties['NotificationConfiguration'] as { QueueConfigurations: Configuration[] };
    return { Managed: properties['Managed'] as boolean, queues: QueueConfigurations };
  }
  function filtersOf(props: ThumbnailPipelineProps): string[] {
    const { queues } = notificationOf(synthesize(props).template);
    const filters = queues.map(
      ({ Filter }) => Filter?.Key.FilterRules.map(({ Name, Value }) => `${Name} ${Value}`).join(', ') ?? '',
    );
    return [...new Set(filters)];
  }

  test('the default trigger sends all events that can change a source', () => {
    const { queues } = notificationOf(synthesize().template);
    expect(queues.flatMap((queue) => queue.Events)).toEqual(EVENTS);
    expect(queues.every((queue) => queue.Filter === undefined)).toBe(true);
  });

  test('the trigger creates a filter for each combination of prefix and suffix', () => {
    expect(filtersOf({ sourcePrefix: 'uploads/' })).toEqual(['prefix uploads/']);
    expect(filtersOf({ sourceSuffixes: ['.jpg', '.Png'] })).toEqual([
      'suffix .jpg',
      'suffix .JPG',
      'suffix .Png',
      'suffix .png',
      'suffix .PNG',
    ]);
    expect(filtersOf({ sourcePrefix: 'a/', sourceSuffixes: ['.gif'] })).toEqual([
      'suffix .gif, prefix a/',
      'suffix .GIF, prefix a/',
    ]);
    expect(notificationOf(synthesize({ sourceSuffixes: ['.jpg', '.png'] }).template).queues).toHaveLength(16);
  });

  test('the trigger form-encodes filter values', () => {
    expect(filtersOf({ sourcePrefix: 'my photos/ü+~/', sourceSuffixes: ['=1.jpg'] })).toEqual([
      'suffix %3D1.jpg, prefix my+photos/%C3%BC%2B%7E/',
      'suffix %3D1.JPG, prefix my+photos/%C3%BC%2B%7E/',
    ]);
  });

  test('the queue policy permits only this bucket to send messages before CloudFormation creates the notification', () => {
    const { template, stack, pipeline } = synthesize();
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Principal: { Service: 's3.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: stack.resolve(pipeline.queue.queueArn) as unknown,
            Condition: {
              ArnEquals: { 'aws:SourceArn': stack.resolve(pipeline.sourceBucket.bucketArn) as unknown },
              // Any account can reuse the name of a deleted bucket.
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            },
          },
        ]),
      },
    });
    template.hasResource('Custom::S3BucketNotifications', {
      DependsOn: Match.arrayWith(['PhotosQueuePolicy4B1DD3A8']),
    });
  });

  describe.each(CONTEXTS)('under %s', (_name, context) => {
    test.each([
      ['name', (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Theirs', 'theirs')],
      ['ARN', (stack: Stack) => s3.Bucket.fromBucketArn(stack, 'Theirs', 'arn:aws:s3:::theirs')],
    ])('the trigger keeps the existing notifications of a bucket imported by %s', (_by, imported) => {
      const { template } = synthesize((stack) => ({ sourceBucket: imported(stack) }), newStack({ context }));
      expect(notificationOf(template).Managed).toBe(false);
      template.hasResourceProperties('Custom::S3BucketNotifications', { BucketName: 'theirs' });
      // The handler reads the existing notifications in order to keep them.
      expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('s3:GetBucketNotification');
    });
  });

  test('the trigger rejects a bucket of another stack', () => {
    const app = new App();
    const sourceBucket = new s3.Bucket(new Stack(app, 'Storage'), 'Bucket');
    const props = { sourceBucket, trigger: ThumbnailTrigger.s3Notification() };
    expect(() => new ThumbnailPipeline(new Stack(app, 'Stack'), 'Photos', props)).toThrow(
      /^Stack\/Photos: trigger: s3Notification\(\) .*eventBridge\(\)/,
    );
  });
});

describe('eventBridge', () => {
  const trigger = ThumbnailTrigger.eventBridge();
  function ruleOf(template: Template): { readonly detail: Record<string, unknown> } {
    return onlyResource(template, 'AWS::Events::Rule')['EventPattern'] as { readonly detail: Record<string, unknown> };
  }
  const keysOf = (props: ThumbnailPipelineProps): unknown =>
    ruleOf(synthesize({ ...props, trigger }).template).detail['object'];

  test('the trigger sends the events of sources from a bucket with EventBridge to the queue', () => {
    const { template, stack, pipeline } = synthesize({ trigger });
    template.hasResourceProperties('Custom::S3BucketNotifications', {
      NotificationConfiguration: { EventBridgeConfiguration: {}, QueueConfigurations: Match.absent() },
    });
    expect(ruleOf(template)).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created', 'Object Deleted', 'Object Restore Completed'],
      detail: { bucket: { name: [{ Ref: 'PhotosSourceBucket23FDDEDF' }] } },
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [
        {
          Arn: stack.resolve(pipeline.queue.queueArn) as unknown,
          DeadLetterConfig: { Arn: stack.resolve(pipeline.deadLetterQueue!.queueArn) as unknown },
        },
      ],
    });
  });

  test('the policy of the dead-letter queue accepts only undeliverable events of the rule', () => {
    const { template, stack, pipeline } = synthesize({ trigger });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      Queues: [stack.resolve((pipeline.deadLetterQueue as sqs.Queue).queueUrl) as unknown],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['PhotosRule3294B0A4', 'Arn'] } } },
          }),
        ]),
      },
    });
  });

  test.each([
    ['imported', (stack: Stack) => sqs.Queue.fromQueueArn(stack, 'Dead', 'arn:aws:sqs:eu-west-1:111122223333:dead')],
    ['of another stack', (stack: Stack) => new sqs.Queue(new Stack(App.of(stack), 'Queues'), 'Dead')],
  ])('the rule has no dead-letter queue if the dead-letter queue is %s', (_, createDead) => {
    const stack = newStack();
    new ThumbnailPipeline(stack, 'Photos', { trigger, deadLetterQueue: createDead(stack) });
    const [{ Targets }] = Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule')).map(
      ({ Properties }) => Properties as { readonly Targets: object[] },
    ) as [{ readonly Targets: object[] }];
    expect(Object.keys(Targets[0]!)).toEqual(['Arn', 'Id']);
  });

  test('the trigger permits only its EventBridge rule to send to the queue', () => {
    const { template } = synthesize({ trigger });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['PhotosRule3294B0A4', 'Arn'] } } },
          }),
        ]),
      },
    });
  });

  test('the trigger filters keys by prefix, by suffix, or by prefix and suffix', () => {
    expect(keysOf({})).toBeUndefined();
    expect(keysOf({ sourcePrefix: 'my photos/' })).toEqual({ key: [{ prefix: 'my photos/' }] });
    expect(keysOf({ sourceSuffixes: ['.jpg'] })).toEqual({ key: [{ suffix: '.jpg' }, { suffix: '.JPG' }] });
    expect(keysOf({ sourcePrefix: 'a\\b/', sourceSuffixes: ['.jpg'] })).toEqual({
      key: [{ wildcard: 'a\\\\b/*.jpg' }, { wildcard: 'a\\\\b/*.JPG' }],
    });
  });

  test('the trigger does not change the bucket if enableOnBucket is false', () => {
    const { template } = synthesize((stack) => ({
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Theirs', 'theirs'),
      trigger: ThumbnailTrigger.eventBridge({ enableOnBucket: false }),
    }));
    template.resourceCountIs('Custom::S3BucketNotifications', 0);
    expect(ruleOf(template).detail).toEqual({ bucket: { name: ['theirs'] } });
  });

  test('the trigger keeps the existing notifications of an imported bucket', () => {
    const { template } = synthesize((stack) => ({
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Theirs', 'theirs'),
      trigger,
    }));
    template.hasResourceProperties('Custom::S3BucketNotifications', { BucketName: 'theirs', Managed: false });
  });
});

describe('warns with the missing statement about', () => {
  const warnings = (queueOf: (stack: Stack) => sqs.IQueue, trigger: ThumbnailTrigger): string[] => {
    const stack = newStack();
    new ThumbnailPipeline(stack, 'Photos', { queue: queueOf(stack), trigger });
    return warningsOf(stack).filter((warning) => warning.includes('[ack: cdk-thumbnails:'));
  };
  const theirs = (stack: Stack): sqs.IQueue =>
    sqs.Queue.fromQueueArn(stack, 'Theirs', 'arn:aws:sqs:eu-central-1:111111111111:theirs');

  test.each([
    ['s3.amazonaws.com', ThumbnailTrigger.s3Notification()],
    ['events.amazonaws.com', ThumbnailTrigger.eventBridge()],
  ])('the policy of an imported queue, for %s', (service, trigger) => {
    const [warning, ...others] = warnings(theirs, trigger);
    expect(others).toEqual([]);
    expect(warning).toMatch(/\[ack: cdk-thumbnails:importedQueuePolicy\]$/);
    expect(JSON.parse(/(\{.*\}) \[/.exec(warning!)![1]!)).toEqual({
      Effect: 'Allow',
      Principal: { Service: service },
      Action: 'sqs:SendMessage',
      Resource: 'arn:aws:sqs:eu-central-1:111111111111:theirs',
      Condition: {
        ArnEquals: { 'aws:SourceArn': expect.anything() as unknown },
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
      },
    });
  });

  test('an imported KMS key causes a warning with the required policy statement', () => {
    const encrypted = (stack: Stack): sqs.IQueue =>
      new sqs.Queue(stack, 'Theirs', {
        encryptionMasterKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/a-b'),
        visibilityTimeout: Duration.minutes(10),
        deadLetterQueue: { queue: new sqs.Queue(stack, 'Lost'), maxReceiveCount: 3 },
      });
    expect(warnings(encrypted, ThumbnailTrigger.s3Notification())).toEqual([
      expect.stringMatching(/"kms:GenerateDataKey","kms:Decrypt".*\[ack: cdk-thumbnails:importedQueueKey\]/),
    ]);
  });
});

test.each([
  ['s3.amazonaws.com', ThumbnailTrigger.s3Notification(), undefined],
  [
    'events.amazonaws.com',
    ThumbnailTrigger.eventBridge(),
    { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
  ],
])('the pipeline permits %s to use the KMS key of the queue', (service, trigger, Condition) => {
  const { template } = synthesize((stack) => ({
    queue: new sqs.Queue(stack, 'Mine', {
      encryptionMasterKey: new kms.Key(stack, 'Key'),
      visibilityTimeout: Duration.minutes(10),
    }),
    trigger,
  }));
  const { Statement } = onlyResource(template, 'AWS::KMS::Key')['KeyPolicy'] as {
    Statement: Record<string, unknown>[];
  };
  expect(Statement.filter(({ Principal }) => JSON.stringify(Principal).includes(service))).toEqual([
    {
      Effect: 'Allow',
      Principal: { Service: service },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
      ...(Condition && { Condition }),
    },
  ]);
});

test('the pipeline binds a custom trigger after its validation', () => {
  class Polling extends ThumbnailTrigger {
    public bound?: ThumbnailTriggerBindOptions;
    public constructor(private readonly errors: string[] = []) {
      super();
    }
    public validate(): string[] {
      return this.errors;
    }
    public bind(_scope: Construct, options: ThumbnailTriggerBindOptions): ThumbnailTriggerBinding {
      this.bound = options;
      return {};
    }
  }
  const polling = new Polling();
  const { pipeline, template } = synthesize({ trigger: polling, sourcePrefix: 'a/', sourceSuffixes: ['.jpg'] });
  const { workers, ...bound } = polling.bound!;
  expect(workers).toHaveLength(1);
  expect(bound).toEqual({
    bucket: pipeline.sourceBucket,
    prefix: 'a/',
    suffixes: ['.jpg'],
    queue: pipeline.queue,
    deadLetterQueue: pipeline.deadLetterQueue,
  });
  template.resourceCountIs('Custom::S3BucketNotifications', 0);
  expect(
    problemsOf((stack) => ({ sourceBucket: new s3.Bucket(stack, 'B'), trigger: new Polling(['trigger: lost']) })),
  ).toEqual(['trigger: lost']);
});
