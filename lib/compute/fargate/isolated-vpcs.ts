import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** VPCs that were made here without a way to the internet. */
const isolated = new WeakSet<ec2.IVpc>();
const ID = 'SecretsEndpoint';

/** Notes that a VPC has no way to the internet, and was made here. */
export function noteIsolated(vpc: ec2.Vpc): void {
  isolated.add(vpc);
}

/** Lets what is in a VPC reach Secrets Manager, where it would not and the VPC was made here. It costs as much as any endpoint. */
export function reachSecrets(vpc: ec2.IVpc): void {
  if (!isolated.has(vpc) || vpc.node.tryFindChild(ID)) {
    return;
  }
  vpc.addInterfaceEndpoint(ID, { service: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER });
}
