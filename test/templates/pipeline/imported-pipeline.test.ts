import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import {
  type IThumbnailPipeline,
  ThumbnailAccess,
  ThumbnailPipeline,
  type ThumbnailPipelineAttributes,
} from '../../../lib';
import { newStack, onlyResource } from '../../support/templates/stacks';

function imported(attributes: Partial<ThumbnailPipelineAttributes> = {}): {
  readonly pipeline: IThumbnailPipeline;
  readonly web: Role;
  readonly template: () => Template;
} {
  const stack = newStack();
  const pipeline = ThumbnailPipeline.fromThumbnailPipelineAttributes(stack, 'Photos', {
    sourceBucket: Bucket.fromBucketName(stack, 'Uploads', 'uploads'),
    thumbnailBucket: Bucket.fromBucketName(stack, 'Thumbnails', 'thumbnails'),
    ...attributes,
  });
  const web = new Role(stack, 'Web', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  return { pipeline, web, template: () => Template.fromStack(stack) };
}

function statementsOf(template: Template): unknown {
  const { PolicyDocument } = onlyResource(template, 'AWS::IAM::Policy') as {
    readonly PolicyDocument: { readonly Statement: unknown };
  };
  return PolicyDocument.Statement;
}

test('an imported pipeline creates no resources', () => {
  expect(Object.keys(imported().template().findResources('AWS::S3::Bucket'))).toEqual([]);
});

test('an imported pipeline grants uploads to keys with the source prefix', () => {
  const { pipeline, web, template } = imported({ sourcePrefix: 'photos/' });
  pipeline.grantUpload(web).assertSuccess();
  expect(statementsOf(template())).toEqual([
    {
      Effect: 'Allow',
      Action: ['s3:AbortMultipartUpload', 's3:PutObject'],
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::uploads/photos/*']] },
    },
  ]);
});

test('an imported pipeline grants reading of keys with the thumbnail prefix and use of the KMS key', () => {
  const { pipeline, web, template } = imported();
  const encryptionKey = Key.fromKeyArn(web, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/k');
  const encrypted = ThumbnailPipeline.fromThumbnailPipelineAttributes(web, 'Other', {
    sourceBucket: pipeline.sourceBucket,
    thumbnailBucket: Bucket.fromBucketAttributes(web, 'Keyed', { bucketName: 'keyed', encryptionKey }),
    thumbnailPrefix: 'small/',
  });
  encrypted.grantRead(web).assertSuccess();
  expect(statementsOf(template())).toEqual([
    {
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: 'arn:aws:kms:eu-west-1:111122223333:key/k',
      Condition: {
        StringLike: {
          'kms:ViaService': { 'Fn::Join': ['', ['s3.', { Ref: 'AWS::Region' }, '.amazonaws.com*']] },
        },
      },
    },
    {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::keyed/small/*']] },
    },
  ]);
});

test('an imported pipeline grants the same API routes as the original pipeline', () => {
  const pathsOf = (statements: unknown): string[] =>
    [...JSON.stringify(statements).matchAll(/\/\*\/(?:GET|HEAD|POST|DELETE)[^"]*/g)].map(([path]) => path).sort();
  const { pipeline, web, template } = imported({ httpApiId: 'a1b2c3' });
  pipeline.grantApiRead(web).assertSuccess();
  pipeline.grantApiWrite(web).assertSuccess();
  const statements = statementsOf(template());
  expect(JSON.stringify(statements)).toContain('"execute-api:Invoke"');
  expect(JSON.stringify(statements)).toContain(':a1b2c3/*/GET/health');

  const stack = newStack();
  const api = { writeAccess: ThumbnailAccess.iam() };
  const own = new ThumbnailPipeline(stack, 'Photos', { api });
  const role = new Role(stack, 'Web', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  own.grantApiRead(role);
  own.grantApiWrite(role);
  const policy = onlyResource(Template.fromStack(stack), 'AWS::IAM::Policy', {
    Properties: { PolicyName: Match.stringLikeRegexp('^Web') },
  });
  expect(pathsOf(statements)).toEqual(pathsOf(policy));
});

test('an imported pipeline has the metrics of its service name', () => {
  const own = new ThumbnailPipeline(newStack(), 'Photos');
  const { pipeline } = imported({ serviceName: own.serviceName });
  const shape = (of: IThumbnailPipeline): unknown =>
    [
      of.metricImagesMade(),
      of.metricImagesUnchanged(),
      of.metricImagesRejected(),
      of.metricImagesDeleted(),
      of.metricImagesFailed(),
      of.metricRenderTime(),
      of.metric('Other'),
    ].map(({ namespace, metricName, dimensions, statistic }) => ({ namespace, metricName, dimensions, statistic }));
  expect(shape(pipeline)).toEqual(shape(own));
  expect(pipeline.metricImagesMade().dimensions).toEqual({ service: 'Stack/Photos' });
});

test('an imported pipeline has the metrics of the queues', () => {
  const { pipeline, web } = imported();
  const queueOf = (name: string): IQueue => Queue.fromQueueArn(web, name, `arn:aws:sqs:eu-west-1:111122223333:${name}`);
  const withQueues = ThumbnailPipeline.fromThumbnailPipelineAttributes(web, 'Other', {
    sourceBucket: pipeline.sourceBucket,
    thumbnailBucket: pipeline.thumbnailBucket,
    queue: queueOf('events'),
    deadLetterQueue: queueOf('dead'),
  });
  expect(withQueues.metricQueueDepth().dimensions).toEqual({ QueueName: 'events' });
  expect(withQueues.metricOldestMessageAge().dimensions).toEqual({ QueueName: 'events' });
  expect(withQueues.metricDeadLetters().dimensions).toEqual({ QueueName: 'dead' });
});

test.each<[string, (pipeline: IThumbnailPipeline, web: Role) => unknown]>([
  ['serviceName', (pipeline) => pipeline.serviceName],
  ['serviceName', (pipeline) => pipeline.metricImagesMade()],
  ['queue', (pipeline) => pipeline.metricQueueDepth()],
  ['queue', (pipeline) => pipeline.metricOldestMessageAge()],
  ['deadLetterQueue', (pipeline) => pipeline.metricDeadLetters()],
  ['httpApiId', (pipeline, web) => pipeline.grantApiRead(web)],
  ['httpApiId', (pipeline, web) => pipeline.grantApiWrite(web)],
])('an imported pipeline throws an error if the attribute %s is missing', (attribute, use) => {
  const { pipeline, web } = imported();
  expect(() => use(pipeline, web)).toThrow(
    new RegExp(`^Stack/Photos: ${attribute}: undefined .*fromThumbnailPipelineAttributes`),
  );
});
