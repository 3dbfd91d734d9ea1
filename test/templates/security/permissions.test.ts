import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ThumbnailCompute, type ThumbnailPipelineProps, ThumbnailTrigger } from '../../../lib';
import { permissionsOf, type Statement } from '../../support/permissions';
import { newStack, synthesize } from '../../support/stacks';

const ALL: ThumbnailPipelineProps = { sourcePrefix: 'in/', thumbnailPrefix: 'out/' };
const SERVICE_MODES = ['PhotosUploadFunction', 'PhotosApiFunction'];

test('the program may do this, and nothing else', () => {
  expect(permissionsOf(synthesize(ALL).template, ...SERVICE_MODES)).toEqual([
    'logs:CreateLogStream on PhotosLogGroup',
    'logs:PutLogEvents on PhotosLogGroup',
    's3:DeleteObject on PhotosThumbnailBucket/out/*',
    's3:GetObject on PhotosSourceBucket/in/*',
    's3:GetObject on PhotosThumbnailBucket/out/*',
    // Of the bucket as a whole: S3 answers 404 instead of 403 for missing objects only then.
    's3:ListBucket on PhotosSourceBucket',
    's3:ListBucket on PhotosThumbnailBucket',
    's3:PutObject on PhotosThumbnailBucket/out/*',
    'sqs:DeleteMessage on PhotosQueue',
    'sqs:GetQueueAttributes on PhotosQueue',
    'sqs:ReceiveMessage on PhotosQueue',
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

  test('stand for objects under a prefix, and for X-Ray, which has no resources', () => {
    expect(permissionsOf(template, ...SERVICE_MODES).filter((line) => line.includes('*'))).toEqual([
      's3:DeleteObject on PhotosThumbnailBucket/out/*',
      's3:GetObject on PhotosSourceBucket/in/*',
      's3:GetObject on PhotosThumbnailBucket/out/*',
      's3:PutObject on PhotosThumbnailBucket/out/*',
      'xray:PutTelemetryRecords on *',
      'xray:PutTraceSegments on *',
    ]);
  });

  test('are in no statement that allows a principal of a resource’s policy anything', () => {
    const allowed = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy']
      .flatMap((type) => Object.values(template.findResources(type)))
      .flatMap(
        (policy) =>
          (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument
            .Statement,
      )
      .filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toHaveLength(1);
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
