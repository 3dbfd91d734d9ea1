import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ThumbnailCompute, type ThumbnailPipelineProps, ThumbnailTrigger } from '../../../lib';
import { permissionsOf, type Statement } from '../../support/templates/permissions';
import { newStack, synthesize } from '../../support/templates/stacks';

const ALL: ThumbnailPipelineProps = { sourcePrefix: 'in/', thumbnailPrefix: 'out/' };
const FUNCTIONS = ['PhotosUploadFunction', 'PhotosApiFunction'];

test('the functions have only the permissions in the list of this test', () => {
  expect(permissionsOf(synthesize(ALL).template, ...FUNCTIONS)).toEqual([
    'logs:CreateLogStream on PhotosLogGroup',
    'logs:PutLogEvents on PhotosLogGroup',
    's3:DeleteObject on PhotosThumbnailBucket/out/*',
    's3:GetObject on PhotosSourceBucket/in/*',
    's3:GetObject on PhotosThumbnailBucket/out/*',
    // The permission applies to the whole bucket. Without this permission, S3 responds with 403 instead of 404 for missing
    // objects.
    's3:ListBucket on PhotosSourceBucket',
    's3:ListBucket on PhotosThumbnailBucket',
    's3:PutObject on PhotosThumbnailBucket/out/*',
    'sqs:DeleteMessage on PhotosQueue',
    'sqs:GetQueueAttributes on PhotosQueue',
    'sqs:ReceiveMessage on PhotosQueue',
    'sqs:SendMessage on PhotosQueue',
  ]);
});

describe('wildcards', () => {
  const everything = newStack();
  const { template } = synthesize(
    {
      ...ALL,
      encryptionKey: new kms.Key(everything, 'Key'),
      compute: ThumbnailCompute.lambda({ tracing: lambda.Tracing.ACTIVE }),
      trigger: ThumbnailTrigger.eventBridge(),
    },
    everything,
  );

  test('wildcards occur only in ARNs of objects with a prefix and in statements for X-Ray', () => {
    expect(permissionsOf(template, ...FUNCTIONS).filter((line) => line.includes('*'))).toEqual([
      's3:DeleteObject on PhotosThumbnailBucket/out/*',
      's3:GetObject on PhotosSourceBucket/in/*',
      's3:GetObject on PhotosThumbnailBucket/out/*',
      's3:PutObject on PhotosThumbnailBucket/out/*',
      'xray:PutTelemetryRecords on *',
      'xray:PutTraceSegments on *',
    ]);
  });

  test('resource-based policies that allow access contain no wildcards', () => {
    const allowed = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy']
      .flatMap((type) => Object.values(template.findResources(type)))
      .flatMap(
        (policy) =>
          (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument
            .Statement,
      )
      .filter(({ Effect }) => Effect === 'Allow');
    // The queue and its dead-letter queue.
    expect(allowed).toHaveLength(2);
    expect(JSON.stringify(allowed)).not.toContain('*');
  });

  test('roles of the pipeline have no managed policies', () => {
    for (const [id, role] of Object.entries(template.findResources('AWS::IAM::Role'))) {
      if (id.startsWith('Photos')) {
        expect((role as { Properties: object }).Properties).not.toHaveProperty('ManagedPolicyArns');
      }
    }
  });
});
