import { Annotations, ContextProvider, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { validateInteger } from '../../private/validation';
import { registerIsolatedVpc } from './isolated-vpcs';
import { registerRestrictedEndpoint, S3_ENDPOINT_ID } from './s3-endpoint';

/** Options of {@link FargateNetwork}. */
export interface ThumbnailFargateNetworkOptions {
  /**
   * Number of availability zones of the VPC, 2 to 6. A load balancer requires two availability zones.
   *
   * @default 2
   */
  readonly maxAzs?: number;

  /**
   * IP address range of the VPC.
   *
   * @default - 10.0.0.0/16
   */
  readonly ipAddresses?: ec2.IIpAddresses;

  /**
   * Whether the policy of the S3 endpoint allows only the buckets of the pipeline and the layers of images in Amazon ECR. If
   * you add other resources to the VPC, the policy also applies to the S3 requests of these resources in this region.
   *
   * @default false - the endpoint allows every bucket
   */
  readonly restrictS3Endpoint?: boolean;
}

/**
 * Network of a new VPC, for connections from the tasks to S3, SQS, CloudWatch Logs and the image registry.
 *
 * No network has a NAT gateway. A gateway endpoint for S3 is free of charge. Security groups block inbound traffic to the
 * tasks, except traffic from the load balancer to the API.
 *
 * Prices are list prices of us-east-1 in November 2026, for 730 hours a month. See docs/guides/operations.md for a comparison.
 */
export abstract class FargateNetwork {
  /**
   * Public subnets: tasks have public IP addresses and use an internet gateway.
   *
   * Each running task has one public IP address, which costs $0.005 per hour or $3.65 for a whole month. Without running tasks,
   * the network is free of charge.
   *
   * @param options availability zones, IP address range and access to S3
   */
  public static publicSubnets(options: ThumbnailFargateNetworkOptions = {}): FargateNetwork {
    return new PublicNetwork(options);
  }

  /**
   * Isolated subnets: tasks have no route to the internet and use interface endpoints.
   *
   * The VPC has four interface endpoints: SQS, Amazon ECR (API and Docker registry) and CloudWatch Logs. The endpoints incur
   * costs even without running tasks:
   *
   * - Each endpoint costs $0.01 per hour in each Availability Zone. Four endpoints in two zones cost $58.40 per month.
   * - Data transfer through the endpoints costs $0.01 per GB.
   * - An API that reads a secret requires a further endpoint. The option `enableExecuteCommand` also requires a further
   *   endpoint.
   *
   * @param options availability zones, IP address range and access to S3
   */
  public static isolatedSubnets(options: ThumbnailFargateNetworkOptions = {}): FargateNetwork {
    return new IsolatedNetwork(options);
  }

  /** Whether tasks require public IP addresses. @internal */
  public abstract readonly _assignPublicIp: boolean;

  /** Options of the VPC. @internal */
  protected readonly _options: ThumbnailFargateNetworkOptions;

  /**
   * Internal constructor. Use the static methods instead.
   *
   * @param options availability zones, IP address range and access to S3
   */
  protected constructor(options: ThumbnailFargateNetworkOptions) {
    this._options = options;
  }

  /**
   * Validates the options.
   *
   * @internal
   */
  public _validate(): string[] {
    return validateInteger('maxAzs', this._options.maxAzs, { min: 2, max: 6, unit: 'availability zones' });
  }

  /**
   * Returns the subnets of the tasks.
   *
   * @internal
   */
  public abstract _taskSubnets(): ec2.SubnetSelection;

  /**
   * Creates the VPC.
   *
   * @internal
   */
  public abstract _createVpc(scope: Construct, id: string, enableExecuteCommand: boolean): ec2.Vpc;
}

class PublicNetwork extends FargateNetwork {
  public readonly _assignPublicIp = true;

  public constructor(options: ThumbnailFargateNetworkOptions) {
    super(options);
  }

  public _taskSubnets(): ec2.SubnetSelection {
    return { subnetType: ec2.SubnetType.PUBLIC };
  }

  public _createVpc(scope: Construct, id: string): ec2.Vpc {
    return createVpc(scope, id, this._options, [
      // The service requests a public IP address for each task. Therefore, the subnet need not assign addresses by default.
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
      // The internal load balancer uses this subnet.
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ]);
  }
}

class IsolatedNetwork extends FargateNetwork {
  public readonly _assignPublicIp = false;

  public constructor(options: ThumbnailFargateNetworkOptions) {
    super(options);
  }

  public _taskSubnets(): ec2.SubnetSelection {
    return { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
  }

  public _createVpc(scope: Construct, id: string, enableExecuteCommand: boolean): ec2.Vpc {
    const vpc = createVpc(scope, id, this._options, [
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ]);
    // The Fargate agent and the task credentials require no interface endpoint. The agent downloads image layers through the
    // gateway endpoint for S3.
    const endpoints: Record<string, ec2.InterfaceVpcEndpointAwsService> = {
      SqsEndpoint: ec2.InterfaceVpcEndpointAwsService.SQS,
      EcrEndpoint: ec2.InterfaceVpcEndpointAwsService.ECR,
      EcrDockerEndpoint: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
      LogsEndpoint: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
      ...(enableExecuteCommand ? { SessionsEndpoint: ec2.InterfaceVpcEndpointAwsService.SSM_MESSAGES } : {}),
    };
    for (const [name, service] of Object.entries(endpoints)) {
      vpc.addInterfaceEndpoint(name, { service });
    }
    registerIsolatedVpc(vpc);
    return vpc;
  }
}

function createVpc(
  scope: Construct,
  id: string,
  { maxAzs = 2, ipAddresses, restrictS3Endpoint = false }: ThumbnailFargateNetworkOptions,
  subnetConfiguration: ec2.SubnetConfiguration[],
): ec2.Vpc {
  warnAboutZoneLookup(scope);
  const vpc = new ec2.Vpc(scope, id, {
    maxAzs,
    ipAddresses,
    natGateways: 0,
    subnetConfiguration,
    gatewayEndpoints: { [S3_ENDPOINT_ID]: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
  });
  if (restrictS3Endpoint) {
    registerRestrictedEndpoint(vpc);
  }
  return vpc;
}

/** Warns if the CDK must look up the availability zones. The lookup requires AWS credentials at the first synthesis. */
function warnAboutZoneLookup(scope: Construct): void {
  const { account, region } = Stack.of(scope);
  if (Token.isUnresolved(account) || Token.isUnresolved(region)) {
    return;
  }
  const { key } = ContextProvider.getKey(scope, { provider: 'availability-zones' });
  if (scope.node.tryGetContext(key) !== undefined) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    'cdk-thumbnails:availabilityZoneLookup',
    `compute: the new VPC requires the availability zones of account ${account} in ${region}, which the CDK looks up with ` +
      'credentials of the account. Run cdk synth once with credentials and commit cdk.context.json, or pass vpc or cluster ' +
      'to ThumbnailCompute.fargate().',
  );
}
