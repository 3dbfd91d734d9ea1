import { join } from 'node:path';
import { App, Aspects, Stack, Stage, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import * as codecommit from 'aws-cdk-lib/aws-codecommit';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import type * as Library from '../../../lib';
import { Consumers } from './installed-package';

const CONTEXTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['no feature flags', {}],
  ['the recommended feature flags', recommendedFlags],
];

let consumers: Consumers;
let library: typeof Library;
beforeAll(() => {
  consumers = new Consumers();
  // Loads the installed package, which uses the same copy of the CDK as this test.
  library = jest.requireActual<typeof Library>(join(consumers.library, 'dist/lib'));
});
afterAll(() => consumers.remove());

const env = { account: '111122223333', region: 'eu-west-1' };
const account = `arn:aws:iam::${env.account}:role/`;

describe.each(CONTEXTS)('with %s', (_name, context) => {
  let app: App;
  beforeEach(() => {
    jest.spyOn(console, 'error').mockReturnValue();
    app = new App({ context });
  });
  afterEach(() => jest.restoreAllMocks());

  /** Counts the resources of each type in a stack. */
  const countsOf = (stack: Stack): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { Type } of Object.values(
      Template.fromStack(stack).toJSON()['Resources'] as Record<string, { Type: string }>,
    )) {
      counts[Type] = (counts[Type] ?? 0) + 1;
    }
    return counts;
  };

  /** Creates the resources that an app passes to a pipeline. */
  const existing = (
    stack: Stack,
  ): Record<'vpc', ec2.IVpc> &
    Record<'queue', sqs.IQueue> &
    Record<'key', kms.IKey> &
    Record<'logGroup', logs.ILogGroup> => ({
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      privateSubnetIds: ['subnet-1', 'subnet-2'],
      privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
    }),
    queue: sqs.Queue.fromQueueArn(stack, 'Queue', `arn:aws:sqs:${env.region}:${env.account}:images`),
    key: kms.Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${env.region}:${env.account}:key/k`),
    logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', 'photos'),
  });

  test('an app passes existing resources for all props of a pipeline on Lambda', () => {
    const stack = new Stack(app, 'Stack', { env });
    const { queue, key, logGroup } = existing(stack);
    const distribution = new cloudfront.Distribution(stack, 'Distribution', {
      defaultBehavior: { origin: new HttpOrigin('www.example.com') },
    });
    const authorizer = new HttpJwtAuthorizer('Users', 'https://issuer.example.com', { jwtAudience: ['photos'] });
    const { ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline, ThumbnailTrigger } = library;
    const photos = new Stack(app, 'Photos', { env });
    const pipeline = new ThumbnailPipeline(photos, 'Photos', {
      sourceBucket: s3.Bucket.fromBucketName(stack, 'ByName', 'uploads'),
      thumbnailBucket: s3.Bucket.fromBucketAttributes(stack, 'ByArn', {
        bucketArn: 'arn:aws:s3:::thumbnails',
        encryptionKey: key,
      }),
      queue,
      logGroup,
      trigger: ThumbnailTrigger.eventBridge({ enableOnBucket: false }),
      compute: ThumbnailCompute.lambda({
        role: iam.Role.fromRoleArn(photos, 'Role', `${account}thumbnails`),
      }),
      api: {
        access: ThumbnailAccess.publicRead(),
        writeAccess: ThumbnailAccess.authorizer(authorizer),
        accessLogGroup: logGroup,
      },
      createOutputs: false,
    });
    pipeline.addBehaviorsTo(distribution);
    const counts = countsOf(Stack.of(pipeline));
    for (const made of [
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
      'AWS::Logs::LogGroup',
      'AWS::IAM::Role',
      'AWS::KMS::Key',
    ]) {
      expect({ [made]: counts[made] ?? 0 }).toEqual({ [made]: 0 });
    }
    expect(counts).toMatchObject({
      'AWS::Lambda::Function': 2,
      'AWS::Events::Rule': 1,
      'AWS::ApiGatewayV2::Authorizer': 1,
    });
    expect(countsOf(stack)).toMatchObject({ 'AWS::CloudFront::Distribution': 1 });
  });

  test('an app passes existing resources for all props of a pipeline on Fargate', () => {
    const stack = new Stack(app, 'Stack', { env });
    const { vpc, key, logGroup } = existing(stack);
    const role = iam.Role.fromRoleArn(stack, 'Role', `${account}thumbnails`);
    const { ThumbnailCompute, ThumbnailPipeline, ThumbnailTrigger } = library;
    const { workerService } = new ThumbnailPipeline(stack, 'Photos', {
      sourceBucket: s3.Bucket.fromBucketArn(stack, 'ByArn', 'arn:aws:s3:::uploads'),
      thumbnailBucket: s3.Bucket.fromBucketAttributes(stack, 'Keyed', { bucketName: 'thumbnails', encryptionKey: key }),
      queue: sqs.Queue.fromQueueArn(stack, 'Images', `arn:aws:sqs:${env.region}:${env.account}:images`),
      trigger: ThumbnailTrigger.eventBridge({ enableOnBucket: false }),
      logGroup,
      compute: ThumbnailCompute.fargate({
        cluster: ecs.Cluster.fromClusterAttributes(stack, 'Cluster', {
          clusterName: 'shared',
          vpc,
          securityGroups: [],
        }),
        image: ecs.ContainerImage.fromRegistry('registry.example.com/thumbnails:1'),
        taskRole: role,
        executionRole: role,
        worker: { securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Workers', 'sg-1')] },
      }),
      api: { accessLogGroup: logGroup },
    });
    expect(workerService?.vpc).toBe(vpc);
    const counts = countsOf(stack);
    for (const made of [
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
      'AWS::Logs::LogGroup',
      'AWS::ECS::Cluster',
      'AWS::EC2::VPC',
      'AWS::EC2::Subnet',
    ]) {
      expect({ [made]: counts[made] ?? 0 }).toEqual({ [made]: 0 });
    }
    expect(counts).toMatchObject({ 'AWS::ECS::Service': 2 });
  });

  test('two pipelines with different prefixes can share a source bucket and a thumbnail bucket', () => {
    const stack = new Stack(app, 'Stack');
    const buckets = {
      sourceBucket: new s3.Bucket(stack, 'Uploads'),
      thumbnailBucket: new s3.Bucket(stack, 'Thumbnails'),
    };
    for (const name of ['cats', 'dogs']) {
      new library.ThumbnailPipeline(stack, name, { ...buckets, sourcePrefix: `${name}/`, thumbnailPrefix: `${name}/` });
    }
    const template = Template.fromStack(stack);
    const [notifications] = Object.values(template.findResources('Custom::S3BucketNotifications')) as {
      readonly Properties: {
        readonly NotificationConfiguration: { readonly QueueConfigurations: readonly QueueConfiguration[] };
      };
    }[];
    const told = notifications!.Properties.NotificationConfiguration.QueueConfigurations.map(
      ({ QueueArn, Filter }) => `${Filter.Key.FilterRules[0]!.Value} → ${QueueArn['Fn::GetAtt'][0]}`,
    );
    expect([...new Set(told)]).toEqual([
      expect.stringMatching(/^cats\/ → catsQueue/),
      expect.stringMatching(/^dogs\/ → dogsQueue/),
    ]);
    template.resourceCountIs('AWS::S3::Bucket', 2);
    expect(
      () => new library.ThumbnailPipeline(stack, 'kittens', { ...buckets, sourcePrefix: 'cats/kittens/' }),
    ).toThrow(/^Stack\/kittens: /);
  });

  test('a stage of CDK Pipelines can contain a pipeline', () => {
    class Deployed extends Stage {
      public constructor(scope: Stack, id: string) {
        super(scope, id, { env });
        const stack = new Stack(this, 'Photos');
        new library.ThumbnailPipeline(stack, 'Photos').addDistribution('Distribution', {
          trustedKeyGroups: [
            new cloudfront.KeyGroup(stack, 'Keys', {
              items: [cloudfront.PublicKey.fromPublicKeyId(stack, 'Key', 'K1')],
            }),
          ],
        });
      }
    }
    const tools = new Stack(app, 'Tools', { env });
    const pipeline = new CodePipeline(tools, 'Pipeline', {
      synth: new ShellStep('Synth', {
        input: CodePipelineSource.codeCommit(
          new codecommit.Repository(tools, 'Code', { repositoryName: 'code' }),
          'main',
        ),
        commands: ['npm ci', 'npx cdk synth'],
      }),
    });
    const stage = new Deployed(tools, 'Production');
    pipeline.addStage(stage);
    pipeline.buildPipeline();
    // The filter omits functions of the CDK. The two functions of the pipeline share one asset.
    const [photos] = stage.synth().stacks;
    const template = photos!.template as { readonly Resources: Readonly<Record<string, Resource>> };
    const assets = Object.values(template.Resources)
      .filter(
        ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && /-function\.handler$/.test(Properties.Handler),
      )
      .map(({ Properties }) => Properties.Code.S3Key);
    expect(assets).toHaveLength(2);
    expect(new Set(assets).size).toBe(1);
    Template.fromStack(tools).hasResource('AWS::CodePipeline::Pipeline', {});
    expect(app.synth().stacks.map(({ stackName }) => stackName)).toEqual(['Tools']);
  });

  test('the source bucket can belong to another stack without a cyclic dependency', () => {
    const storage = new Stack(app, 'Storage', { env });
    const photos = new Stack(app, 'Photos', { env });
    const uploads = new s3.Bucket(storage, 'Uploads', { encryptionKey: new kms.Key(storage, 'Key') });
    const pipeline = new library.ThumbnailPipeline(photos, 'Photos', { sourceBucket: uploads });
    const web = new Stack(app, 'Web', { env });
    pipeline.grantUpload(new iam.Role(web, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }));
    pipeline.metricDeadLetters().createAlarm(web, 'Lost', { threshold: 1, evaluationPeriods: 1 });
    Tags.of(app).add('team', 'photos');
    Aspects.of(app).add({ visit: () => undefined });
    app.synth();
    expect(storage.dependencies).toEqual([]);
    expect(photos.dependencies).not.toContain(web);
    Template.fromStack(photos).resourceCountIs('AWS::Events::Rule', 1);
  });

  test('the stack of a pipeline can contain another HTTP API', () => {
    const stack = new Stack(app, 'Stack');
    const api = new apigateway.HttpApi(stack, 'Own');
    new library.ThumbnailPipeline(stack, 'Photos');
    expect(api.httpApiId).not.toBe('');
    Template.fromStack(stack).resourceCountIs('AWS::ApiGatewayV2::Api', 2);
  });
});

interface QueueConfiguration {
  readonly QueueArn: { readonly 'Fn::GetAtt': readonly [string, string] };
  readonly Filter: { readonly Key: { readonly FilterRules: readonly { readonly Value: string }[] } };
}

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly Handler: string; readonly Code: { readonly S3Key: string } };
}
