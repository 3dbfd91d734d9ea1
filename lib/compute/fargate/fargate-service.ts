import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { SERVICE_VARIABLES } from '../../../runtime/contract';
import { DEFAULT_CPU, processorsOf, type ServiceKind, sizeOf, workersOf } from '../ecs/task-size';
import { warnOfLittleContainerMemory } from '../little-memory';
import { createSecurityGroup, createTaskDefinition, createTaskRole, type FargateServiceProps } from './fargate-task';
import type { IThumbnailService } from './thumbnail-services';

/**
 * ECS service with its task definition, task role and security group.
 *
 * This class uses `FargateService` of the CDK for all capacity providers, not only for Fargate. `FargateService` supports every
 * provider, because it omits the launch type if the service has a capacity provider strategy. `Ec2Service` would reject
 * clusters that contain only Managed Instances.
 */
export abstract class FargateService extends Construct implements IThumbnailService {
  public readonly cluster: ecs.ICluster;
  public readonly vpc: ec2.IVpc;
  public readonly service: ecs.FargateService;
  public readonly taskDefinition: ecs.TaskDefinition;
  public readonly taskRole: iam.IRole;
  public readonly securityGroups: ec2.ISecurityGroup[];
  public readonly connections: ec2.Connections;
  public readonly grantPrincipal: iam.IPrincipal;

  /** Number of worker processes of a task. Each processes one image at a time. Undefined if `cpu` is a token. */
  protected readonly workerProcesses?: number;
  /** Number of whole vCPUs of a task, at least 1; undefined if `cpu` is a token. */
  protected readonly processors?: number;

  protected constructor(
    scope: Construct,
    id: string,
    kind: ServiceKind,
    props: FargateServiceProps,
    environment: Readonly<Record<string, string>>,
  ) {
    super(scope, id);
    const size = sizeOf(props, DEFAULT_CPU[kind]);
    this.workerProcesses = workersOf(size);
    this.processors = processorsOf(size);
    warnOfLittleContainerMemory(this, size.memory, this.workerProcesses, props.imageMemoryMiB);

    const { cluster } = props;
    this.cluster = cluster;
    this.vpc = cluster.vpc;
    this.taskRole = props.taskRole ?? createTaskRole(this);
    this.grantPrincipal = this.taskRole.grantPrincipal;
    this.taskDefinition = createTaskDefinition(this, kind, props, size, this.taskRole, {
      ...environment,
      // The runtime cannot detect the vCPUs of its task, because the operating system reports all CPUs of the host.
      ...(this.workerProcesses !== undefined && { [SERVICE_VARIABLES.workerProcesses]: String(this.workerProcesses) }),
    });
    this.securityGroups = [...(props.securityGroups ?? [createSecurityGroup(this, kind, cluster.vpc)])];
    this.service = this.createService(kind, props);
    this.connections = this.service.connections;
  }

  /** Adds an environment variable to the container. */
  public addEnvironment(name: string, value: string): void {
    this.taskDefinition.defaultContainer?.addEnvironment(name, value);
  }

  private createService(kind: ServiceKind, props: FargateServiceProps): ecs.FargateService {
    const { cluster } = props;
    const selected = cluster.vpc.selectSubnets(props.vpcSubnets);
    const fargateStrategies = props.capacityProviderStrategies ? undefined : strategiesOf(this, kind, props);
    const capacityProviderStrategies = props.capacityProviderStrategies ?? fargateStrategies;
    if (fargateStrategies) {
      (cluster as Partial<ecs.Cluster>).enableFargateCapacityProviders?.();
    }
    if (props.capacityProviderStrategies && selected.hasPublic) {
      warnOfPublicSubnets(this);
    }
    const service = new ecs.FargateService(this, 'Service', {
      cluster,
      taskDefinition: this.taskDefinition,
      vpcSubnets: { subnets: selected.subnets },
      // ECS assigns public IP addresses to tasks on Fargate only.
      assignPublicIp: props.capacityProviderStrategies ? false : (props.assignPublicIp ?? selected.hasPublic),
      securityGroups: this.securityGroups,
      desiredCount: props.desiredCount,
      capacityProviderStrategies,
      circuitBreaker: props.circuitBreaker ?? { enable: true, rollback: true },
      minHealthyPercent: props.minHealthyPercent ?? 100,
      maxHealthyPercent: props.maxHealthyPercent ?? 200,
      enableExecuteCommand: props.enableExecuteCommand ?? false,
      // Copies the tags of the service to its tasks. Cost allocation requires these tags.
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
    });
    if (capacityProviderStrategies) {
      // A separate resource associates the capacity providers with the cluster. ECS rejects a service that is created before
      // this resource.
      service.node.addDependency(cluster);
    }
    return service;
  }
}

/**
 * Warns about public subnets, because tasks on instances have no public IP addresses.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html
 */
function warnOfPublicSubnets(scope: Construct): void {
  Annotations.of(scope).addWarningV2(
    'cdk-thumbnails:publicSubnets',
    'vpcSubnets: the subnets are public, and tasks on instances have no public IP addresses. Select private subnets with ' +
      'a NAT gateway, or isolated subnets with endpoints for S3, SQS and CloudWatch Logs.',
  );
}

/**
 * Returns the capacity provider strategy: the minimum number of on-demand tasks, and the weights of on-demand and Spot
 * capacity. Returns undefined for a service without Spot.
 */
function strategiesOf(
  scope: Construct,
  kind: ServiceKind,
  props: FargateServiceProps,
): ecs.CapacityProviderStrategy[] | undefined {
  const spot = props.spotPercent ?? (kind === 'worker' && hasSpot(scope, props) ? 100 : 0);
  if (spot === 0) {
    return undefined;
  }
  const onDemand = Token.isUnresolved(spot) ? 0 : 100 - spot;
  return [
    { capacityProvider: 'FARGATE', base: props.onDemandBase ?? 1, weight: onDemand },
    { capacityProvider: 'FARGATE_SPOT', weight: spot },
  ];
}

/**
 * Returns whether the region supports Fargate Spot for the CPU architecture.
 *
 * @see https://docs.amazonaws.cn/en_us/AmazonECS/latest/developerguide/fargate-capacity-providers.html
 */
function hasSpot(scope: Construct, { architecture }: FargateServiceProps): boolean {
  const { region } = Stack.of(scope);
  const isArm = (architecture ?? ecs.CpuArchitecture.ARM64)._cpuArchitecture === 'ARM64';
  return !isArm || Token.isUnresolved(region) || !region.startsWith('cn-');
}
