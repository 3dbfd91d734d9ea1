// Services on ECS capacity providers. Only their capacity differs from services on Fargate.
import { Duration, Size, type Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ThumbnailCompute, type ThumbnailEcsOptions } from '../../../../lib';
import { containerOf, fargate, type Kind, serviceOf, taskOf } from '../../../support/templates/fargate';
import { permissionsOf } from '../../../support/templates/permissions';
import { errorFor, newStack, problemsOf, synthesize, warningsOf } from '../../../support/templates/stacks';

const KINDS: readonly Kind[] = ['worker', 'api'];

/** Returns a cluster whose capacity is an Auto Scaling group that scales from zero. */
function clusterWithInstances(stack: Stack): { cluster: ecs.Cluster; capacityProvider: string } {
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  const autoScalingGroup = new autoscaling.AutoScalingGroup(stack, 'Instances', {
    vpc,
    instanceType: new ec2.InstanceType('c7g.large'),
    machineImage: ecs.EcsOptimizedImage.amazonLinux2023(ecs.AmiHardwareType.ARM),
    minCapacity: 0,
    maxCapacity: 4,
  });
  const provider = new ecs.AsgCapacityProvider(stack, 'Provider', { autoScalingGroup });
  cluster.addAsgCapacityProvider(provider);
  return { cluster, capacityProvider: provider.capacityProviderName };
}

/** Returns a cluster with Managed Instances as capacity. */
function clusterWithManagedInstances(stack: Stack): { cluster: ecs.Cluster; capacityProvider: string } {
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  const provider = new ecs.ManagedInstancesCapacityProvider(stack, 'Provider', {
    subnets: vpc.privateSubnets,
    securityGroups: [new ec2.SecurityGroup(stack, 'InstanceSecurityGroup', { vpc })],
    instanceRequirements: { vCpuCountMin: 2, memoryMin: Size.gibibytes(4) },
  });
  cluster.addManagedInstancesCapacityProvider(provider);
  return { cluster, capacityProvider: provider.capacityProviderName };
}

function optionsOn(capacity: typeof clusterWithInstances, stack: Stack): ThumbnailEcsOptions {
  const { cluster, capacityProvider } = capacity(stack);
  return { cluster, capacityProviderStrategies: [{ capacityProvider, weight: 1 }] };
}

/** Returns the properties of all resources of a type by their logical ids. */
function propertiesOf(template: Template, type: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(template.findResources(type)).map(([id, { Properties }]) => [id, Properties as unknown]),
  );
}

function onEcs(
  options: (stack: Stack) => ThumbnailEcsOptions,
  stack: Stack = newStack(),
): { readonly stack: Stack; readonly template: Template } {
  return synthesize({ compute: ThumbnailCompute.ecs(options(stack)) }, stack);
}

describe.each([
  ['an Auto Scaling group', clusterWithInstances],
  ['Managed Instances', clusterWithManagedInstances],
])('services on %s', (_, capacity) => {
  const { template, stack } = onEcs((scope) => optionsOn(capacity, scope));

  test('services have the capacity providers and no launch type', () => {
    for (const kind of KINDS) {
      const service = serviceOf(template, kind);
      expect(service).not.toHaveProperty('LaunchType');
      expect(service['CapacityProviderStrategy']).toEqual([
        { CapacityProvider: { Ref: expect.stringMatching(/^Provider/) as unknown }, Weight: 1 },
      ]);
      expect(service).toMatchObject({ NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } } });
    }
  });

  test('tasks run on instances with the CPU architecture of the compute', () => {
    for (const kind of KINDS) {
      expect(taskOf(template, kind)).toMatchObject({
        RequiresCompatibilities: ['EC2', 'MANAGED_INSTANCES'],
        NetworkMode: 'awsvpc',
        RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
      });
      expect(taskOf(template, kind)).not.toHaveProperty('EphemeralStorage');
    }
  });

  test('the synthesis has no warnings', () => {
    expect(warningsOf(stack).filter((warning) => warning.includes('cdk-thumbnails:'))).toEqual([]);
  });
});

describe('compared with Fargate', () => {
  const onInstances = onEcs((stack) => optionsOn(clusterWithInstances, stack)).template;
  const vpcOf = (stack: Stack): ec2.Vpc => new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const onFargate = fargate((stack) => ({
    cluster: new ecs.Cluster(stack, 'Cluster', { vpc: vpcOf(stack) }),
  })).template;

  test('containers equal the containers on Fargate', () => {
    for (const kind of KINDS) {
      expect(containerOf(onInstances, kind)).toEqual(containerOf(onFargate, kind));
      expect([taskOf(onInstances, kind)['Cpu'], taskOf(onInstances, kind)['Memory']]).toEqual([
        taskOf(onFargate, kind)['Cpu'],
        taskOf(onFargate, kind)['Memory'],
      ]);
    }
  });

  test('scaling, alarms and the load balancer have the same properties as on Fargate', () => {
    for (const type of [
      'AWS::ApplicationAutoScaling::ScalableTarget',
      'AWS::ApplicationAutoScaling::ScalingPolicy',
      'AWS::CloudWatch::Alarm',
      'AWS::ElasticLoadBalancingV2::TargetGroup',
      'AWS::Scheduler::Schedule',
    ]) {
      expect(propertiesOf(onInstances, type)).toEqual(propertiesOf(onFargate, type));
    }
  });

  test('task roles and execution roles have the same permissions as on Fargate', () => {
    for (const service of ['WorkerService', 'ApiService']) {
      for (const role of ['TaskRole', 'TaskDefinitionExecutionRole']) {
        const permissions = permissionsOf(onInstances, `Photos${service}${role}`);
        expect(permissions).toEqual(permissionsOf(onFargate, `Photos${service}${role}`));
        expect(permissions).not.toEqual([]);
      }
    }
  });
});

test('services depend on the association of the cluster with an Auto Scaling group', () => {
  const { template } = onEcs((stack) => optionsOn(clusterWithInstances, stack));
  const associations = Object.keys(template.findResources('AWS::ECS::ClusterCapacityProviderAssociations'));
  expect(associations).toHaveLength(1);
  for (const service of Object.values(template.findResources('AWS::ECS::Service'))) {
    expect((service as { readonly DependsOn: string[] }).DependsOn).toEqual(expect.arrayContaining(associations));
  }
});

test('the template contains the options of the services', () => {
  const { template } = onEcs((stack) => ({
    ...optionsOn(clusterWithInstances, stack),
    architecture: ecs.CpuArchitecture.X86_64,
    image: ecs.ContainerImage.fromRegistry('registry.example.com/thumbnails:1'),
    stopTimeout: Duration.seconds(90),
    worker: { cpu: 3000, memoryLimitMiB: 5000, maxCapacity: 4 },
  }));
  expect(taskOf(template, 'worker')).toMatchObject({
    Cpu: '3000',
    Memory: '5000',
    RuntimePlatform: { CpuArchitecture: 'X86_64' },
  });
  expect(containerOf(template, 'worker')).toMatchObject({
    Image: 'registry.example.com/thumbnails:1',
    Memory: 5000,
    StopTimeout: 90,
  });
});

test('a cluster in another VPC keeps its default capacity providers', () => {
  const { template } = onEcs((stack) => optionsOn(clusterWithInstances, stack));
  expect(JSON.stringify(template.findResources('AWS::ECS::ClusterCapacityProviderAssociations'))).not.toContain(
    'FARGATE',
  );
});

test('public subnets cause a warning, because tasks on instances have no public IP addresses', () => {
  const { stack } = onEcs((scope) => ({
    ...optionsOn(clusterWithInstances, scope),
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
  }));
  expect(warningsOf(stack)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^vpcSubnets: .*\[ack: cdk-thumbnails:publicSubnets\]$/)]),
  );
});

test.each<[string, Partial<ThumbnailEcsOptions>, unknown]>([
  ['no strategy', { capacityProviderStrategies: [] }, errorFor('compute.capacityProviderStrategies', '0', '1 to 20')],
  [
    'Fargate',
    { capacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT' }] },
    errorFor('compute.capacityProviderStrategies[0].capacityProvider', 'FARGATE_SPOT', 'ThumbnailCompute.fargate()'),
  ],
  [
    'a weight',
    { capacityProviderStrategies: [{ capacityProvider: 'a', weight: 1001 }] },
    errorFor('compute.capacityProviderStrategies[0].weight', '1,001', '0 to 1,000'),
  ],
  [
    'two bases',
    {
      capacityProviderStrategies: [
        { capacityProvider: 'a', weight: 1, base: 1 },
        { capacityProvider: 'b', base: 1 },
      ],
    },
    errorFor('compute.capacityProviderStrategies', '2', 'at most one'),
  ],
  [
    'weights of 0',
    { capacityProviderStrategies: [{ capacityProvider: 'a' }, { capacityProvider: 'b', weight: 0 }] },
    errorFor('compute.capacityProviderStrategies', '0', 'at least 1'),
  ],
  [
    'CPU units',
    { worker: { cpu: 64, memoryLimitMiB: 512 } },
    errorFor('compute.worker.cpu', '64', '128 to 196,608 CPU units'),
  ],
  ['memory', { api: { memoryLimitMiB: 256 } }, errorFor('compute.api.memoryLimitMiB', '256', '512 to ')],
  ['capacity', { worker: { maxCapacity: 0 } }, errorFor('compute.worker.maxCapacity', '0', '1 to 5,000 tasks')],
  ['a backlog', { worker: { backlogPerTask: 0 } }, errorFor('compute.worker.backlogPerTask', '0')],
  [
    'load',
    { api: { targetUtilizationPercent: 99 } },
    errorFor('compute.api.targetUtilizationPercent', '99', '10 to 90'),
  ],
])('the compute rejects an invalid value: %s', (_, invalid, expected) => {
  const problems = problemsOf((stack) => ({
    compute: ThumbnailCompute.ecs({ ...optionsOn(clusterWithInstances, stack), ...invalid }),
  }));
  expect(problems).toEqual([expected]);
});
