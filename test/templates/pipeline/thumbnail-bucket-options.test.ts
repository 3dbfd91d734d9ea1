import { App, Duration, type Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ThumbnailPipeline } from '../../../lib';
import {
  errorFor,
  newStack,
  onlyResource,
  problemsOf,
  quietly,
  synthesize,
  warningsOf,
} from '../../support/templates/stacks';

const ABORT_UPLOADS = { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' };

test('each bucket has its own versioning, lifecycle rules and access logs', () => {
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
      Rules: [ABORT_UPLOADS, { NoncurrentVersionExpiration: { NoncurrentDays: 30 }, Status: 'Enabled' }],
    },
    LoggingConfiguration: { DestinationBucketName: { Ref: logs!.id }, LogFilePrefix: 'sources/' },
  });
  expect(thumbnails!.properties).toMatchObject({
    LifecycleConfiguration: { Rules: [ABORT_UPLOADS] },
    LoggingConfiguration: { DestinationBucketName: { Ref: logs!.id } },
  });
  expect(thumbnails!.properties).not.toHaveProperty('VersioningConfiguration');
});

test('buckets with options are private and encrypted without ACLs and require TLS', () => {
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

test('the pipeline rejects bucket options for an existing bucket', () => {
  expect(
    problemsOf((stack) => ({
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Theirs', 'theirs'),
      sourceBucketOptions: { versioned: true },
      thumbnailBucketOptions: { serverAccessLogsPrefix: 'x/' },
    })),
  ).toEqual([
    errorFor('sourceBucketOptions', 'Stack/Theirs'),
    errorFor('thumbnailBucketOptions.serverAccessLogsPrefix', 'serverAccessLogsBucket'),
  ]);
});

describe('a grant', () => {
  const imported = (env?: Environment): ThumbnailPipeline => {
    const stack = newStack({ env });
    return new ThumbnailPipeline(stack, 'Photos', {
      sourceBucket: s3.Bucket.fromBucketName(stack, 'Sources', 'sources'),
      thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'thumbnails'),
      thumbnailPrefix: 'out/',
    });
  };

  test('a grant to a service on an imported bucket throws an error with the required statement', () => {
    const transfer = new iam.ServicePrincipal('transfer.amazonaws.com');
    expect(() => imported().grantUpload(transfer)).toThrow(
      /^Stack\/Sources: .*imported bucket.*: \{"Action":\["s3:PutObject","s3:AbortMultipartUpload"\],.*"transfer\.amazonaws\.com"/,
    );
    expect(() => imported().grantRead(transfer)).toThrow(/^Stack\/Thumbnails: .*"s3:GetObject".*thumbnails\/out\/\*/);
  });

  test('a grant to a role that may belong to another account causes a warning', () => {
    const pipeline = imported({ account: '111111111111', region: 'eu-central-1' });
    const role = new iam.Role(new Stack(App.of(pipeline), 'Other'), 'Role', {
      assumedBy: new iam.AccountRootPrincipal(),
    });
    pipeline.grantRead(role);
    expect(warningsOf(Stack.of(pipeline))).toEqual([
      expect.stringMatching(/Other\/Role.*s3:GetObject.*\[ack: cdk-thumbnails:importedBucketPolicy\]$/),
    ]);
  });

  test('a grant to a principal of another account adds one statement to the bucket policy', () => {
    const stack = newStack({ env: { account: '111111111111', region: 'eu-central-1' } });
    new ThumbnailPipeline(stack, 'Photos').grantUpload(new iam.AccountPrincipal('222222222222'));
    const policies = JSON.stringify(quietly(() => Template.fromStack(stack)).findResources('AWS::S3::BucketPolicy'));
    expect(policies.match(/s3:AbortMultipartUpload/g)).toHaveLength(1);
  });

  test('a grant to a role changes the policy of the role', () => {
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

test('the policy of the log bucket permits only S3 to write logs of these buckets', () => {
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

test('a bucket of another account causes a warning with the actions that its policy must allow', () => {
  const stack = newStack({ env: { account: '111111111111', region: 'eu-central-1' } });
  const of = (account: string): s3.IBucket =>
    s3.Bucket.fromBucketAttributes(stack, `Of${account}`, { bucketName: `of-${account}`, account });
  new ThumbnailPipeline(stack, 'Photos', {
    sourceBucket: of('222222222222'),
    thumbnailBucket: of('111111111111'),
    apiEnabled: false,
  });
  expect(warningsOf(stack)).toEqual([
    expect.stringMatching(
      /222222222222.*111111111111.*Stack\/Photos\/UploadFunctionRole.*"s3:GetObject".*"s3:ListBucket".*\[ack: cdk-thumbnails:otherAccountBucket\]$/,
    ),
    expect.stringMatching(/222222222222.*\[ack: cdk-thumbnails:otherAccountNotifications\]$/),
  ]);
});
