import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ThumbnailCompute, ThumbnailPipeline, type ThumbnailPipelineProps, ThumbnailTrigger } from '../../../lib';
import { permissionsOf } from '../../support/templates/permissions';
import { newStack, quietly, synthesize, variablesOf, warningsOf } from '../../support/templates/stacks';

const TAG = 's3:ExistingObjectTag/GuardDutyMalwareScanStatus';
const QUARANTINE = ThumbnailTrigger.afterMalwareScan({ quarantine: {} });

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

function statementsOf(template: Template, type: string): Statement[] {
  const policies = Object.values(template.findResources(type)) as {
    readonly Properties: { readonly PolicyDocument: { readonly Statement: Statement[] } };
  }[];
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

const named = (template: Template, sid: string) =>
  statementsOf(template, 'AWS::S3::BucketPolicy').filter(({ Sid }) => Sid === sid);

test('only the worker moves infected sources', () => {
  const { template } = synthesize({ trigger: QUARANTINE, sourcePrefix: 'in/' });
  const worker = permissionsOf(template, 'PhotosUploadFunctionRole');
  const api = permissionsOf(template, 'PhotosApiFunctionRole');
  const moves = [
    's3:DeleteObject on PhotosSourceBucket/in/*',
    's3:DeleteObjectVersion on PhotosSourceBucket/in/*',
    's3:PutObject on PhotosSourceBucket/quarantine/*',
    's3:PutObjectTagging on PhotosSourceBucket/quarantine/*',
  ];
  expect(worker).toEqual(expect.arrayContaining(moves));
  expect(api.filter((line) => moves.includes(line))).toEqual([]);
  expect(variablesOf(template)).toMatchObject({ QUARANTINE_PREFIX: 'quarantine/' });
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  expect(functions.filter((each) => JSON.stringify(each).includes('QUARANTINE_'))).toHaveLength(1);
});

test('the worker can read only scanned objects and can delete an object only by its ETag', () => {
  const { template } = synthesize({ trigger: QUARANTINE, sourcePrefix: 'in/' });
  const statements = statementsOf(template, 'AWS::IAM::Policy');
  const conditionsOf = (action: string) =>
    statements
      .filter(({ Action, Resource }) => Action === action && /SourceBucket.*in\/\*/.test(JSON.stringify(Resource)))
      .map(({ Condition }) => Condition);
  expect(conditionsOf('s3:GetObject')).toEqual(
    expect.arrayContaining([
      { StringEquals: { [TAG]: 'NO_THREATS_FOUND' } },
      { StringEquals: { [TAG]: 'THREATS_FOUND' } },
    ]),
  );
  expect(conditionsOf('s3:GetObject')).not.toContain(undefined);
  expect(conditionsOf('s3:DeleteObject')).toEqual([{ Null: { 's3:if-match': 'false' } }]);
});

test('the bucket policy denies reads of the quarantine and reads of unscanned objects by the worker', () => {
  const { template } = synthesize({ trigger: QUARANTINE, sourcePrefix: 'in/' });
  const worker = { 'Fn::GetAtt': [expect.stringMatching(/^PhotosUploadFunctionRole/), 'Arn'] };
  const scan = { 'Fn::GetAtt': [expect.stringMatching(/^PhotosMalwareScanRole/), 'Arn'] };
  expect(named(template, 'ReadCleanObjectsOnly')).toMatchObject([
    { Effect: 'Deny', Condition: { ArnNotEquals: { 'aws:PrincipalArn': [scan, worker] } } },
  ]);
  expect(named(template, 'MoveInfectedObjectsOnly')).toMatchObject([
    {
      Effect: 'Deny',
      Condition: {
        ArnEquals: { 'aws:PrincipalArn': [worker] },
        StringNotEquals: { [TAG]: ['NO_THREATS_FOUND', 'THREATS_FOUND'] },
      },
    },
  ]);
  const [quarantine] = named(template, 'ReadQuarantine');
  expect(quarantine).toMatchObject({ Effect: 'Deny', Action: ['s3:GetObject', 's3:GetObjectVersion'] });
  expect(JSON.stringify(quarantine!.Resource)).toContain('/quarantine/*');
  expect(quarantine!.Condition).toBeUndefined();
});

test('only readers can read the quarantine', () => {
  const stack = newStack();
  const reader = new iam.Role(stack, 'Analyst', { assumedBy: new iam.AccountRootPrincipal() });
  const trigger = ThumbnailTrigger.afterMalwareScan({ quarantine: { prefix: 'q/', readers: [reader] } });
  const { template } = synthesize({ trigger, sourcePrefix: 'in/' }, stack);
  expect(permissionsOf(template, 'Analyst')).toEqual(['s3:GetObject on PhotosSourceBucket/q/*']);
  expect(named(template, 'ReadQuarantine')).toMatchObject([
    {
      Condition: {
        ArnNotEquals: { 'aws:PrincipalArn': [{ 'Fn::GetAtt': [expect.stringMatching(/^Analyst/), 'Arn'] }] },
      },
    },
  ]);
});

test('a separate quarantine bucket has its own policy and KMS key', () => {
  const stack = newStack();
  const bucket = new s3.Bucket(stack, 'Infected', { encryptionKey: new kms.Key(stack, 'Key') });
  const trigger = ThumbnailTrigger.afterMalwareScan({ quarantine: { bucket, prefix: '' } });
  const { template } = synthesize({ trigger }, stack);
  const worker = permissionsOf(template, 'PhotosUploadFunctionRole');
  expect(worker).toEqual(
    expect.arrayContaining([
      's3:PutObject on Infected/*',
      's3:PutObjectTagging on Infected/*',
      'kms:GenerateDataKey on Key',
    ]),
  );
  expect(worker.filter((line) => /Infected/.test(line))).toHaveLength(2);
  expect(named(template, 'ReadQuarantine')).toHaveLength(1);
});

test('both workers of a hybrid compute move infected sources', () => {
  const compute = ThumbnailCompute.hybrid();
  const { template } = synthesize({ trigger: QUARANTINE, sourcePrefix: 'in/', compute });
  const [statement] = named(template, 'MoveInfectedObjectsOnly');
  expect(
    (statement!.Condition as { ArnEquals: { 'aws:PrincipalArn': unknown[] } }).ArnEquals['aws:PrincipalArn'],
  ).toHaveLength(2);
});

test('a scan without a quarantine adds no permissions, variables or statements', () => {
  const { template } = synthesize({ trigger: ThumbnailTrigger.afterMalwareScan(), sourcePrefix: 'in/' });
  const text = JSON.stringify(template.toJSON());
  expect(['quarantine', 'QUARANTINE_', '"THREATS_FOUND', 'MoveInfected'].filter((part) => text.includes(part))).toEqual(
    [],
  );
  expect(permissionsOf(template, 'PhotosUploadFunctionRole').filter((line) => line.includes('Delete'))).toEqual([
    's3:DeleteObject on PhotosThumbnailBucket/*',
    'sqs:DeleteMessage on PhotosQueue',
  ]);
});

test('an imported bucket and a bucket of another stack cause warnings with the required statements', () => {
  const stack = newStack();
  const buckets: readonly s3.IBucket[] = [
    s3.Bucket.fromBucketName(stack, 'Imported', 'photos'),
    new s3.Bucket(new Stack(stack.node.root, 'Buckets'), 'Bucket'),
  ];
  for (const [index, sourceBucket] of buckets.entries()) {
    new ThumbnailPipeline(stack, `Photos${index}`, { sourceBucket, sourcePrefix: 'in/', trigger: QUARANTINE });
  }
  quietly(() => Template.fromStack(stack));
  const warnings = warningsOf(stack);
  expect(warnings.filter((text) => text.includes('MoveInfectedObjectsOnly'))).toHaveLength(2);
  expect(warnings.filter((text) => text.includes('ReadQuarantine'))).toHaveLength(2);
});

describe('the pipeline rejects a quarantine', () => {
  const bucketOf = (stack: Stack) => new s3.Bucket(stack, 'Bucket');
  test.each<[string, (stack: Stack) => ThumbnailPipelineProps]>([
    ['in the source prefix', () => ({ sourcePrefix: 'quarantine/in/', trigger: QUARANTINE })],
    ['with an empty source prefix', () => ({ trigger: QUARANTINE })],
    [
      'in the thumbnail prefix',
      (stack) => {
        const bucket = bucketOf(stack);
        return {
          sourceBucket: bucket,
          thumbnailBucket: bucket,
          sourcePrefix: 'in/',
          thumbnailPrefix: 'quarantine/a/',
          trigger: QUARANTINE,
        };
      },
    ],
    [
      'in an own bucket that is the thumbnail bucket',
      (stack) => {
        const bucket = bucketOf(stack);
        return { thumbnailBucket: bucket, trigger: ThumbnailTrigger.afterMalwareScan({ quarantine: { bucket } }) };
      },
    ],
    [
      'with a leading slash',
      () => ({ sourcePrefix: 'in/', trigger: ThumbnailTrigger.afterMalwareScan({ quarantine: { prefix: '/q/' } }) }),
    ],
    [
      'with a long prefix',
      () => ({
        sourcePrefix: 'in/',
        trigger: ThumbnailTrigger.afterMalwareScan({ quarantine: { prefix: 'q'.repeat(2000) } }),
      }),
    ],
  ])('%s', (_, props) => {
    const stack = newStack();
    expect(() => new ThumbnailPipeline(stack, 'Photos', props(stack))).toThrow('trigger.quarantine.prefix: ');
  });

  test('the pipeline rejects quarantine keys that are sources or thumbnails of another pipeline', () => {
    const stack = newStack();
    const bucket = bucketOf(stack);
    const scanned = { sourceBucket: bucket, sourcePrefix: 'in/', trigger: QUARANTINE };
    const other = { sourceBucket: bucket, sourcePrefix: 'quarantine/', trigger: ThumbnailTrigger.eventBridge() };
    new ThumbnailPipeline(stack, 'First', scanned);
    expect(() => new ThumbnailPipeline(stack, 'Second', other)).toThrow('sourcePrefix: ');
    const reversed = newStack();
    const again = bucketOf(reversed);
    new ThumbnailPipeline(reversed, 'First', { ...other, sourceBucket: again });
    expect(() => new ThumbnailPipeline(reversed, 'Second', { ...scanned, sourceBucket: again })).toThrow(
      'trigger.quarantine.prefix: ',
    );
  });
});
