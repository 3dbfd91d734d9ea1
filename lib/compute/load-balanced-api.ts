import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpAlbIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { outOfRange, ValidationErrors } from '../private/validation';
import { ThumbnailRuntime } from './thumbnail-runtime';

/** Integration timeout of an API Gateway HTTP API. A stopping task has this time to complete all its requests. */
const MAX_REQUEST_DURATION = Duration.seconds(30);

/** Options of {@link createLoadBalancedApi}. */
export interface LoadBalancedApiOptions {
  readonly vpc: ec2.IVpc;
  /** Subnets of the load balancer and the VPC link. */
  readonly loadBalancerSubnets?: ec2.SubnetSelection;
  /** Certificate of the load balancer. @default - API Gateway connects to the load balancer with HTTP */
  readonly loadBalancerCertificate?: ICertificate;
  /** Domain name in the certificate. Required with a certificate. */
  readonly loadBalancerDomainName?: string;
  /** Targets that the CDK registers. @default - a controller in a Kubernetes cluster registers the targets */
  readonly targets?: elb.IApplicationLoadBalancerTarget[];
}

/** Internal load balancer for containers, with a VPC link and an integration for API Gateway. */
export interface LoadBalancedApi {
  readonly loadBalancer: elb.ApplicationLoadBalancer;
  readonly listener: elb.ApplicationListener;
  readonly targetGroup: elb.ApplicationTargetGroup;
  readonly vpcLink: apigateway.VpcLink;
  readonly vpcLinkSecurityGroup: ec2.SecurityGroup;
  readonly integration: apigateway.HttpRouteIntegration;
}

/**
 * Creates the load balancer, its VPC link and the integration as children of `scope`.
 *
 * @throws Error if the load balancer subnets are in fewer than two availability zones
 */
export function createLoadBalancedApi(scope: Construct, options: LoadBalancedApiOptions): LoadBalancedApi {
  const { vpc, loadBalancerSubnets, targets, loadBalancerCertificate: certificate } = options;
  const { subnets } = vpc.selectSubnets(loadBalancerSubnets);
  const errors = new ValidationErrors();
  errors.add(validateZones(subnets));
  errors.throwIfAny(scope);

  const loadBalancer = new elb.ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc,
    vpcSubnets: { subnets },
    internetFacing: false,
    dropInvalidHeaderFields: true,
  });
  const targetGroup = new elb.ApplicationTargetGroup(scope, 'TargetGroup', {
    vpc,
    port: ThumbnailRuntime.CONTAINER_PORT,
    protocol: elb.ApplicationProtocol.HTTP,
    targetType: elb.TargetType.IP,
    targets,
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
  const listener = loadBalancer.addListener('Listener', {
    ...(certificate
      ? {
          port: 443,
          protocol: elb.ApplicationProtocol.HTTPS,
          certificates: [certificate],
          sslPolicy: elb.SslPolicy.RECOMMENDED_TLS,
        }
      : { port: 80, protocol: elb.ApplicationProtocol.HTTP }),
    open: false,
    defaultTargetGroups: [targetGroup],
  });
  const vpcLinkSecurityGroup = new ec2.SecurityGroup(scope, 'VpcLinkSecurityGroup', {
    vpc,
    description: 'cdk-thumbnails: from the HTTP API to its load balancer',
    allowAllOutbound: false,
  });
  listener.connections.allowDefaultPortFrom(vpcLinkSecurityGroup, 'from the HTTP API');
  const vpcLink = new apigateway.VpcLink(scope, 'VpcLink', {
    vpc,
    subnets: { subnets },
    securityGroups: [vpcLinkSecurityGroup],
  });
  const integration = new HttpAlbIntegration('Integration', listener, {
    vpcLink,
    secureServerName: options.loadBalancerDomainName,
    // The signature of a link includes the host name that the client uses. Without this mapping, the runtime receives a
    // different host name, and cannot verify the signature.
    parameterMapping: new apigateway.ParameterMapping().overwriteHeader(
      'Host',
      apigateway.MappingValue.contextVariable('domainName'),
    ),
  });
  return { loadBalancer, listener, targetGroup, vpcLink, vpcLinkSecurityGroup, integration };
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
