import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ThumbnailAccess,
  type ThumbnailAccessLogOptions,
  ThumbnailDistribution,
  type ThumbnailDistributionOptions,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
} from '../../../lib';
import { errorFor, newStack, onlyResource, quietly, warningsOf } from '../../support/templates/stacks';

const PUBLIC: ThumbnailPipelineProps = { api: { access: ThumbnailAccess.publicRead() } };
const DELIVERY_TYPES = ['AWS::Logs::DeliverySource', 'AWS::Logs::DeliveryDestination', 'AWS::Logs::Delivery'];
const ACCOUNT = '111122223333';

const inRegion = (region: string): Stack => newStack({ env: { region, account: ACCOUNT } });
const logGroupOf = (stack: Stack): LogGroup => new LogGroup(stack, 'CdnLogs', { retention: RetentionDays.ONE_MONTH });

function distribute(
  accessLogs: (stack: Stack) => ThumbnailAccessLogOptions | undefined,
  { stack = inRegion('us-east-1'), ...options }: ThumbnailDistributionOptions & { readonly stack?: Stack } = {},
): { readonly stack: Stack; readonly template: Template; readonly distribution: ThumbnailDistribution } {
  const pipeline = new ThumbnailPipeline(stack, 'Photos', PUBLIC);
  const distribution = pipeline.addDistribution('Distribution', { ...options, accessLogs: accessLogs(stack) });
  return { stack, distribution, template: quietly(() => Template.fromStack(stack)) };
}

/** Returns the statements with which policies of a resource type permit the delivery of logs. */
function deliveryStatements(template: Template, type: string, property: string): unknown[] {
  return Object.values(template.findResources(type))
    .map(({ Properties }) => (Properties as Record<string, unknown>)[property])
    .flatMap((policy) => (policy as { readonly Statement: { readonly Principal: unknown }[] }).Statement)
    .filter(({ Principal }) => JSON.stringify(Principal).includes('delivery.logs.amazonaws.com'));
}

function messageOf(accessLogs: (stack: Stack) => ThumbnailAccessLogOptions, stack?: Stack, logFilePrefix?: string) {
  try {
    distribute(accessLogs, { stack, logFilePrefix });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the options are valid');
}

test('a distribution without access logs has no delivery', () => {
  const { template, distribution } = distribute(() => undefined);
  for (const type of DELIVERY_TYPES) {
    template.resourceCountIs(type, 0);
  }
  expect(distribution.accessLogDelivery).toBeUndefined();
});

test('CloudFront delivers access logs to a log group', () => {
  const { stack, template, distribution } = distribute((scope) => ({ logGroup: logGroupOf(scope) }));
  const source = onlyResource(template, 'AWS::Logs::DeliverySource');
  expect(source).toMatchObject({
    LogType: 'ACCESS_LOGS',
    ResourceArn: stack.resolve(distribution.distribution.distributionArn) as unknown,
  });
  const destination = onlyResource(template, 'AWS::Logs::DeliveryDestination');
  expect(destination).toMatchObject({
    DestinationResourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^CdnLogs/), 'Arn'] },
    OutputFormat: 'json',
  });
  for (const { Name } of [source, destination]) {
    expect(Name).toMatch(/^[\w-]{1,60}$/);
  }
  template.hasResource('AWS::Logs::Delivery', {
    Properties: {
      DeliverySourceName: { Ref: Match.stringLikeRegexp('AccessLogsSource') },
      DeliveryDestinationArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('AccessLogsLogGroup'), 'Arn'] },
    },
    DependsOn: [Match.stringLikeRegexp('^CdnLogsPolicy')],
  });
  const { PolicyDocument } = onlyResource(template, 'AWS::Logs::ResourcePolicy');
  expect(JSON.stringify(PolicyDocument)).toMatch(/logs:PutLogEvents.*delivery\.logs\.amazonaws\.com/);
  expect(warningsOf(stack)).toEqual([]);
});

test('the policy and the KMS key of the bucket allow the delivery of access logs', () => {
  const { stack, template } = distribute((scope) => ({
    bucket: new s3.Bucket(scope, 'CdnLogs', {
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: new kms.Key(scope, 'Key'),
    }),
  }));
  expect(onlyResource(template, 'AWS::Logs::DeliveryDestination')).toMatchObject({
    DestinationResourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^CdnLogs/), 'Arn'] },
  });
  const [statement, ...others] = deliveryStatements(template, 'AWS::S3::BucketPolicy', 'PolicyDocument');
  expect(others).toEqual([]);
  expect(statement).toMatchObject({
    Effect: 'Allow',
    Action: 's3:PutObject',
    Condition: {
      StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    },
  });
  const { Resource, Condition } = statement as { readonly Resource: unknown; readonly Condition: unknown };
  expect(JSON.stringify(Resource)).toMatch(/CdnLogs.*\/AWSLogs\/.*AccountId.*\/\*/);
  expect(JSON.stringify(Condition)).toContain(':logs:us-east-1:');
  expect(deliveryStatements(template, 'AWS::KMS::Key', 'KeyPolicy')).toMatchObject([
    { Action: expect.arrayContaining(['kms:GenerateDataKey*', 'kms:Decrypt']) as unknown },
  ]);
  template.hasResource('AWS::Logs::Delivery', { DependsOn: [Match.stringLikeRegexp('^CdnLogsPolicy')] });
  expect(warningsOf(stack)).toEqual([]);
});

test('an imported bucket and an imported KMS key cause warnings with the missing statements', () => {
  const { stack } = distribute((scope) => ({
    bucket: s3.Bucket.fromBucketAttributes(scope, 'CdnLogs', {
      bucketName: 'cdn-logs',
      encryptionKey: kms.Key.fromKeyArn(scope, 'Key', `arn:aws:kms:us-east-1:${ACCOUNT}:key/a`),
    }),
  }));
  expect(warningsOf(stack).toSorted()).toEqual([
    expect.stringMatching(/"kms:Decrypt".*cdk-thumbnails:accessLogsKeyPolicy/),
    expect.stringMatching(/"s3:PutObject".*cdk-thumbnails:accessLogsBucketPolicy/),
  ]);
});

test('two distributions have deliveries with different names', () => {
  const stack = inRegion('us-east-1');
  const pipeline = new ThumbnailPipeline(stack, 'Photos', PUBLIC);
  const logGroup = logGroupOf(stack);
  pipeline.addDistribution('First', { accessLogs: { logGroup } });
  pipeline.addDistribution('Second', { accessLogs: { logGroup } });
  const sources = Object.values(Template.fromStack(stack).findResources('AWS::Logs::DeliverySource'));
  expect(new Set(sources.map(({ Properties }) => (Properties as { readonly Name: string }).Name)).size).toBe(2);
});

describe('the region of the stack', () => {
  test('access logs in an unknown Region cause a warning', () => {
    const { stack } = distribute((scope) => ({ logGroup: logGroupOf(scope) }), { stack: newStack() });
    expect(warningsOf(stack)).toEqual([expect.stringMatching(/us-east-1.*cdk-thumbnails:accessLogsRegion/)]);
  });

  test('access logs in a Region other than us-east-1 cause an error', () => {
    const message = messageOf((stack) => ({ logGroup: logGroupOf(stack) }), inRegion('eu-west-1'));
    expect(message.replace(/^Stack\/Photos\/Distribution: /, '')).toEqual(
      errorFor('accessLogs', 'eu-west-1', 'us-east-1', 'crossRegionReferences'),
    );
  });

  test('a distribution with access logs supports a pipeline in another Region', () => {
    const app = new App();
    const options = (region: string) => ({ env: { region, account: ACCOUNT }, crossRegionReferences: true });
    const pipeline = new ThumbnailPipeline(new Stack(app, 'Stack', options('eu-west-1')), 'Photos', PUBLIC);
    const stack = new Stack(app, 'Cdn', options('us-east-1'));
    new ThumbnailDistribution(stack, 'Distribution', { pipeline, accessLogs: { logGroup: logGroupOf(stack) } });
    const template = quietly(() => Template.fromStack(stack));
    for (const type of DELIVERY_TYPES) {
      template.resourceCountIs(type, 1);
    }
  });
});

test('one error lists all invalid options of the access logs', () => {
  const message = messageOf(() => ({}), inRegion('eu-west-1'), 'a');
  expect(message.split('\n  - ').slice(1)).toEqual([
    errorFor('logFilePrefix'),
    errorFor('accessLogs', 'undefined'),
    errorFor('accessLogs', 'eu-west-1'),
  ]);
  const both = (stack: Stack) => ({ logGroup: logGroupOf(stack), bucket: new s3.Bucket(stack, 'Bucket') });
  expect(messageOf(both)).toEqual(expect.stringMatching(/accessLogs: .*both set/));
});
