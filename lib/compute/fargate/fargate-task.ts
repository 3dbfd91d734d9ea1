import { Aws, Duration, Size, Stack, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { DEFAULT_STOP_TIMEOUT_SECONDS, SERVICE_VARIABLES } from '../../../runtime/contract';
import type { ThumbnailComputeBindOptions } from '../compute-protocol';
import { stopTimeoutOf } from '../container-timeouts';
import type { ServiceKind, TaskSize } from '../ecs/task-size';
import { ThumbnailRuntime } from '../thumbnail-runtime';
import type { ThumbnailFargateServiceOptions, ThumbnailFargateTaskOptions } from './thumbnail-fargate-options';

/** Props of the worker service and the API service. */
export interface FargateServiceProps
  extends ThumbnailFargateTaskOptions, ThumbnailFargateServiceOptions, ThumbnailComputeBindOptions {
  /** Cluster of the service. The tasks run in the VPC of the cluster. */
  readonly cluster: ecs.ICluster;
  /** Container image of the runtime. */
  readonly image: ecs.ContainerImage;
  /** Capacity providers of `ThumbnailCompute.ecs`; undefined for Fargate. */
  readonly capacityProviderStrategies?: ecs.CapacityProviderStrategy[];
}

/**
 * User of the image. Security Hub requires the user in the task definition:
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
 */
const USER = '1000:1000';
/** Path of the only folder to which the runtime writes. */
const SCRATCH_PATH = '/tmp';

/** Creates a role for tasks of this account: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
export function createTaskRole(scope: Construct): iam.Role {
  return new iam.Role(scope, 'TaskRole', {
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn({ service: 'ecs', resource: '*' }) },
      },
    }),
  });
}

/** Creates a security group that allows outbound HTTPS only. */
export function createSecurityGroup(scope: Construct, kind: ServiceKind, vpc: ec2.IVpc): ec2.SecurityGroup {
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: `cdk-thumbnails: tasks of the ${kind} service`,
    allowAllOutbound: false,
  });
  group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'S3, SQS, the registry and CloudWatch');
  return group;
}

/** Creates the task definition with the container of the runtime. */
export function createTaskDefinition(
  scope: Construct,
  kind: ServiceKind,
  props: FargateServiceProps,
  size: TaskSize,
  taskRole: iam.IRole,
  environment: Readonly<Record<string, string>>,
): ecs.TaskDefinition {
  const { enableExecuteCommand = false } = props;
  const stopTimeout = stopTimeoutOf(props);
  const stopSeconds = stopTimeout.toSeconds();
  const taskDefinition = createEmptyTaskDefinition(scope, props, size, taskRole);
  const container = taskDefinition.addContainer('Program', {
    containerName: 'thumbnails',
    image: props.image,
    environment: {
      ...environment,
      ...(stopSeconds !== DEFAULT_STOP_TIMEOUT_SECONDS && {
        [SERVICE_VARIABLES.stopTimeoutSeconds]: String(stopSeconds),
      }),
    },
    // The runtime divides this memory among its processes. The runtime can read the limit of its container, but not the limit of
    // its task. Therefore, both limits are equal.
    memoryLimitMiB: size.memory,
    portMappings: [{ containerPort: ThumbnailRuntime.CONTAINER_PORT }],
    healthCheck: {
      command: ['CMD', ...ThumbnailRuntime.HEALTH_CHECK_COMMAND],
      interval: Duration.seconds(30),
      timeout: Duration.seconds(5),
      startPeriod: Duration.seconds(30),
      retries: 3,
    },
    logging: ecs.LogDrivers.awsLogs({
      logGroup: props.logGroup,
      streamPrefix: kind,
      // Discards log lines instead of blocking the runtime while CloudWatch Logs is unavailable.
      mode: ecs.AwsLogDriverMode.NON_BLOCKING,
      maxBufferSize: Size.mebibytes(10),
    }),
    // The ECS Exec agent runs as root and writes to the root file system.
    user: enableExecuteCommand ? undefined : USER,
    readonlyRootFilesystem: !enableExecuteCommand,
    stopTimeout,
    linuxParameters: createLinuxParameters(scope, enableExecuteCommand),
  });
  container.addMountPoints({ containerPath: SCRATCH_PATH, sourceVolume: 'scratch', readOnly: false });
  return taskDefinition;
}

function createEmptyTaskDefinition(
  scope: Construct,
  props: FargateServiceProps,
  { cpu, memory }: TaskSize,
  taskRole: iam.IRole,
): ecs.TaskDefinition {
  const common = {
    runtimePlatform: {
      cpuArchitecture: props.architecture ?? ecs.CpuArchitecture.ARM64,
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
    taskRole,
    executionRole: props.executionRole,
    volumes: [{ name: 'scratch' }],
  };
  if (props.capacityProviderStrategies) {
    return new ecs.TaskDefinition(scope, 'TaskDefinition', {
      ...common,
      compatibility: ecs.Compatibility.EC2_AND_MANAGED_INSTANCES,
      networkMode: ecs.NetworkMode.AWS_VPC,
      cpu: Tokenization.stringifyNumber(cpu),
      memoryMiB: Tokenization.stringifyNumber(memory),
    });
  }
  const { ephemeralStorageGiB } = props;
  return new ecs.FargateTaskDefinition(scope, 'TaskDefinition', {
    ...common,
    cpu,
    memoryLimitMiB: memory,
    ephemeralStorageGiB,
  });
}

function createLinuxParameters(scope: Construct, enableExecuteCommand: boolean): ecs.LinuxParameters {
  const parameters = new ecs.LinuxParameters(scope, 'LinuxParameters', {
    // The init process removes zombie processes, which can remain after ECS Exec sessions.
    initProcessEnabled: enableExecuteCommand,
  });
  if (!enableExecuteCommand) {
    parameters.dropCapabilities(ecs.Capability.ALL);
  }
  return parameters;
}
