// The example of CONTRIBUTING.md, which contains this class without `export`.
import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpAlbIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import {
  type IThumbnailApiBinding,
  type IThumbnailComputeBinding,
  type IThumbnailWorkerBinding,
  ThumbnailCompute,
  type ThumbnailComputeBindOptions,
  ThumbnailRuntime,
  type ThumbnailWorkerBindOptions,
} from '../../../lib';

export class Ec2Compute extends ThumbnailCompute {
  public constructor(private readonly cluster: ecs.ICluster) {
    super();
  }

  public validate(): string[] {
    return this.cluster.hasEc2Capacity ? [] : ['cluster: no EC2 capacity; call addCapacity or addAsgCapacityProvider'];
  }

  /** Returns a short timeout, because a container extends the timeout of each message in progress. */
  public visibilityTimeout(): Duration {
    return Duration.seconds(30);
  }

  public bindWorker(scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding {
    const environment = ThumbnailRuntime.workerContainerEnvironment(options);
    const { taskDefinition, binding } = this.createTask(scope, 'Worker', options, environment);
    options.queue.grantConsumeMessages(taskDefinition.taskRole);
    new ecs.Ec2Service(scope, 'WorkerService', { cluster: this.cluster, taskDefinition });
    return binding;
  }

  public bindApi(scope: Construct, options: ThumbnailComputeBindOptions): IThumbnailApiBinding {
    const environment = ThumbnailRuntime.apiContainerEnvironment(options);
    const { taskDefinition, binding } = this.createTask(scope, 'Api', options, environment);
    const service = new ecs.Ec2Service(scope, 'ApiService', { cluster: this.cluster, taskDefinition });
    const loadBalancer = new elb.ApplicationLoadBalancer(scope, 'LoadBalancer', { vpc: this.cluster.vpc });
    const listener = loadBalancer.addListener('Listener', { port: 80, open: false });
    listener.addTargets('Tasks', {
      port: ThumbnailRuntime.CONTAINER_PORT,
      protocol: elb.ApplicationProtocol.HTTP,
      targets: [service],
      healthCheck: { path: ThumbnailRuntime.HEALTH_CHECK_PATH },
    });
    // The signature of a link depends on the host that clients use.
    const domainName = apigateway.MappingValue.contextVariable('domainName');
    const parameterMapping = new apigateway.ParameterMapping().overwriteHeader('Host', domainName);
    return { ...binding, integration: new HttpAlbIntegration('Integration', listener, { parameterMapping }) };
  }

  private createTask(
    scope: Construct,
    name: string,
    { logGroup }: ThumbnailComputeBindOptions,
    environment: Record<string, string>,
  ): { readonly taskDefinition: ecs.Ec2TaskDefinition; readonly binding: IThumbnailComputeBinding } {
    const taskDefinition = new ecs.Ec2TaskDefinition(scope, `${name}Task`);
    const container = taskDefinition.addContainer('Runtime', {
      image: ThumbnailRuntime.containerImage(),
      environment,
      cpu: 1024,
      memoryLimitMiB: 2048,
      portMappings: [{ containerPort: ThumbnailRuntime.CONTAINER_PORT }],
      healthCheck: { command: ['CMD', ...ThumbnailRuntime.HEALTH_CHECK_COMMAND] },
      logging: ecs.LogDriver.awsLogs({ logGroup, streamPrefix: name.toLowerCase() }),
    });
    const binding = {
      grantee: taskDefinition.taskRole,
      addEnvironment: (variable: string, value: string): void => container.addEnvironment(variable, value),
    };
    return { taskDefinition, binding };
  }
}
