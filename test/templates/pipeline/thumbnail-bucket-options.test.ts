import { App, Duration, type Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ThumbnailPipeline } from '../../../lib';
import { newStack, onlyResource, problemsOf, quietly, synthesize, warningsOf } from '../../support/stacks';

const NEVER_FINISHED = { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' };

test('each bucket has versions, lifecycle and access logs of its own', () => {
  const { template } = synthesize((stack) => {
    const serverAccessLogsBucket = new s3.Bucket(stack, 'Logs');
    return {
      sourceBucketOptions: {
        versioned: true,
        lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30) }],
        serverAccessLogsBucket,
        serverAccessLogsPrefix: 'sources/',
      },
      thumbnailBucketOptions: { serverAccessLogsBucket },
    };
  });
  const [logs, source, thumbnails] = ['Logs', 'PhotosSourceBucket', 'PhotosThumbnailBucket'].map((id) => {
    const [found] = Object.entries(template.findResources('AWS::S3::Bucket')).filter(([name]) => name.startsWith(id));
    return { id: found![0], properties: (found![1] as { readonly Properties: Record<string, unknown> }).Properties };
  });
  expect(source!.properties).toMatchObject({
    VersioningConfiguration: { Status: 'Enabled' },
    LifecycleConfiguration: {
      Rules: [NEVER_FINISHED, { NoncurrentVersionExpiration: { NoncurrentDays: 30 }, Status: 'Enabled' }],
    },
    LoggingConfiguration: { DestinationBucketName: { Ref: logs!.id }, LogFilePrefix: 'sources/' },
  });
  expect(thumbnails!.properties).toMatchObject({
    LifecycleConfiguration: { Rules: [NEVER_FINISHED] },
    LoggingConfiguration: { DestinationBucketName: { Ref: logs!.id } },
  });
  expect(thumbnails!.properties).not.toHaveProperty('VersioningConfiguration');
});

test('whatever the options say, buckets are private, encrypted, without ACLs and for TLS only', () => {
  const { template } = synthesize({ sourceBucketOptions: { versioned: true }, thumbnailBucketOptions: {} });
  template.allResourcesProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
  const policies = Object.values(template.findResources('AWS::S3::BucketPolicy')).map((policy) =>
    JSON.stringify(policy),
  );
  expect(policies).toHaveLength(2);
  for (const policy of policies) {
    expect(policy).toContain('"Bool":{"aws:SecureTransport":"false"}');
  }
});

test('options of a bucket that is not made here are refused', () => {
  expect(
    problemsOf((stack) => ({
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Theirs', 'theirs'),
      sourceBucketOptions: { versioned: true },
      thumbnailBucketOptions: { serverAccessLogsPrefix: 'x/' },
    })),
  ).toEqual([
    'sourceBucketOptions: options beside Stack/Theirs is invalid; expected left out: a bucket of your own has its own',
    'thumbnailBucketOptions.serverAccessLogsPrefix: a prefix without serverAccessLogsBucket is invalid; expected left out, or ' +
      'serverAccessLogsBucket given',
  ]);
});

describe('what cannot be granted fails with what to do:', () => {
  const imported = (env?: Environment): ThumbnailPipeline => {
    const stack = newStack({ env });
    return new ThumbnailPipeline(stack, 'Photos', {
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Sources', 'sources'),
      thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'thumbnails'),
      thumbnailPrefix: 'out/',
    });
  };

  test('a service that has no policy, and a bucket whose policy is out of reach', () => {
    const transfer = new iam.ServicePrincipal('transfer.amazonaws.com');
    expect(() => imported().grantUpload(transfer)).toThrow(
      /^Stack\/Sources: the bucket is imported .* add this statement to the policy of the bucket: \{"Action":\["s3:PutObject","s3:AbortMultipartUpload"\],.*"transfer\.amazonaws\.com"/,
    );
    expect(() => imported().grantRead(transfer)).toThrow(/^Stack\/Thumbnails: .*"s3:GetObject".*thumbnails\/out\/\*/);
  });

  test('a role of a stack whose account is not known may need more', () => {
    const pipeline = imported({ account: '111111111111', region: 'eu-central-1' });
    const role = new iam.Role(new Stack(App.of(pipeline), 'Other'), 'Role', {
      assumedBy: new iam.AccountRootPrincipal(),
    });
    pipeline.grantRead(role);
    expect(warningsOf(Stack.of(pipeline))).toEqual([
      expect.stringMatching(
        /where Other\/Role is of another account, let the policy of the bucket allow it s3:GetObject on .*\[ack: cdk-thumbnails:importedBucketPolicy\]$/,
      ),
    ]);
  });

  test('a principal of another account is granted by the policy of a bucket of one’s own, once', () => {
    const stack = newStack({ env: { account: '111111111111', region: 'eu-central-1' } });
    new ThumbnailPipeline(stack, 'Photos').grantUpload(new iam.AccountPrincipal('222222222222'));
    const policies = JSON.stringify(quietly(() => Template.fromStack(stack)).findResources('AWS::S3::BucketPolicy'));
    expect(policies.match(/s3:AbortMultipartUpload/g)).toHaveLength(1);
  });

  test('a role has a policy of its own', () => {
    const pipeline = imported();
    const role = new iam.Role(pipeline, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    expect(pipeline.grantUpload(role).success).toBe(true);
    const template = quietly(() => Template.fromStack(role.stack));
    const policies = template.findResources('AWS::IAM::Policy', {
      Properties: { Roles: [role.stack.resolve(role.roleName)] },
    });
    expect(JSON.stringify(policies)).toContain('s3:AbortMultipartUpload');
  });
});

test('the bucket for access logs lets only S3 write, for these buckets of this account', () => {
  const { template } = synthesize((stack) => ({
    sourceBucketOptions: { serverAccessLogsBucket: new s3.Bucket(stack, 'Logs') },
  }));
  const policy = onlyResource(template, 'AWS::S3::BucketPolicy', { Properties: { Bucket: { Ref: 'Logs6819BB44' } } });
  expect(policy['PolicyDocument']).toMatchObject({
    Statement: [
      {
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Action: 's3:PutObject',
        Condition: {
          ArnLike: { 'aws:SourceArn': { 'Fn::GetAtt': [expect.stringMatching(/^PhotosSourceBucket/), 'Arn'] } },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
      },
    ],
  });
});

test('a bucket of another account is told of, with what its policy must allow', () => {
  const stack = newStack({ env: { account: '111111111111', region: 'eu-central-1' } });
  const of = (account: string): s3.IBucket =>
    s3.Bucket.fromBucketAttributes(stack, `Of${account}`, { bucketName: `of-${account}`, account });
  new ThumbnailPipeline(stack, 'Photos', {
    sourceBucket: of('222222222222'),
    thumbnailBucket: of('111111111111'),
    apiEnabled: false,
  });
  expect(warningsOf(stack)).toEqual([
    'the bucket is of the account 222222222222, and the program of 111111111111: the policy of the bucket must allow the role ' +
      'Stack/Photos/UploadFunctionRole s3:GetObject and s3:ListBucket [ack: cdk-thumbnails:otherAccountBucket]',
  ]);
});
