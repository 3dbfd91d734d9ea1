import { Annotations, Aws, Duration, Size, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  memoryPerWorkerMiB,
  DEFAULT_PORT,
  DEFAULT_STOP_TIMEOUT,
  IMAGE_MEMORY_MIB,
  type ServiceMode,
  SERVICE_VARIABLES,
} from '../../../runtime/contract';
import { secondsOf } from '../../private/validation';
import type { ThumbnailComputeOptions } from '../thumbnail-compute';
import type { FargateServiceOptions } from './fargate-compute-props';
import { processorsOf, sizeOf, type TaskSize, workersOf } from './fargate-sizes';
import { DEFAULT_CPU, type ServiceKind } from './fargate-validation';
import type { ThumbnailServiceProps } from './thumbnail-service-props';

/** What both services are defined by. */
export interface ServiceProps extends ThumbnailServiceProps, FargateServiceOptions, ThumbnailComputeOptions {}

/** What is made of it. */
export interface DefinedService {
  readonly taskRole: iam.IRole;
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly service: ecs.FargateService;
  readonly securityGroups: ec2.ISecurityGroup[];
  /** Images that a task works on at once; undefined where only the deployment knows. */
  readonly workers: number | undefined;
  /** Whole vCPUs, or one. */
  readonly processors: number | undefined;
}

/** What the image's own HEALTHCHECK does, which ECS does not read. Node.js is all that the image is sure to have. */
export const HEALTH_CHECK = [
  'node',
  '-e',
  `fetch('http://127.0.0.1:' + (process.env.PORT || ${DEFAULT_PORT}) + '/health')` +
    '.then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))',
];
/** The user of the image: https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html wants it named. */
const USER = '1000:1000';
/** The only folder that the program may write to. */
const SCRATCH = '/tmp';
const MAX_STOP_SECONDS = 120;
/** Time beside the rendering in which a job that was begun can be finished. */
const SPARE_STOP_SECONDS = 10;

/** A service of the program's container, its task definition, role and security group. */
export function defineService(
  scope: Construct,
  kind: ServiceKind,
  props: ServiceProps,
  environment: Readonly<Record<string, string>> = {},
): DefinedService {
  const size = sizeOf(props, DEFAULT_CPU[kind]);
  const workers = workersOf(size);
  warnOfLittleMemory(scope, size, workers);
  const taskRole = props.taskRole ?? defineTaskRole(scope);
  const taskDefinition = defineTask(scope, kind, props, size, taskRole, {
    ...props.environment,
    [SERVICE_VARIABLES.role]: kind satisfies ServiceMode,
    // A task sees the processors of its host, of which it has a share.
    ...(workers === undefined ? {} : { [SERVICE_VARIABLES.workers]: String(workers) }),
    ...environment,
  });
  const { cluster } = props;
  const selected = cluster.vpc.selectSubnets(props.vpcSubnets);
  const securityGroups = props.securityGroups ?? [defineSecurityGroup(scope, kind, cluster.vpc)];
  const capacityProviderStrategies = strategiesOf(scope, kind, props);
  if (capacityProviderStrategies) {
    (cluster as Partial<ecs.Cluster>).enableFargateCapacityProviders?.();
  }
  const service = new ecs.FargateService(scope, 'Service', {
    cluster,
    taskDefinition,
    vpcSubnets: { subnets: selected.subnets },
    assignPublicIp: props.assignPublicIp ?? selected.hasPublic,
    securityGroups,
    desiredCount: props.desiredCount,
    capacityProviderStrategies,
    circuitBreaker: props.circuitBreaker ?? { enable: true, rollback: true },
    minHealthyPercent: props.minHealthyPercent ?? 100,
    maxHealthyPercent: props.maxHealthyPercent ?? 200,
    enableExecuteCommand: props.enableExecuteCommand ?? false,
    // Tags of the stack on tasks, by which a bill tells services apart.
    propagateTags: ecs.PropagatedTagSource.SERVICE,
    enableECSManagedTags: true,
  });
  // The capacity providers belong to the cluster by a resource of its own, without which the service is refused.
  if (capacityProviderStrategies) {
    service.node.addDependency(cluster);
  }
  return {
    taskRole,
    taskDefinition,
    service,
    securityGroups: [...securityGroups],
    workers,
    processors: processorsOf(size),
  };
}

function warnOfLittleMemory(scope: Construct, { memory }: TaskSize, workers: number | undefined): void {
  if (workers === undefined || Token.isUnresolved(memory)) {
    return;
  }
  const left = memoryPerWorkerMiB(workers, memory);
  if (left >= IMAGE_MEMORY_MIB) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    'cdk-thumbnails:littleMemory',
    `tasks of ${memory} MiB leave ${left} MiB for an image, and the worst that the default limits let in needs ` +
      `${IMAGE_MEMORY_MIB}: give more memoryLimitMiB, or tighter limits`,
  );
}

/** Only tasks of this account: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
function defineTaskRole(scope: Construct): iam.Role {
  return new iam.Role(scope, 'TaskRole', {
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn({ service: 'ecs', resource: '*' }) },
      },
    }),
  });
}

function defineSecurityGroup(scope: Construct, kind: ServiceKind, vpc: ec2.IVpc): ec2.SecurityGroup {
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: `cdk-thumbnails: tasks of the ${kind} service`,
    allowAllOutbound: false,
  });
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'S3, SQS, the registry and CloudWatch');
  return group;
}

function defineTask(
  scope: Construct,
  kind: ServiceKind,
  props: ServiceProps,
  size: TaskSize,
  taskRole: iam.IRole,
  environment: Record<string, string>,
): ecs.FargateTaskDefinition {
  const stopTimeout = stopTimeoutOf(props);
  const isOpen = props.enableExecuteCommand ?? false;
  const task = new ecs.FargateTaskDefinition(scope, 'TaskDefinition', {
    cpu: size.cpu,
    memoryLimitMiB: size.memory,
    ephemeralStorageGiB: props.ephemeralStorageGiB,
    runtimePlatform: {
      cpuArchitecture: props.architecture ?? ecs.CpuArchitecture.ARM64,
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
    taskRole,
    executionRole: props.executionRole,
    volumes: [{ name: 'scratch' }],
  });
  const container = task.addContainer('Program', {
    containerName: 'thumbnails',
    image: props.image,
    environment: {
      ...environment,
      ...(stopTimeout.toSeconds() === DEFAULT_STOP_TIMEOUT
        ? {}
        : { [SERVICE_VARIABLES.stopTimeout]: String(stopTimeout.toSeconds()) }),
    },
    // Of the whole task: the program shares out among its processes what the container may have.
    memoryLimitMiB: size.memory,
    portMappings: [{ containerPort: DEFAULT_PORT }],
    healthCheck: {
      command: ['CMD', ...HEALTH_CHECK],
      interval: Duration.seconds(30),
      timeout: Duration.seconds(5),
      startPeriod: Duration.seconds(30),
      retries: 3,
    },
    logging: ecs.LogDrivers.awsLogs({
      logGroup: props.logGroup,
      streamPrefix: kind,
      // Where CloudWatch does not answer, lines are lost rather than requests and images held up.
      mode: ecs.AwsLogDriverMode.NON_BLOCKING,
      maxBufferSize: Size.mebibytes(10),
    }),
    // Sessions are opened by an agent that runs as root and writes to the root file system.
    user: isOpen ? undefined : USER,
    readonlyRootFilesystem: !isOpen,
    stopTimeout,
    linuxParameters: defineLinuxParameters(scope, isOpen),
  });
  container.addMountPoints({ containerPath: SCRATCH, sourceVolume: 'scratch', readOnly: false });
  return task;
}

function defineLinuxParameters(scope: Construct, isOpen: boolean): ecs.LinuxParameters {
  // Sessions leave processes behind, which an init process clears away.
  const parameters = new ecs.LinuxParameters(scope, 'LinuxParameters', { initProcessEnabled: isOpen });
  if (!isOpen) {
    parameters.dropCapabilities(ecs.Capability.ALL);
  }
  return parameters;
}

function stopTimeoutOf({ stopTimeout, maxDuration }: ServiceProps): Duration {
  if (stopTimeout && !stopTimeout.isUnresolved()) {
    return stopTimeout;
  }
  const wanted = Math.ceil((secondsOf(maxDuration) ?? 0) + SPARE_STOP_SECONDS);
  return Duration.seconds(Math.min(MAX_STOP_SECONDS, Math.max(DEFAULT_STOP_TIMEOUT, wanted)));
}

/** On demand first, then as the share says. Without Spot capacity a service needs no capacity providers in its cluster. */
function strategiesOf(
  scope: Construct,
  kind: ServiceKind,
  props: ServiceProps,
): ecs.CapacityProviderStrategy[] | undefined {
  const spot = props.spotPercent ?? (kind === 'worker' && hasSpot(scope, props) ? 100 : 0);
  if (spot === 0) {
    return undefined;
  }
  const onDemand = Token.isUnresolved(spot) ? 0 : 100 - spot;
  return [
    { capacityProvider: 'FARGATE', base: props.onDemandCount ?? 1, weight: onDemand },
    { capacityProvider: 'FARGATE_SPOT', weight: spot },
  ];
}

/** https://docs.amazonaws.cn/en_us/AmazonECS/latest/developerguide/fargate-capacity-providers.html */
function hasSpot(scope: Construct, { architecture }: ServiceProps): boolean {
  const { region } = Stack.of(scope);
  const isArm = (architecture ?? ecs.CpuArchitecture.ARM64)._cpuArchitecture === 'ARM64';
  return !isArm || Token.isUnresolved(region) || !region.startsWith('cn-');
}
