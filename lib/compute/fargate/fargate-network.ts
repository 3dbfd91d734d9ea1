import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { checkInteger } from '../../private/validation';
import { noteIsolated } from './isolated-vpcs';

/** Options of {@link FargateNetwork}. */
export interface FargateNetworkOptions {
  /**
   * Availability zones that the VPC has subnets in, 2 to 6: a load balancer needs two.
   *
   * @default 2
   */
  readonly maxAzs?: number;

  /**
   * Addresses of the VPC.
   *
   * @default - 10.0.0.0/16
   */
  readonly ipAddresses?: ec2.IIpAddresses;
}

/**
 * How the tasks of a new VPC reach what they need: S3, SQS, the registry of their image and CloudWatch Logs. No choice has
 * a NAT gateway, and S3 is reached by a gateway endpoint, which costs nothing. Nobody reaches the tasks from outside: their
 * security groups let in the load balancer, and the workers' nobody.
 *
 * Prices are list prices of us-east-1 in November 2026, for 730 hours a month; docs/operations.md has the sum of each choice.
 */
export abstract class FargateNetwork {
  /**
   * Tasks have public addresses and go out by the internet gateway: $0.005 an hour for each task that runs, which is $3.65
   * for a whole month, and nothing while none does.
   *
   * @param options zones and addresses
   */
  public static publicSubnets(options: FargateNetworkOptions = {}): FargateNetwork {
    return new PublicNetwork(options);
  }

  /**
   * Tasks have no way to the internet. Interface endpoints for SQS, the registry (two) and CloudWatch Logs cost $0.01 an
   * hour each in each zone, whether tasks run or not: $58.40 a month in two zones, and $0.01 for each GB. One more is made
   * where the API reads a secret, and one for `enableExecuteCommand`.
   *
   * @param options zones and addresses
   */
  public static isolatedSubnets(options: FargateNetworkOptions = {}): FargateNetwork {
    return new IsolatedNetwork(options);
  }

  /** Whether tasks need public addresses. @internal */
  public abstract readonly _assignPublicIp: boolean;

  /** Options of the VPC. @internal */
  protected readonly _options: FargateNetworkOptions;

  /**
   * For the kinds of this library: there are no others.
   *
   * @param options zones and addresses
   */
  protected constructor(options: FargateNetworkOptions) {
    this._options = options;
  }

  /**
   * What is wrong with the options.
   *
   * @internal
   */
  public _problems(): string[] {
    return checkInteger('maxAzs', this._options.maxAzs, { min: 2, max: 6, unit: 'availability zones' });
  }

  /**
   * Where tasks go in the VPC.
   *
   * @internal
   */
  public abstract _taskSubnets(): ec2.SubnetSelection;

  /**
   * Makes the VPC.
   *
   * @internal
   */
  public abstract _defineVpc(scope: Construct, id: string, executeCommand: boolean): ec2.Vpc;
}

class PublicNetwork extends FargateNetwork {
  public readonly _assignPublicIp = true;

  public constructor(options: FargateNetworkOptions) {
    super(options);
  }

  public _taskSubnets(): ec2.SubnetSelection {
    return { subnetType: ec2.SubnetType.PUBLIC };
  }

  public _defineVpc(scope: Construct, id: string): ec2.Vpc {
    return defineVpc(scope, id, this._options, [
      // What is started here by anyone else gets no public address unasked.
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
      // For the load balancer, which has no business on the internet. Subnets are free.
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ]);
  }
}

class IsolatedNetwork extends FargateNetwork {
  public readonly _assignPublicIp = false;

  public constructor(options: FargateNetworkOptions) {
    super(options);
  }

  public _taskSubnets(): ec2.SubnetSelection {
    return { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
  }

  public _defineVpc(scope: Construct, id: string, executeCommand: boolean): ec2.Vpc {
    const vpc = defineVpc(scope, id, this._options, [
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ]);
    // Fargate's own agent and the credentials of roles need none. The layers of images come from S3.
    const endpoints: Record<string, ec2.InterfaceVpcEndpointAwsService> = {
      SqsEndpoint: ec2.InterfaceVpcEndpointAwsService.SQS,
      EcrEndpoint: ec2.InterfaceVpcEndpointAwsService.ECR,
      EcrDockerEndpoint: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
      LogsEndpoint: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
      ...(executeCommand ? { SessionsEndpoint: ec2.InterfaceVpcEndpointAwsService.SSM_MESSAGES } : {}),
    };
    for (const [name, service] of Object.entries(endpoints)) {
      vpc.addInterfaceEndpoint(name, { service });
    }
    noteIsolated(vpc);
    return vpc;
  }
}

function defineVpc(
  scope: Construct,
  id: string,
  { maxAzs = 2, ipAddresses }: FargateNetworkOptions,
  subnetConfiguration: ec2.SubnetConfiguration[],
): ec2.Vpc {
  return new ec2.Vpc(scope, id, {
    maxAzs,
    ipAddresses,
    natGateways: 0,
    subnetConfiguration,
    gatewayEndpoints: { S3Endpoint: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
  });
}
