// Configurations of pipelines with every kind of grant.
import { Annotations, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Role } from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  FargateNetwork,
  ThumbnailAccess,
  ThumbnailAnalysis,
  ThumbnailCompute,
  type ThumbnailEcsOptions,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailTrigger,
} from '../../../lib';
import { onImportedCluster } from '../../support/templates/eks';
import { newStack, quietly } from '../../support/templates/stacks';

/** Origins whose pages use the API. */
const CORS = { allowOrigins: ['https://example.com'] };
/** Prefixes of every configuration. A test detects statements without these prefixes. */
const PREFIXES = { sourcePrefix: 'in/', thumbnailPrefix: 'out/' } as const;

const props: Readonly<Record<string, (stack: Stack) => ThumbnailPipelineProps>> = {
  'Lambda by default': () => ({}),
  'Lambda after a malware scan': () => ({ trigger: ThumbnailTrigger.afterMalwareScan() }),
  'Lambda with a quarantine': () => ({ trigger: ThumbnailTrigger.afterMalwareScan({ quarantine: {} }) }),
  'Lambda with an analysis': () => ({
    analysis: ThumbnailAnalysis.rekognition({ moderation: {}, facesAsFocalPoint: true }),
  }),
  'Fargate by default': () => ({ compute: ThumbnailCompute.fargate() }),
  'EKS by default': (stack) => ({ compute: ThumbnailCompute.eks(onImportedCluster(stack)) }),
  'ECS by default': (stack) => ({ compute: ThumbnailCompute.ecs(onImportedInstances(stack)) }),
  'hybrid by default': () => ({ compute: ThumbnailCompute.hybrid() }),
  'Lambda on Managed Instances': (stack) => ({
    compute: ThumbnailCompute.lambda({ capacityProvider: instancesOf(stack) }),
  }),
  'Lambda with everything': (stack) => ({
    encryptionKey: new kms.Key(stack, 'Key'),
    compute: ThumbnailCompute.lambda({
      vpc: new ec2.Vpc(stack, 'Vpc', { natGateways: 0, restrictDefaultSecurityGroup: false }),
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      tracing: lambda.Tracing.ACTIVE,
    }),
    trigger: ThumbnailTrigger.eventBridge(),
    queue: encryptedQueue(stack),
    sourceBucketOptions: { versioned: true, serverAccessLogsBucket: new s3.Bucket(stack, 'Logs') },
    api: { access: ThumbnailAccess.iam(), writeAccess: ThumbnailAccess.signed(), cors: CORS },
    eventBus: new EventBus(stack, 'Bus'),
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
  }),
  'Fargate with everything': (stack) => ({
    encryptionKey: new kms.Key(stack, 'Key'),
    compute: ThumbnailCompute.fargate({ network: FargateNetwork.isolatedSubnets(), enableExecuteCommand: true }),
    queue: encryptedQueue(stack),
    eventsEnabled: true,
    api: {
      access: ThumbnailAccess.publicRead(),
      cors: CORS,
      writeAccess: ThumbnailAccess.signed({
        keys: new Secret(stack, 'SigningKeys', { encryptionKey: new kms.Key(stack, 'SecretKey') }),
      }),
    },
  }),
  'workers on Fargate and an API on Lambda': () => ({
    compute: ThumbnailCompute.fargate(),
    api: { compute: ThumbnailCompute.lambda(), access: ThumbnailAccess.publicRead() },
  }),
  'API on a web function': () => ({ api: { compute: ThumbnailCompute.webFunction() } }),
  'API on two web functions': () => ({
    api: {
      compute: ThumbnailCompute.webFunction(),
      access: ThumbnailAccess.publicRead(),
      writeAccess: ThumbnailAccess.signed(),
      cors: CORS,
    },
  }),
  'imported buckets': (stack) => ({
    sourceBucket: s3.Bucket.fromBucketAttributes(stack, 'Sources', {
      bucketName: 'sources',
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/a-b-c'),
    }),
    thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'thumbnails'),
    trigger: ThumbnailTrigger.eventBridge({ enableOnBucket: false }),
    logGroup: LogGroup.fromLogGroupName(stack, 'LogGroup', 'all-logs'),
    api: {
      writeAccess: ThumbnailAccess.signed({ keys: Secret.fromSecretNameV2(stack, 'Keys', 'signing-keys') }),
    },
  }),
  'Lambda with events': () => ({ eventsEnabled: true }),
  'Fargate with events': () => ({ compute: ThumbnailCompute.fargate(), eventsEnabled: true }),
  'one bucket for both': (stack) => {
    const bucket = new s3.Bucket(stack, 'Both', { enforceSSL: true });
    return { sourceBucket: bucket, thumbnailBucket: bucket };
  },
};

/** Names of all configurations. */
export const CONFIGURATIONS = Object.keys(props);

/** Returns the template of each configuration. */
export function templates(): ReadonlyMap<string, Template> {
  return new Map(
    CONFIGURATIONS.map((configuration) => {
      const stack = newStack();
      pipelineOf(configuration, stack);
      return [configuration, quietly(() => Template.fromStack(stack))];
    }),
  );
}

/** Creates the pipeline of a configuration, with a distribution if access is public. */
export function pipelineOf(configuration: string, stack: Stack): ThumbnailPipeline {
  const chosen = props[configuration]!(stack);
  const pipeline = new ThumbnailPipeline(stack, 'Photos', { ...PREFIXES, ...chosen });
  // Acknowledges the warning about imported buckets, because the configurations contain no uploads by browsers.
  Annotations.of(pipeline).acknowledgeWarning('cdk-thumbnails:uploadsWithoutCors');
  if (chosen.api?.access?._isPublic) {
    pipeline.addDistribution();
  }
  return pipeline;
}

const vpcOf = (stack: Stack): ec2.Vpc => new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, restrictDefaultSecurityGroup: false });

/** Returns a capacity provider with an imported role. */
function instancesOf(stack: Stack): lambda.CapacityProvider {
  const vpc = vpcOf(stack);
  return new lambda.CapacityProvider(stack, 'Instances', {
    subnets: vpc.privateSubnets,
    securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
    operatorRole: Role.fromRoleArn(stack, 'OperatorRole', 'arn:aws:iam::111111111111:role/operator'),
  });
}

/** Returns the options of an ECS compute on an imported cluster with a capacity provider. */
function onImportedInstances(stack: Stack): ThumbnailEcsOptions {
  const vpc = vpcOf(stack);
  const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', {
    clusterName: 'instances',
    vpc,
    hasEc2Capacity: true,
  });
  return { cluster, capacityProviderStrategies: [{ capacityProvider: 'instances', weight: 1 }] };
}

function encryptedQueue(stack: Stack): sqs.Queue {
  return new sqs.Queue(stack, 'Queue', {
    encryptionMasterKey: new kms.Key(stack, 'QueueKey'),
    enforceSSL: true,
    visibilityTimeout: Duration.minutes(10),
    deadLetterQueue: { queue: new sqs.Queue(stack, 'Lost', { enforceSSL: true }), maxReceiveCount: 5 },
  });
}
