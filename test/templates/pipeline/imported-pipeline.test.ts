import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { type IThumbnailPipeline, ThumbnailPipeline, type ThumbnailPipelineAttributes } from '../../../lib';
import { newStack, onlyResource } from '../../support/stacks';

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

test('it makes nothing', () => {
  expect(Object.keys(imported().template().findResources('AWS::S3::Bucket'))).toEqual([]);
});

test('uploads are granted under its prefix', () => {
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

test('reading is granted under its prefix, and the use of the key of its bucket', () => {
  const { web, template } = ((): ReturnType<typeof imported> => {
    const made = imported();
    const key = Key.fromKeyArn(made.web, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/k');
    const pipeline = ThumbnailPipeline.fromThumbnailPipelineAttributes(made.web, 'Other', {
      sourceBucket: made.pipeline.sourceBucket,
      thumbnailBucket: Bucket.fromBucketAttributes(made.web, 'Keyed', { bucketName: 'keyed', encryptionKey: key }),
      thumbnailPrefix: 'small/',
    });
    pipeline.grantRead(made.web).assertSuccess();
    return made;
  })();
  expect(web.node.path).toBe('Stack/Web');
  expect(statementsOf(template())).toEqual([
    { Effect: 'Allow', Action: 'kms:Decrypt', Resource: 'arn:aws:kms:eu-west-1:111122223333:key/k' },
    {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::keyed/small/*']] },
    },
  ]);
});

test('it has the metrics of the pipeline whose name is given', () => {
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

test('without a name there are no metrics, and it says so', () => {
  const { pipeline } = imported();
  expect(() => pipeline.metricImagesMade()).toThrow(
    'Stack/Photos: serviceName: none is invalid; expected given to have metrics: that of the pipeline',
  );
});

test('it is not taken for one of this app', () => {
  expect(ThumbnailPipeline.isThumbnailPipeline(imported().pipeline)).toBe(false);
});
