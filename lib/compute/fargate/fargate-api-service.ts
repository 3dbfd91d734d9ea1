import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpAlbIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { outOfRange, ValidationErrors } from '../../private/validation';
import { DEFAULT_CAPACITY } from '../ecs/service-validation';
import { ThumbnailRuntime } from '../thumbnail-runtime';
import { FargateService } from './fargate-service';
import type { FargateServiceProps } from './fargate-task';
import type { ThumbnailFargateApiOptions } from './thumbnail-fargate-options';
import type { IThumbnailApiService } from './thumbnail-services';

/** Integration timeout of an HTTP API. A stopping task waits for this time. Therefore, it can complete all its requests. */
const MAX_REQUEST_DURATION = Duration.seconds(30);
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

  /** @throws Error if the load balancer subnets are in fewer than two availability zones */
  public constructor(scope: Construct, id: string, props: FargateApiServiceProps) {
    super(scope, id, 'api', props, ThumbnailRuntime.apiContainerEnvironment(props));
    const { vpc } = this;
    const { subnets } = vpc.selectSubnets(props.loadBalancerSubnets);
    const errors = new ValidationErrors();
    errors.add(validateZones(subnets));
    errors.throwIfAny(this);

    this.loadBalancer = new elb.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      vpcSubnets: { subnets },
      internetFacing: false,
      dropInvalidHeaderFields: true,
    });
    this.targetGroup = new elb.ApplicationTargetGroup(this, 'TargetGroup', {
      vpc,
      port: ThumbnailRuntime.CONTAINER_PORT,
      protocol: elb.ApplicationProtocol.HTTP,
      targetType: elb.TargetType.IP,
      targets: [this.service],
      // With round robin, the load would be uneven: a stored thumbnail takes milliseconds, but a new thumbnail takes
      // seconds.
      loadBalancingAlgorithmType: elb.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      deregistrationDelay: MAX_REQUEST_DURATION,
      healthCheck: {
        path: ThumbnailRuntime.HEALTH_CHECK_PATH,
        healthyHttpCodes: '200',
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
    this.listener = this.loadBalancer.addListener('Listener', {
      port: 80,
      protocol: elb.ApplicationProtocol.HTTP,
      open: false,
      defaultTargetGroups: [this.targetGroup],
    });
    this.vpcLinkSecurityGroup = new ec2.SecurityGroup(this, 'VpcLinkSecurityGroup', {
      vpc,
      description: 'cdk-thumbnails: from the HTTP API to its load balancer',
      allowAllOutbound: false,
    });
    this.listener.connections.allowDefaultPortFrom(this.vpcLinkSecurityGroup, 'from the HTTP API');
    this.vpcLink = new apigateway.VpcLink(this, 'VpcLink', {
      vpc,
      subnets: { subnets },
      securityGroups: [this.vpcLinkSecurityGroup],
    });
    this.integration = new HttpAlbIntegration('Integration', this.listener, {
      vpcLink: this.vpcLink,
      // The signature of a link covers the host name that the client uses. Without this mapping, the runtime receives a
      // different host name.
      parameterMapping: new apigateway.ParameterMapping().overwriteHeader(
        'Host',
        apigateway.MappingValue.contextVariable('domainName'),
      ),
    });
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

/** Validates that the subnets are in two availability zones, which an Application Load Balancer requires. */
function validateZones(subnets: readonly ec2.ISubnet[]): string[] {
  const zones = new Set(subnets.map(({ availabilityZone }) => availabilityZone));
  if (zones.size >= 2) {
    return [];
  }
  return [
    outOfRange('loadBalancerSubnets', `${zones.size} availability zone`, 'subnets in at least 2 availability zones'),
  ];
}
