import { App, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ThumbnailPipeline, type ThumbnailPipelineProps, ThumbnailTrigger } from '../../../lib';
import { errorFor, newStack } from '../../support/templates/stacks';

const ACCOUNT = '111111111111';

/** Returns the messages of the error for a pipeline in us-east-1. */
function errorsIn(stack: Stack, props: ThumbnailPipelineProps): string[] {
  try {
    new ThumbnailPipeline(stack, 'Photos', props);
    return [];
  } catch (error) {
    const text = (error as Error).message.replace(/^Us\/Photos: (?:\d+ validation errors:\n {2}- )?/, '');
    return text.split('\n  - ');
  }
}

function usStack(): Stack {
  return new Stack(new App(), 'Us', { env: { account: ACCOUNT, region: 'us-east-1' } });
}

test('the pipeline lists all resources from another Region in one error', () => {
  const stack = usStack();
  const bucket = (id: string): ReturnType<typeof Bucket.fromBucketAttributes> =>
    Bucket.fromBucketAttributes(stack, id, {
      bucketName: `photos-${id.toLowerCase()}`,
      region: 'eu-west-1',
      encryptionKey: kms.Key.fromKeyArn(stack, `${id}Key`, `arn:aws:kms:ap-south-1:${ACCOUNT}:key/a-b-c`),
    });
  const errors = errorsIn(stack, {
    sourceBucket: bucket('Source'),
    thumbnailBucket: bucket('Thumbnails'),
    queue: sqs.Queue.fromQueueArn(stack, 'Queue', `arn:aws:sqs:eu-west-1:${ACCOUNT}:photos`),
    logGroup: logs.LogGroup.fromLogGroupArn(stack, 'Logs', `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:photos`),
  });
  expect(errors).toEqual([
    errorFor('sourceBucket', 'Us/Source', 'eu-west-1', 'us-east-1'),
    errorFor('sourceBucket.encryptionKey', 'Us/SourceKey', 'ap-south-1', 'us-east-1'),
    errorFor('thumbnailBucket', 'Us/Thumbnails', 'eu-west-1', 'us-east-1'),
    errorFor('thumbnailBucket.encryptionKey', 'Us/ThumbnailsKey', 'ap-south-1', 'us-east-1'),
    errorFor('queue', 'Us/Queue', 'eu-west-1', 'us-east-1'),
    errorFor('logGroup', 'Us/Logs', 'eu-west-1', 'us-east-1'),
  ]);
});

test('the pipeline rejects a bucket that a stack of another Region creates', () => {
  const app = new App();
  const env = (region: string): { env: { account: string; region: string }; crossRegionReferences: true } => ({
    env: { account: ACCOUNT, region },
    crossRegionReferences: true,
  });
  const eu = new Stack(app, 'Eu', env('eu-west-1'));
  const sourceBucket = new Bucket(eu, 'Photos', { bucketName: 'photos-eu' });
  for (const trigger of [undefined, ThumbnailTrigger.eventBridge()]) {
    const us = new Stack(app, trigger ? 'Other' : 'Us', env('us-east-1'));
    expect(() => new ThumbnailPipeline(us, 'Photos', { sourceBucket, trigger })).toThrow(
      /sourceBucket: Eu\/Photos is in eu-west-1.*us-east-1/,
    );
  }
});

test('the pipeline rejects a KMS key of another Region for new buckets', () => {
  const stack = usStack();
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/a-b-c`);
  expect(errorsIn(stack, { encryptionKey })).toEqual([errorFor('encryptionKey', 'Us/Key', 'eu-west-1', 'us-east-1')]);
});

test.each([
  ['the same region', usStack],
  ['a stack whose region is unknown', newStack],
])('the pipeline accepts resources in %s', (_case, create) => {
  const stack = create();
  const sourceBucket = Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'photos', region: 'us-east-1' });
  expect(errorsIn(stack, { sourceBucket })).toEqual([]);
});
