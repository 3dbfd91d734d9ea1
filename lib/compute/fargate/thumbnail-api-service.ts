import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpAlbIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { DEFAULT_PORT, SERVICE_VARIABLES } from '../../../runtime/contract';
import { injectedProps } from '../../private/property-injection';
import { problem } from '../../private/validation';
import { Problems } from '../../private/validation-errors';
import { defineService } from './fargate-service';
import { apiServiceProblems, DEFAULT_CAPACITY, taskProblems } from './fargate-validation';
import type { ThumbnailApiServiceProps } from './thumbnail-service-props';

/** What an HTTP API lets through, of which headers are a part: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_RESPONSE_BYTES = 10_000_000;
/** An HTTP API waits no longer for an answer, so that no request is older when its task ends. */
const LONGEST_REQUEST = Duration.seconds(30);
const DEFAULT_REQUESTS_PER_TASK = 3000;
const DEFAULT_UTILIZATION = 60;

/** A service on Fargate that answers the API, behind a load balancer that only an HTTP API reaches. */
export class ThumbnailApiService extends Construct implements ec2.IConnectable, iam.IGrantable {
  /** What a property injector of the app names this class by. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailApiService';

  /** Cluster of the service. */
  public readonly cluster: ecs.ICluster;
  /** Where the tasks run. */
  public readonly vpc: ec2.IVpc;
  /** The service. */
  public readonly service: ecs.FargateService;
  /** What a task is. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** Role of the program. */
  public readonly taskRole: iam.IRole;
  /** Security groups of the tasks. */
  public readonly securityGroups: ec2.ISecurityGroup[];
  /** Connections of the tasks. */
  public readonly connections: ec2.Connections;
  /** The program. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** The number of tasks, which follows requests and CPU. */
  public readonly scaling: ecs.ScalableTaskCount;
  /** The internal load balancer. */
  public readonly loadBalancer: elb.ApplicationLoadBalancer;
  /** Where it takes requests. */
  public readonly listener: elb.ApplicationListener;
  /** Where it hands them on to. */
  public readonly targetGroup: elb.ApplicationTargetGroup;
  /** The way of an HTTP API into the VPC. */
  public readonly vpcLink: apigateway.VpcLink;
  /** Security group of that way, the only one that the load balancer lets in. */
  public readonly vpcLinkSecurityGroup: ec2.SecurityGroup;
  /** How the routes of an HTTP API reach the service. */
  public readonly integration: apigateway.HttpRouteIntegration;

  /**
   * Makes the service, its load balancer and the way of an HTTP API to it.
   *
   * @param scope where it belongs: a stack, or a construct in one
   * @param id its name there, a part of the logical ids of everything in it
   * @param props where it runs, what, and in what size
   * @throws where props are wrong: one error, which names each of them with what it got and what it takes
   */
  public constructor(scope: Construct, id: string, props: ThumbnailApiServiceProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailApiService.PROPERTY_INJECTION_ID, props);

    const { cluster } = props;
    const { vpc } = cluster;
    const { subnets } = vpc.selectSubnets(props.loadBalancerSubnets);
    const problems = new Problems();
    problems.add([...taskProblems(props), ...apiServiceProblems(props), ...zoneProblems(subnets)]);
    problems.throwIfAny(this);

    const { service, taskDefinition, taskRole, securityGroups } = defineService(this, 'api', props, {
      [SERVICE_VARIABLES.maxResponseBytes]: String(MAX_RESPONSE_BYTES),
    });
    this.cluster = cluster;
    this.vpc = vpc;
    this.service = service;
    this.taskDefinition = taskDefinition;
    this.taskRole = taskRole;
    this.grantPrincipal = taskRole.grantPrincipal;
    this.securityGroups = securityGroups;
    this.connections = service.connections;

    this.loadBalancer = new elb.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      vpcSubnets: { subnets },
      internetFacing: false,
      dropInvalidHeaderFields: true,
    });
    this.targetGroup = new elb.ApplicationTargetGroup(this, 'TargetGroup', {
      vpc,
      port: DEFAULT_PORT,
      protocol: elb.ApplicationProtocol.HTTP,
      targetType: elb.TargetType.IP,
      targets: [service],
      // A stored thumbnail is a moment's work and a new one is not, so that taking turns would be unfair.
      loadBalancingAlgorithmType: elb.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      deregistrationDelay: LONGEST_REQUEST,
      healthCheck: {
        path: '/health',
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
      // Links are signed for the host that clients name, be it a domain of one's own or the API's: the program has to see that
      // one, and not whatever an HTTP API calls the load balancer by.
      parameterMapping: new apigateway.ParameterMapping().overwriteHeader(
        'Host',
        apigateway.MappingValue.contextVariable('domainName'),
      ),
    });

    const { min, max } = DEFAULT_CAPACITY.api;
    this.scaling = service.autoScaleTaskCount({
      minCapacity: props.minCapacity ?? min,
      maxCapacity: props.maxCapacity ?? max,
    });
    const cooldowns = { scaleOutCooldown: Duration.minutes(1), scaleInCooldown: Duration.minutes(5) };
    this.scaling.scaleOnRequestCount('Requests', {
      ...cooldowns,
      requestsPerTarget: props.requestsPerTask ?? DEFAULT_REQUESTS_PER_TASK,
      targetGroup: this.targetGroup,
    });
    this.scaling.scaleOnCpuUtilization('Cpu', {
      ...cooldowns,
      targetUtilizationPercent: props.targetUtilizationPercent ?? DEFAULT_UTILIZATION,
    });
  }
}

/** A load balancer stands in two zones or more. */
function zoneProblems(subnets: readonly ec2.ISubnet[]): string[] {
  const zones = new Set(subnets.map(({ availabilityZone }) => availabilityZone));
  if (zones.size >= 2) {
    return [];
  }
  return [problem('loadBalancerSubnets', `subnets in ${zones.size} availability zone`, 'subnets in at least 2')];
}
