import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** Isolated VPCs that this library creates. Isolated VPCs have no route to the internet. */
const isolatedVpcs = new WeakSet<ec2.IVpc>();

/** Registers a VPC that has no route to the internet. */
export function registerIsolatedVpc(vpc: ec2.Vpc): void {
  isolatedVpcs.add(vpc);
}

/** Adds an interface endpoint for Secrets Manager to a registered VPC, at most once. The endpoint is billed per hour. */
export function addSecretsEndpoint(vpc: ec2.IVpc): void {
  addEndpoint(vpc, 'SecretsEndpoint', ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER);
}

/** Adds an interface endpoint for EventBridge to a registered VPC, at most once. The endpoint is billed per hour. */
export function addEventsEndpoint(vpc: ec2.IVpc): void {
  addEndpoint(vpc, 'EventsEndpoint', ec2.InterfaceVpcEndpointAwsService.EVENTBRIDGE);
}

function addEndpoint(vpc: ec2.IVpc, id: string, service: ec2.InterfaceVpcEndpointAwsService): void {
  if (isolatedVpcs.has(vpc) && !vpc.node.tryFindChild(id)) {
    vpc.addInterfaceEndpoint(id, { service });
  }
}
