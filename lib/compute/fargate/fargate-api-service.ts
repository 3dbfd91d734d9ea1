import { Duration } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { DEFAULT_CAPACITY } from '../ecs/service-validation';
import { createLoadBalancedApi } from '../load-balanced-api';
import { ThumbnailRuntime } from '../thumbnail-runtime';
import { FargateService } from './fargate-service';
import type { FargateServiceProps } from './fargate-task';
import type { ThumbnailFargateApiOptions } from './thumbnail-fargate-options';
import type { IThumbnailApiService } from './thumbnail-services';

const DEFAULT_REQUESTS_PER_TASK = 3000;
const DEFAULT_UTILIZATION_PERCENT = 60;

/** Props of {@link FargateApiService}. */
export interface FargateApiServiceProps extends FargateServiceProps, ThumbnailFargateApiOptions {}

export class FargateApiService extends FargateService implements IThumbnailApiService {
  public readonly scaling: ecs.ScalableTaskCount;
  public readonly loadBalancer: elb.ApplicationLoadBalancer;
  public readonly listener: elb.ApplicationListener;
  public readonly targetGroup: elb.ApplicationTargetGroup;
  public readonly vpcLink: apigateway.VpcLink;
  public readonly vpcLinkSecurityGroup: ec2.SecurityGroup;
  public readonly integration: apigateway.HttpRouteIntegration;

  /**
   * Creates the service, its load balancer and its VPC link.
   *
   * @throws Error if the load balancer subnets are in fewer than two availability zones
   */
  public constructor(scope: Construct, id: string, props: FargateApiServiceProps) {
    super(scope, id, 'api', props, ThumbnailRuntime.apiContainerEnvironment(props));
    const { vpc, service } = this;
    const api = createLoadBalancedApi(this, {
      vpc,
      loadBalancerSubnets: props.loadBalancerSubnets,
      loadBalancerCertificate: props.loadBalancerCertificate,
      loadBalancerDomainName: props.loadBalancerDomainName,
      targets: [service],
    });
    this.loadBalancer = api.loadBalancer;
    this.targetGroup = api.targetGroup;
    this.listener = api.listener;
    this.vpcLink = api.vpcLink;
    this.vpcLinkSecurityGroup = api.vpcLinkSecurityGroup;
    this.integration = api.integration;
    this.scaling = this.createScaling(props);
  }

  private createScaling(props: FargateApiServiceProps): ecs.ScalableTaskCount {
    const { min, max } = DEFAULT_CAPACITY.api;
    const { minCapacity = min, maxCapacity = max } = props;
    const taskCount = this.service.autoScaleTaskCount({ minCapacity, maxCapacity });
    const cooldowns = { scaleOutCooldown: Duration.minutes(1), scaleInCooldown: Duration.minutes(5) };
    taskCount.scaleOnRequestCount('Requests', {
      ...cooldowns,
      requestsPerTarget: props.requestsPerTask ?? DEFAULT_REQUESTS_PER_TASK,
      targetGroup: this.targetGroup,
    });
    taskCount.scaleOnCpuUtilization('Cpu', {
      ...cooldowns,
      targetUtilizationPercent: props.targetUtilizationPercent ?? DEFAULT_UTILIZATION_PERCENT,
    });
    return taskCount;
  }
}
