// Defaults and options of the two services of a pipeline on Fargate.
import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { type ThumbnailFargateOptions, ThumbnailCompute, type ThumbnailPipelineProps } from '../../../../lib';
import { ALLOCATOR_VARIABLES, DEFAULT_PORT } from '../../../../runtime/contract';
import {
  containerOf,
  environmentOf,
  fargate,
  type Kind,
  scalableTargetOf,
  serviceOf,
  taskOf,
} from '../../../support/templates/fargate';
import { newStack, onlyResource, synthesize, variablesOf, warningsOf } from '../../../support/templates/stacks';

const KINDS: readonly Kind[] = ['worker', 'api'];
const SPOT = { CapacityProvider: 'FARGATE_SPOT' };

describe('by default', () => {
  const { template, pipeline, stack } = fargate();

  test('the pipeline creates two services without functions of this library', () => {
    template.resourceCountIs('AWS::ECS::Service', 2);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    for (const handler of ['upload-function.handler', 'api-function.handler']) {
      template.resourcePropertiesCountIs('AWS::Lambda::Function', { Handler: handler }, 0);
    }
    expect([pipeline.uploadFunction, pipeline.apiFunction]).toEqual([undefined, undefined]);
  });

  test('tasks have the default size and run on arm64', () => {
    const size = (kind: Kind): unknown[] => [taskOf(template, kind)['Cpu'], taskOf(template, kind)['Memory']];
    expect(size('worker')).toEqual(['1024', '2048']);
    expect(size('api')).toEqual(['512', '1024']);
    for (const kind of KINDS) {
      expect(taskOf(template, kind)).toMatchObject({
        RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
        NetworkMode: 'awsvpc',
        RequiresCompatibilities: ['FARGATE'],
      });
      expect(taskOf(template, kind)).not.toHaveProperty('EphemeralStorage');
    }
  });

  test('containers without root and capabilities can write only to /tmp', () => {
    for (const kind of KINDS) {
      expect(containerOf(template, kind)).toMatchObject({
        Name: 'thumbnails',
        ReadonlyRootFilesystem: true,
        User: '1000:1000',
        LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: false },
        MountPoints: [{ ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'scratch' }],
        PortMappings: [{ ContainerPort: DEFAULT_PORT }],
      });
      expect(taskOf(template, kind)['Volumes']).toEqual([{ Name: 'scratch' }]);
    }
  });

  test('the memory limit of each container equals the memory of its task', () => {
    expect(KINDS.map((kind) => containerOf(template, kind)['Memory'])).toEqual([2048, 1024]);
  });

  test('the environment contains the mode of the service in addition to the settings on Lambda', () => {
    // Tasks omit the allocator variables, because the container image sets them.
    const onLambda = Object.fromEntries(
      Object.entries(variablesOf(synthesize().template)).filter(([name]) => !(name in ALLOCATOR_VARIABLES)),
    );
    const { SERVICE_MODE, WORKER_PROCESSES, QUEUE_URL, ...rest } = environmentOf(template, 'worker');
    expect(rest).toEqual(onLambda);
    expect([SERVICE_MODE, WORKER_PROCESSES, QUEUE_URL]).toEqual(['worker', '2', { Ref: 'PhotosQueueED84B6A0' }]);
    expect(environmentOf(template, 'api')).toEqual({
      ...onLambda,
      EVENT_QUEUE_URL: { Ref: 'PhotosQueueED84B6A0' },
      SERVICE_MODE: 'api',
      WORKER_PROCESSES: '1',
      MAX_RESPONSE_BYTES: '10000000',
    });
  });

  test('containers write logs to the log group of the pipeline in non-blocking mode', () => {
    for (const kind of KINDS) {
      expect(containerOf(template, kind)['LogConfiguration']).toEqual({
        LogDriver: 'awslogs',
        Options: {
          'awslogs-group': { Ref: expect.stringMatching(/^PhotosLogGroup/) as string },
          'awslogs-region': { Ref: 'AWS::Region' },
          'awslogs-stream-prefix': kind,
          mode: 'non-blocking',
          'max-buffer-size': expect.stringMatching(/^\d+b$/) as string,
        },
      });
    }
  });

  test('a deployment keeps all old tasks until the new tasks have started', () => {
    for (const kind of KINDS) {
      expect(serviceOf(template, kind)).toMatchObject({
        DeploymentConfiguration: {
          DeploymentCircuitBreaker: { Enable: true, Rollback: true },
          MinimumHealthyPercent: 100,
          MaximumPercent: 200,
        },
        EnableExecuteCommand: false,
        EnableECSManagedTags: true,
        PropagateTags: 'SERVICE',
      });
      // A desired count would reset the number of tasks in every deployment.
      expect(serviceOf(template, kind)).not.toHaveProperty('DesiredCount');
    }
  });

  test('the worker service has 0 to 10 tasks: the first on demand and all others on Spot', () => {
    expect(scalableTargetOf(template, 'worker')).toMatchObject({ MinCapacity: 0, MaxCapacity: 10 });
    expect(serviceOf(template, 'worker')).toMatchObject({
      CapacityProviderStrategy: [
        { CapacityProvider: 'FARGATE', Base: 1, Weight: 0 },
        { ...SPOT, Weight: 100 },
      ],
    });
    expect(serviceOf(template, 'worker')).not.toHaveProperty('LaunchType');
  });

  test('a service depends on the capacity providers of its cluster', () => {
    const [association] = Object.keys(template.findResources('AWS::ECS::ClusterCapacityProviderAssociations'));
    template.hasResource('AWS::ECS::Service', {
      Properties: { CapacityProviderStrategy: Match.anyValue() },
      DependsOn: Match.arrayWith([association]),
    });
    template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', {
      CapacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    });
  });

  test('the API service has 1 to 10 on-demand tasks', () => {
    expect(scalableTargetOf(template, 'api')).toMatchObject({ MinCapacity: 1, MaxCapacity: 10 });
    expect(serviceOf(template, 'api')).toMatchObject({ LaunchType: 'FARGATE' });
    expect(serviceOf(template, 'api')).not.toHaveProperty('CapacityProviderStrategy');
  });

  test('services depend on the policies of their task roles', () => {
    for (const name of ['WorkerService', 'ApiService']) {
      const [policy] = Object.keys(template.findResources('AWS::IAM::Policy')).filter((id) =>
        id.startsWith(`Photos${name}TaskRoleDefaultPolicy`),
      );
      template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([policy]) });
    }
  });

  test('the pipeline creates no warnings', () => {
    expect(warningsOf(stack)).toEqual([]);
  });

  test('the pipeline exposes the created resources as properties', () => {
    const { workerService: worker, apiService: api } = pipeline;
    expect(worker?.cluster).toBe(api?.cluster);
    expect(worker?.vpc).toBe(api?.vpc);
    const idOf = (construct: { node: { defaultChild?: unknown } } | undefined): string =>
      stack.getLogicalId(construct?.node.defaultChild as ecs.CfnService);
    const types = {
      'AWS::ECS::Cluster': [worker?.cluster],
      'AWS::EC2::VPC': [worker?.vpc],
      'AWS::ECS::TaskDefinition': [worker?.taskDefinition, api?.taskDefinition],
      'AWS::CloudWatch::Alarm': [worker?.backlogAlarm, worker?.idleAlarm],
      'AWS::Scheduler::Schedule': [worker?.keepQueueActive],
      'AWS::ElasticLoadBalancingV2::LoadBalancer': [api?.loadBalancer],
      'AWS::ElasticLoadBalancingV2::Listener': [api?.listener],
      'AWS::ElasticLoadBalancingV2::TargetGroup': [api?.targetGroup],
      'AWS::ApiGatewayV2::VpcLink': [api?.vpcLink],
    };
    for (const [type, constructs] of Object.entries(types)) {
      expect(constructs.map(idOf)).toEqual(
        Object.keys(template.findResources(type)).sort(byOrderOf(constructs.map(idOf))),
      );
    }
    expect([worker?.service, api?.service].every((service) => service instanceof ecs.FargateService)).toBe(true);
    expect(worker?.scalableTarget).toBeDefined();
    expect(api?.scaling).toBeDefined();
    expect(api?.vpcLinkSecurityGroup).toBeDefined();
    expect([worker?.securityGroups.length, api?.securityGroups.length]).toEqual([1, 1]);
    expect(worker?.grantPrincipal).toBe(worker?.taskRole);
    expect(api?.grantPrincipal).toBe(api?.taskRole);
  });
});

const byOrderOf =
  (ids: readonly string[]) =>
  (a: string, b: string): number =>
    ids.indexOf(a) - ids.indexOf(b);

describe('a service', () => {
  const workerWith = (props: ThumbnailFargateOptions['worker']): Template => fargate({ worker: props }).template;

  test('the task size determines the number of worker processes', () => {
    const { template } = fargate({
      worker: { cpu: 4096, memoryLimitMiB: 16_384, ephemeralStorageGiB: 50 },
      api: { cpu: 256 },
    });
    expect(taskOf(template, 'worker')).toMatchObject({
      Cpu: '4096',
      Memory: '16384',
      EphemeralStorage: { SizeInGiB: 50 },
    });
    expect(taskOf(template, 'api')).toMatchObject({ Cpu: '256', Memory: '512' });
    expect(environmentOf(template, 'worker')['WORKER_PROCESSES']).toBe('5');
    expect(environmentOf(template, 'api')['WORKER_PROCESSES']).toBe('1');
  });

  test('a task with too little memory for the largest image causes a warning', () => {
    expect(warningsOf(fargate({ api: { cpu: 256 } }).stack)).toEqual([
      expect.stringMatching(/^memoryLimitMiB: 512 .*\b320 MiB.*\[ack: cdk-thumbnails:littleMemory\]$/),
    ]);
    expect(warningsOf(fargate({ api: { cpu: 256, memoryLimitMiB: 1024 } }).stack)).toEqual([]);
  });

  test('the service applies the capacities and the desired count', () => {
    const { template } = fargate({
      worker: { minCapacity: 1, maxCapacity: 50, desiredCount: 7 },
      api: { minCapacity: 2, maxCapacity: 3, desiredCount: 2 },
    });
    expect(scalableTargetOf(template, 'worker')).toMatchObject({ MinCapacity: 1, MaxCapacity: 50 });
    expect(scalableTargetOf(template, 'api')).toMatchObject({ MinCapacity: 2, MaxCapacity: 3 });
    expect(serviceOf(template, 'worker')['DesiredCount']).toBe(7);
    expect(serviceOf(template, 'api')['DesiredCount']).toBe(2);
  });

  test('the service-linked role of Application Auto Scaling scales the service', () => {
    const { template } = fargate();
    template.resourcePropertiesCountIs('AWS::IAM::Role', { AssumeRolePolicyDocument: scalingTrust }, 0);
    for (const kind of KINDS) {
      expect(JSON.stringify(scalableTargetOf(template, kind)['RoleARN'])).toContain(
        'role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService',
      );
    }
  });

  test('the service applies the Spot percentage and the on-demand base', () => {
    const strategyOf = (template: Template, kind: Kind): unknown =>
      serviceOf(template, kind)['CapacityProviderStrategy'];
    expect(strategyOf(workerWith({ spotPercent: 60, onDemandBase: 3 }), 'worker')).toEqual([
      { CapacityProvider: 'FARGATE', Base: 3, Weight: 40 },
      { ...SPOT, Weight: 60 },
    ]);
    const onDemand = workerWith({ spotPercent: 0 });
    expect(serviceOf(onDemand, 'worker')).toMatchObject({ LaunchType: 'FARGATE' });
    expect(strategyOf(fargate({ api: { spotPercent: 50 } }).template, 'api')).toEqual([
      { CapacityProvider: 'FARGATE', Base: 1, Weight: 50 },
      { ...SPOT, Weight: 50 },
    ]);
  });

  test('arm64 tasks run on demand in the China Regions, which do not support arm64 on Spot', () => {
    const inChina = (props?: ThumbnailFargateOptions): Template =>
      fargate(props, newStack({ env: { account: '111111111111', region: 'cn-north-1' } })).template;
    expect(serviceOf(inChina(), 'worker')).toMatchObject({ LaunchType: 'FARGATE' });
    const x86 = inChina({ architecture: ecs.CpuArchitecture.X86_64 });
    expect(serviceOf(x86, 'worker')).toHaveProperty('CapacityProviderStrategy');
    expect(serviceOf(inChina({ worker: { spotPercent: 100 } }), 'worker')).toHaveProperty('CapacityProviderStrategy');
  });

  test('the service applies the deployment options', () => {
    const template = workerWith({
      circuitBreaker: { enable: true, rollback: false },
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
    });
    expect(serviceOf(template, 'worker')['DeploymentConfiguration']).toEqual({
      DeploymentCircuitBreaker: { Enable: true, Rollback: false },
      MinimumHealthyPercent: 0,
      MaximumPercent: 100,
    });
  });

  test('the service uses existing security groups', () => {
    const own = (stack: Stack, id: string): ec2.ISecurityGroup =>
      ec2.SecurityGroup.fromSecurityGroupId(stack, id, `sg-${id}`);
    const { template, pipeline } = fargate((stack) => ({
      worker: { securityGroups: [own(stack, 'one'), own(stack, 'two')] },
    }));
    expect(serviceOf(template, 'worker')).toMatchObject({
      NetworkConfiguration: { AwsvpcConfiguration: { SecurityGroups: ['sg-one', 'sg-two'] } },
    });
    expect(pipeline.workerService?.securityGroups).toHaveLength(2);
  });
});

const scalingTrust = Match.objectLike({
  Statement: [Match.objectLike({ Principal: { Service: 'application-autoscaling.amazonaws.com' } })],
});

describe('both services', () => {
  test('both services run on the given architecture with the image for this architecture', () => {
    const imageOf = (architecture?: ecs.CpuArchitecture): unknown =>
      containerOf(fargate({ architecture }).template, 'worker')['Image'];
    const x86 = fargate({ architecture: ecs.CpuArchitecture.X86_64 }).template;
    for (const kind of KINDS) {
      expect(taskOf(x86, kind)).toMatchObject({ RuntimePlatform: { CpuArchitecture: 'X86_64' } });
    }
    expect(imageOf(ecs.CpuArchitecture.X86_64)).not.toEqual(imageOf());
    expect(imageOf(ecs.CpuArchitecture.ARM64)).toEqual(imageOf());
  });

  test('both services apply stopTimeout or derive the value from limits.maxDuration', () => {
    const timesOf = (props: Partial<ThumbnailPipelineProps>, stopTimeout?: Duration): unknown[] => {
      const { template } = synthesize({ ...props, compute: ThumbnailCompute.fargate({ stopTimeout }) });
      return KINDS.flatMap((kind) => [
        containerOf(template, kind)['StopTimeout'],
        environmentOf(template, kind)['STOP_TIMEOUT_SECONDS'],
      ]);
    };
    const limited = (seconds: number): Partial<ThumbnailPipelineProps> => ({
      limits: { maxDuration: Duration.seconds(seconds) },
    });
    expect(timesOf({})).toEqual([30, undefined, 30, undefined]);
    expect(timesOf(limited(5))).toEqual([30, undefined, 30, undefined]);
    expect(timesOf(limited(60))).toEqual([70, '70', 70, '70']);
    expect(timesOf(limited(600))).toEqual([120, '120', 120, '120']);
    expect(timesOf(limited(600), Duration.seconds(45))).toEqual([45, '45', 45, '45']);
  });

  test('both services use existing roles, which receive the required permissions', () => {
    const { template } = fargate((stack) => ({
      taskRole: new iam.Role(stack, 'Task', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }),
      executionRole: new iam.Role(stack, 'Start', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }),
    }));
    for (const kind of KINDS) {
      expect(taskOf(template, kind)).toMatchObject({
        TaskRoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^Task/), 'Arn'] },
        ExecutionRoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^Start/), 'Arn'] },
      });
    }
    const policyOf = (role: string): string =>
      JSON.stringify(
        onlyResource(template, 'AWS::IAM::Policy', {
          Properties: { PolicyName: Match.stringLikeRegexp(`^${role}DefaultPolicy`) },
        }),
      );
    expect(policyOf('Task')).toMatch(/s3:DeleteObject.*sqs:ReceiveMessage|sqs:ReceiveMessage.*s3:DeleteObject/);
    expect(policyOf('Start')).toMatch(/ecr:BatchGetImage/);
  });

  test('both services support ECS Exec, with a writable root file system', () => {
    const { template } = fargate({ enableExecuteCommand: true });
    for (const kind of KINDS) {
      expect(serviceOf(template, kind)['EnableExecuteCommand']).toBe(true);
      expect(containerOf(template, kind)).toMatchObject({
        ReadonlyRootFilesystem: false,
        LinuxParameters: { InitProcessEnabled: true },
      });
      expect(containerOf(template, kind)).not.toHaveProperty('User');
    }
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('ssmmessages:OpenDataChannel');
    expect(JSON.stringify(fargate().template.findResources('AWS::IAM::Policy'))).not.toContain('ssmmessages');
  });

  test('both services write to an existing log group', () => {
    const { template } = synthesize((stack) => ({
      logGroup: logs.LogGroup.fromLogGroupName(stack, 'Mine', 'mine'),
      compute: ThumbnailCompute.fargate(),
    }));
    for (const kind of KINDS) {
      expect(containerOf(template, kind)).toMatchObject({ LogConfiguration: { Options: { 'awslogs-group': 'mine' } } });
    }
  });

  test('both services use an existing queue', () => {
    const { template } = synthesize((stack) => ({
      compute: ThumbnailCompute.fargate(),
      queue: sqs.Queue.fromQueueArn(stack, 'Mine', 'arn:aws:sqs:eu-west-1:111111111111:mine'),
    }));
    expect(JSON.stringify(environmentOf(template, 'worker')['QUEUE_URL'])).toContain('/mine');
  });

  test('both services accept tokens', () => {
    const { template } = fargate((stack) => {
      const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
      const common = { cpu: number, memoryLimitMiB: number, ephemeralStorageGiB: number, desiredCount: number };
      const capacity = { minCapacity: number, maxCapacity: number, onDemandBase: number, spotPercent: number };
      const deployment = { minHealthyPercent: number, maxHealthyPercent: number };
      return {
        worker: { ...common, ...capacity, ...deployment },
        api: { ...common, ...capacity, ...deployment, requestsPerTask: number, targetUtilizationPercent: number },
      };
    });
    const ref = { Ref: 'Number' };
    for (const kind of KINDS) {
      expect(taskOf(template, kind)).toMatchObject({ Cpu: ref, Memory: ref, EphemeralStorage: { SizeInGiB: ref } });
      expect(serviceOf(template, kind)).toMatchObject({
        DesiredCount: ref,
        CapacityProviderStrategy: [
          { Base: ref, Weight: 0 },
          { ...SPOT, Weight: ref },
        ],
      });
      expect(scalableTargetOf(template, kind)).toMatchObject({ MinCapacity: ref, MaxCapacity: ref });
      // With tokens, the runtime detects the number of CPUs.
      expect(environmentOf(template, kind)).not.toHaveProperty('WORKER_PROCESSES');
    }
  });
});
