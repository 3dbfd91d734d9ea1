import { type CfnResource, Duration, RemovalPolicy, Size, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ThumbnailAccess, ThumbnailPipeline, type ThumbnailPipelineProps } from '../../../lib';
import { ALLOCATOR_VARIABLES } from '../../../runtime/contract';
import { CONTEXTS, newStack, onlyResource, synthesize, variablesOf, warningsOf } from '../../support/templates/stacks';

describe.each(CONTEXTS)('with %s, a pipeline without props', (_name, context) => {
  const { template, pipeline } = synthesize({}, newStack({ context }));

  test('the logical ids of the pipeline are stable', () => {
    const types = [
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
      'AWS::Logs::LogGroup',
      'AWS::IAM::Role',
      'AWS::ApiGatewayV2::Api',
      'AWS::ApiGatewayV2::Stage',
      'AWS::Lambda::EventSourceMapping',
      'Custom::S3BucketNotifications',
    ];
    const ids = types.flatMap((type) => Object.keys(template.findResources(type)));
    const functions = template.findResources('AWS::Lambda::Function', {
      Properties: { Handler: Match.stringLikeRegexp('-function') },
    });
    expect([...ids, ...Object.keys(functions), ...Object.keys(template.findOutputs('*'))]).toEqual([
      'PhotosSourceBucket23FDDEDF',
      'PhotosThumbnailBucket17E44D09',
      'PhotosDeadLetterQueueA6283A8C',
      'PhotosQueueED84B6A0',
      'PhotosLogGroupC81F309F',
      'PhotosApiAccessLogGroupC34C7223',
      'PhotosUploadFunctionRoleF8587792',
      'PhotosApiFunctionRole76EC341E',
      'BucketNotificationsHandler050a0587b7544547bf325f094a3db834RoleB6FB88EC',
      'PhotosApiHttpApi5C46B302',
      'PhotosApiStage63E7624B',
      'PhotosUploadFunctionQueueB49DB15D',
      'PhotosSourceBucketNotifications6FFEC487',
      'PhotosUploadFunction3888B256',
      'PhotosApiFunction225EF984',
      'PhotosSourceBucketName22E90778',
      'PhotosThumbnailBucketNameFA2110BC',
      'PhotosApiUrlF32BC631',
    ]);
  });

  test('the pipeline retains its private and encrypted buckets that require TLS', () => {
    template.resourceCountIs('AWS::S3::Bucket', 2);
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
      LifecycleConfiguration: { Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }] },
    });
    template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.allResourcesProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('the pipeline has an encrypted queue with a dead-letter queue', () => {
    template.resourceCountIs('AWS::SQS::Queue', 2);
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 360,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': ['PhotosDeadLetterQueueA6283A8C', 'Arn'] },
        maxReceiveCount: 5,
      },
    });
    template.hasResourceProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 24 * 3600 });
    template.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Action: 'sqs:*' })]) },
    });
  });

  test('the pipeline has log groups with a retention of 30 days', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    template.allResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain' });
  });

  test('the pipeline has outputs for the names and URLs of its resources', () => {
    expect(pipeline.api?.url).toBeDefined();
    template.hasOutput('PhotosSourceBucketName22E90778', { Value: { Ref: 'PhotosSourceBucket23FDDEDF' } });
    template.hasOutput('PhotosThumbnailBucketNameFA2110BC', { Value: { Ref: 'PhotosThumbnailBucket17E44D09' } });
    template.hasOutput('PhotosApiUrlF32BC631', {
      Value: {
        'Fn::Join': [
          '',
          [
            'https://',
            { Ref: 'PhotosApiHttpApi5C46B302' },
            '.execute-api.',
            { Ref: 'AWS::Region' },
            '.',
            { Ref: 'AWS::URLSuffix' },
            '/',
          ],
        ],
      },
    });
  });

  test('the properties of the pipeline expose its resources', () => {
    const exposed = [
      pipeline.sourceBucket,
      pipeline.thumbnailBucket,
      pipeline.queue,
      pipeline.deadLetterQueue,
      pipeline.logGroup,
      pipeline.uploadFunction,
      pipeline.apiFunction,
      pipeline.api,
      pipeline.api?.httpApi,
      pipeline.api?.stage,
      pipeline.api?.accessLogGroup,
    ];
    expect(exposed.map((construct) => construct && pathInPipeline(pipeline, construct))).toEqual([
      'SourceBucket',
      'ThumbnailBucket',
      'Queue',
      'DeadLetterQueue',
      'LogGroup',
      'UploadFunction',
      'ApiFunction',
      'Api',
      'Api/HttpApi',
      'Api/Stage',
      'Api/AccessLogGroup',
    ]);
    expect(pipeline.uploadFunction?.role?.node.path).toBe('Stack/Photos/UploadFunctionRole');
  });
});

function pathInPipeline(pipeline: ThumbnailPipeline, construct: { readonly node: Construct['node'] }): string {
  return construct.node.path.slice(`${pipeline.node.path}/`.length);
}

describe('props', () => {
  test('a pipeline with existing buckets creates no buckets', () => {
    const { template, pipeline, stack } = synthesize((stack) => ({
      sourceBucket: new s3.Bucket(stack, 'Mine'),
      thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Theirs', 'their-thumbnails'),
    }));
    template.resourceCountIs('AWS::S3::Bucket', 1);
    expect(pipeline.sourceBucket).toBe(stack.node.findChild('Mine'));
    expect(variablesOf(template)).toMatchObject({
      SOURCE_BUCKET: { Ref: expect.stringMatching(/^Mine/) as string },
      THUMBNAIL_BUCKET: 'their-thumbnails',
    });
  });

  test('the runtime has permissions only for the prefixes in its environment', () => {
    const { template } = synthesize({ sourcePrefix: 'uploads/', thumbnailPrefix: 'made/' });
    expect(variablesOf(template)).toMatchObject({ SOURCE_PREFIX: 'uploads/', THUMBNAIL_PREFIX: 'made/' });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: 's3:GetObject',
            Effect: 'Allow',
            Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['PhotosSourceBucket23FDDEDF', 'Arn'] }, '/uploads/*']] },
          },
          Match.objectLike({
            Action: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
            Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['PhotosThumbnailBucket17E44D09', 'Arn'] }, '/made/*']] },
          }),
        ]),
      },
    });
  });

  test('the environment contains suffixes, limits and Boolean settings', () => {
    const { template } = synthesize({
      sourceSuffixes: ['.jpg', '.png'],
      limits: { maxFileSize: Size.mebibytes(5), maxPixels: 1000, maxFrames: 3, maxDuration: Duration.seconds(7) },
      cacheControl: 'no-store',
      allowSvg: true,
      detectJpegCorruption: true,
    });
    expect(variablesOf(template)).toMatchObject({
      SOURCE_SUFFIXES: '[".jpg",".png"]',
      LIMITS: '{"maxFileSizeBytes":5242880,"maxPixels":1000,"maxFrames":3,"maxDurationSeconds":7}',
      CACHE_CONTROL: 'no-store',
      ALLOW_SVG: 'true',
      DETECT_JPEG_CORRUPTION: 'true',
    });
  });

  test('the environment omits settings with default values', () => {
    const { template } = synthesize({
      sourcePrefix: '',
      sourceSuffixes: [],
      limits: {},
      allowSvg: false,
      detectJpegCorruption: false,
      cacheControl: 'public, max-age=86400, stale-while-revalidate=604800',
    });
    expect(Object.keys(variablesOf(template))).toEqual([
      ...Object.keys(ALLOCATOR_VARIABLES),
      'STORAGE',
      'SOURCE_BUCKET',
      'THUMBNAIL_BUCKET',
      'THUMBNAILS',
      'POWERTOOLS_SERVICE_NAME',
      'POWERTOOLS_METRICS_NAMESPACE',
    ]);
  });

  test('the runtime has minimal permissions for the KMS key of the new buckets', () => {
    const { template, stack } = synthesize((stack) => ({ encryptionKey: new kms.Key(stack, 'Key') }));
    const keyArn = stack.resolve((stack.node.findChild('Key') as kms.Key).keyArn) as unknown;
    template.allResourcesProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
          },
        ],
      },
    });
    for (const role of ['PhotosUploadFunctionRole', 'PhotosApiFunctionRole']) {
      expect(kmsActions(template, role)).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    }
  });

  test("an escape hatch assigns a log group to the CDK's notification handler", () => {
    const stack = newStack();
    new ThumbnailPipeline(stack, 'Photos');
    const handler = stack.node.findChild('BucketNotificationsHandler050a0587b7544547bf325f094a3db834');
    (handler.node.defaultChild as CfnResource).addPropertyOverride('LoggingConfig.LogGroup', 'handler-logs');
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      LoggingConfig: { LogGroup: 'handler-logs' },
      Description: Match.stringLikeRegexp('Custom::S3BucketNotifications'),
    });
  });

  test('the runtime can use the KMS key of an existing source bucket only to decrypt', () => {
    const { template } = synthesize((stack) => ({
      sourceBucket: new s3.Bucket(stack, 'Mine', {
        encryption: s3.BucketEncryption.KMS,
        encryptionKey: new kms.Key(stack, 'Key'),
      }),
    }));
    expect(kmsActions(template, 'PhotosUploadFunctionRole')).toEqual(['kms:Decrypt']);
  });

  test('the runtime has no KMS permissions without a KMS key', () => {
    expect(kmsActions(synthesize().template, '')).toEqual([]);
  });

  test('the pipeline adds a policy for the bucket to an existing queue', () => {
    const { template, pipeline, stack } = synthesize((stack) => ({
      queue: new sqs.Queue(stack, 'Mine', {
        visibilityTimeout: Duration.minutes(6),
        deadLetterQueue: { queue: new sqs.Queue(stack, 'Dead'), maxReceiveCount: 2 },
      }),
    }));
    template.resourceCountIs('AWS::SQS::Queue', 2);
    expect(pipeline.queue).toBe(stack.node.findChild('Mine'));
    expect(pipeline.deadLetterQueue).toBe(stack.node.findChild('Dead'));
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 's3.amazonaws.com' } })] },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(pipeline.queue.queueArn) as unknown,
    });
  });

  test('the pipeline uses an existing dead-letter queue and maxReceiveCount', () => {
    const { template, pipeline, stack } = synthesize((stack) => ({
      deadLetterQueue: new sqs.Queue(stack, 'Dead'),
      maxReceiveCount: 2,
    }));
    template.resourceCountIs('AWS::SQS::Queue', 2);
    expect(pipeline.deadLetterQueue).toBe(stack.node.findChild('Dead'));
    template.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: {
        maxReceiveCount: 2,
        deadLetterTargetArn: stack.resolve(pipeline.deadLetterQueue?.queueArn) as unknown,
      },
    });
  });

  test('both functions use an existing log group', () => {
    const { template } = synthesize((stack) => ({
      logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', 'all-logs'),
    }));
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { LoggingConfig: { LogGroup: 'all-logs' } }, 2);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: { 'Fn::Join': ['', Match.arrayWith([':log-group:all-logs:*'])] },
          }),
        ]),
      },
    });
  });

  test('the removal policy applies to buckets and log groups', () => {
    const { template } = synthesize({ removalPolicy: RemovalPolicy.DESTROY });
    template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    template.allResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
  });

  test.each([
    [undefined, 'Retain'],
    [RemovalPolicy.DESTROY, 'Delete'],
  ])('the removal policy applies to signing keys: %s', (removalPolicy, DeletionPolicy) => {
    const { template } = synthesize({ removalPolicy, api: { access: ThumbnailAccess.signed() } });
    template.allResources('AWS::SecretsManager::Secret', { DeletionPolicy });
  });

  test('the pipeline warns about thumbnails without a KMS key if the sources have a KMS key', () => {
    const warned = (props: (stack: Stack) => ThumbnailPipelineProps): boolean => {
      const stack = newStack();
      new ThumbnailPipeline(stack, 'Photos', props(stack));
      return warningsOf(stack).some((text) => text.includes('cdk-thumbnails:thumbnailsWithoutKey'));
    };
    const encrypted = (stack: Stack) =>
      new s3.Bucket(stack, 'Source', { encryptionKey: new kms.Key(stack, 'Key'), encryption: s3.BucketEncryption.KMS });
    expect(warned((stack) => ({ sourceBucket: encrypted(stack) }))).toBe(true);
    expect(warned((stack) => ({ sourceBucket: encrypted(stack), encryptionKey: new kms.Key(stack, 'Own') }))).toBe(
      false,
    );
    expect(
      warned((stack) => ({ sourceBucket: encrypted(stack), thumbnailBucket: new s3.Bucket(stack, 'Thumbnails') })),
    ).toBe(false);
    expect(warned(() => ({}))).toBe(false);
  });

  test('autoDeleteObjects deletes the objects of both buckets', () => {
    const { template } = synthesize({ removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 2);
  });

  test('a pipeline with apiEnabled: false creates no API', () => {
    const { template, pipeline } = synthesize({ apiEnabled: false });
    expect(pipeline.api).toBeUndefined();
    expect(pipeline.apiFunction).toBeUndefined();
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Handler: 'api-function.handler' }, 0);
    expect(Object.keys(template.findOutputs('*'))).toHaveLength(2);
    expect(() => pipeline.grantApiRead(new iam.AccountRootPrincipal())).toThrow(
      /^Stack\/Photos: grantApiRead: .*apiEnabled/,
    );
  });

  test('a pipeline with createOutputs: false creates no outputs', () => {
    expect(synthesize({ createOutputs: false }).template.findOutputs('*')).toEqual({});
  });
});

/** Returns the KMS actions in the policies whose logical ids start with `role`. */
function kmsActions(template: Template, role: string): string[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')) as unknown as [
    string,
    {
      readonly Properties: {
        readonly PolicyDocument: { readonly Statement: { readonly Action: string | string[] }[] };
      };
    },
  ][];
  return policies
    .filter(([id]) => id.startsWith(role))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement.flatMap(({ Action }) => Action))
    .filter((action) => action.startsWith('kms:'))
    .filter((action, index, all) => all.indexOf(action) === index)
    .sort();
}

describe('grants', () => {
  function grantedTo(grant: (pipeline: ThumbnailPipeline, role: iam.Role) => void, withKey = false): unknown {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', {
      sourcePrefix: 'in/',
      thumbnailPrefix: 'out/',
      encryptionKey: withKey ? new kms.Key(stack, 'Key') : undefined,
    });
    grant(pipeline, new iam.Role(stack, 'Web', { assumedBy: new iam.AccountRootPrincipal() }));
    const policy = onlyResource(Template.fromStack(stack), 'AWS::IAM::Policy', {
      Properties: { PolicyName: Match.stringLikeRegexp('^Web') },
    });
    return (policy['PolicyDocument'] as { readonly Statement: unknown }).Statement;
  }
  const objects = (bucket: string, keys: string) => ({ 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket, 'Arn'] }, keys]] });

  test('grants for uploads allow only writing of sources', () => {
    expect(grantedTo((pipeline, role) => pipeline.grantUpload(role))).toEqual([
      {
        Effect: 'Allow',
        Action: ['s3:AbortMultipartUpload', 's3:PutObject'],
        Resource: objects('PhotosSourceBucket23FDDEDF', '/in/*'),
      },
    ]);
  });

  test('grants for reading allow only reading of thumbnails', () => {
    expect(grantedTo((pipeline, role) => pipeline.grantRead(role))).toEqual([
      { Effect: 'Allow', Action: 's3:GetObject', Resource: objects('PhotosThumbnailBucket17E44D09', '/out/*') },
    ]);
  });

  test('the grants include the use of the KMS key through S3', () => {
    const service = { 'Fn::Join': ['', ['s3.', { Ref: 'AWS::Region' }, '.amazonaws.com*']] };
    const Condition = { StringLike: { 'kms:ViaService': service } };
    const key = { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] };
    expect(grantedTo((pipeline, role) => pipeline.grantUpload(role), true)).toContainEqual({
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: key,
      Condition,
    });
    expect(grantedTo((pipeline, role) => pipeline.grantRead(role), true)).toContainEqual({
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: key,
      Condition,
    });
  });

  test('grants for the API allow its routes and methods', () => {
    const [statement] = grantedTo((pipeline, role) => pipeline.grantApiRead(role)) as {
      readonly Action: string;
      readonly Resource: { readonly 'Fn::Join': [string, unknown[]] }[];
    }[];
    expect(statement?.Action).toBe('execute-api:Invoke');
    expect(statement?.Resource.map((arn) => arn['Fn::Join'][1].at(-1))).toEqual([
      '/*/GET/health',
      '/*/GET/images',
      '/*/GET/images/*',
      '/*/GET/openapi.json',
      '/*/GET/thumbnails/*',
      '/*/HEAD/health',
      '/*/HEAD/images',
      '/*/HEAD/images/*',
      '/*/HEAD/openapi.json',
      '/*/HEAD/thumbnails/*',
    ]);
  });

  test('grants to another account change the bucket policy', () => {
    const stack = newStack({ env: { account: '111111111111', region: 'eu-central-1' } });
    const pipeline = new ThumbnailPipeline(stack, 'Photos');
    pipeline.grantRead(new iam.AccountPrincipal('222222222222'));
    Template.fromStack(stack).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Allow', Action: 's3:GetObject' })]) },
    });
  });
});

describe('metrics', () => {
  const { pipeline, template, stack } = synthesize();

  test('metrics of the runtime have the service name of its environment', () => {
    expect(variablesOf(template)).toMatchObject({
      POWERTOOLS_SERVICE_NAME: 'Stack/Photos',
      POWERTOOLS_METRICS_NAMESPACE: 'cdk-thumbnails',
    });
    const metrics = [
      pipeline.metricImagesMade(),
      pipeline.metricImagesUnchanged(),
      pipeline.metricImagesRejected(),
      pipeline.metricImagesDeleted(),
      pipeline.metricImagesFailed(),
      pipeline.metricRenderTime(),
      pipeline.metric('Anything', { statistic: 'Maximum' }),
    ];
    expect(metrics.map(({ metricName, statistic }) => `${metricName} ${statistic}`)).toEqual([
      'ImagesMade Sum',
      'ImagesUnchanged Sum',
      'ImagesRejected Sum',
      'ImagesDeleted Sum',
      'ImagesFailed Sum',
      'RenderTime Average',
      'Anything Maximum',
    ]);
    for (const metric of metrics) {
      expect(metric).toMatchObject({ namespace: 'cdk-thumbnails', dimensions: { service: 'Stack/Photos' } });
    }
  });

  test('the queue metrics are metrics of SQS', () => {
    expect(pipeline.metricQueueDepth()).toMatchObject({ metricName: 'ApproximateNumberOfMessagesVisible' });
    expect(pipeline.metricOldestMessageAge()).toMatchObject({ metricName: 'ApproximateAgeOfOldestMessage' });
    const dead = pipeline.metricDeadLetters({ period: Duration.minutes(1) });
    expect(dead).toMatchObject({ metricName: 'ApproximateNumberOfMessagesVisible', statistic: 'Maximum' });
    expect(dead.period.toSeconds()).toBe(60);
    expect(stack.resolve(dead.dimensions)).toEqual({
      QueueName: { 'Fn::GetAtt': ['PhotosDeadLetterQueueA6283A8C', 'QueueName'] },
    });
  });

  test('the metrics of an unknown dead-letter queue throw an error', () => {
    const { pipeline } = synthesize((stack) => ({
      queue: sqs.Queue.fromQueueArn(stack, 'Theirs', 'arn:aws:sqs:eu-central-1:111111111111:theirs'),
    }));
    expect(pipeline.deadLetterQueue).toBeUndefined();
    expect(() => pipeline.metricDeadLetters()).toThrow(/^Stack\/Photos: deadLetterQueue: .*imported/);
  });
});
