import { Stack, Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { memoryPerWorkerMiB, SERVICE_VARIABLES } from '../../../runtime/contract';
import { warnOfLittleMemory } from '../little-memory';
import { processorsOf, sizeOf, type TaskSize, workersOf } from './fargate-sizes';
import { createSecurityGroup, createTaskDefinition, createTaskRole, type FargateServiceProps } from './fargate-task';
import { DEFAULT_CPU, type ServiceKind } from './fargate-validation';
import type { IThumbnailService } from './thumbnail-services';

/** Fargate service with its task definition, task role and security group. */
export abstract class FargateService extends Construct implements IThumbnailService {
  public readonly cluster: ecs.ICluster;
  public readonly vpc: ec2.IVpc;
  public readonly service: ecs.FargateService;
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  public readonly taskRole: iam.IRole;
  public readonly securityGroups: ec2.ISecurityGroup[];
  public readonly connections: ec2.Connections;
  public readonly grantPrincipal: iam.IPrincipal;

  /** Images that a task processes at the same time; undefined if `cpu` is a token. */
  protected readonly workerProcesses?: number;
  /** Whole vCPUs of a task, at least 1; undefined if `cpu` is a token. */
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
    warnOfLittleTaskMemory(this, size, this.workerProcesses, props.imageMemoryMiB);

    const { cluster } = props;
    this.cluster = cluster;
    this.vpc = cluster.vpc;
    this.taskRole = props.taskRole ?? createTaskRole(this);
    this.grantPrincipal = this.taskRole.grantPrincipal;
    this.taskDefinition = createTaskDefinition(this, kind, props, size, this.taskRole, {
      ...environment,
      // The runtime cannot detect its share of the CPUs, because a task sees all CPUs of its host.
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
    const capacityProviderStrategies = strategiesOf(this, kind, props);
    if (capacityProviderStrategies) {
      (cluster as Partial<ecs.Cluster>).enableFargateCapacityProviders?.();
    }
    const service = new ecs.FargateService(this, 'Service', {
      cluster,
      taskDefinition: this.taskDefinition,
      vpcSubnets: { subnets: selected.subnets },
      assignPublicIp: props.assignPublicIp ?? selected.hasPublic,
      securityGroups: this.securityGroups,
      desiredCount: props.desiredCount,
      capacityProviderStrategies,
      circuitBreaker: props.circuitBreaker ?? { enable: true, rollback: true },
      minHealthyPercent: props.minHealthyPercent ?? 100,
      maxHealthyPercent: props.maxHealthyPercent ?? 200,
      enableExecuteCommand: props.enableExecuteCommand ?? false,
      // Cost allocation requires the tags of the service on its tasks.
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
    });
    if (capacityProviderStrategies) {
      // A separate resource associates the capacity providers. ECS rejects a service that is created before it.
      service.node.addDependency(cluster);
    }
    return service;
  }
}

function warnOfLittleTaskMemory(
  scope: Construct,
  { memory }: TaskSize,
  workerProcesses: number | undefined,
  imageMemoryMiB: number | undefined,
): void {
  if (workerProcesses === undefined || Token.isUnresolved(memory)) {
    return;
  }
  const available = memoryPerWorkerMiB(workerProcesses, memory);
  warnOfLittleMemory(
    scope,
    `memoryLimitMiB: ${memory} leaves ${available} MiB for one image`,
    available,
    imageMemoryMiB,
  );
}

/** Returns on-demand capacity up to the base, then the Spot share. A service without Spot needs no capacity providers. */
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

/** https://docs.amazonaws.cn/en_us/AmazonECS/latest/developerguide/fargate-capacity-providers.html */
function hasSpot(scope: Construct, { architecture }: FargateServiceProps): boolean {
  const { region } = Stack.of(scope);
  const isArm = (architecture ?? ecs.CpuArchitecture.ARM64)._cpuArchitecture === 'ARM64';
  return !isArm || Token.isUnresolved(region) || !region.startsWith('cn-');
}
