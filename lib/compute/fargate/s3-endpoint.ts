import { Arn, ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CORE_VARIABLES } from '../../../runtime/contract';

/** Construct id of the S3 endpoint in the VPC. */
export const S3_ENDPOINT_ID = 'S3Endpoint';
/** Gateway endpoints for S3 that need a policy, by VPC. */
const endpoints = new WeakMap<ec2.IVpc, ec2.GatewayVpcEndpoint>();

/** Registers the S3 endpoint of a new VPC. The first service in the VPC adds the policy. */
export function registerRestrictedEndpoint(vpc: ec2.Vpc): void {
  endpoints.set(vpc, vpc.node.findChild(S3_ENDPOINT_ID) as ec2.GatewayVpcEndpoint);
}

/**
 * Adds the policy of a registered S3 endpoint, at most once. The policy allows the requests of the tasks to their buckets, and
 * downloads of image layers from Amazon ECR.
 *
 * @param environment environment variables of the tasks, with the names of the buckets
 */
export function restrictS3Endpoint(vpc: ec2.IVpc, environment: Readonly<Record<string, string>>): void {
  const endpoint = endpoints.get(vpc);
  if (!endpoint) {
    return;
  }
  endpoints.delete(vpc);
  const stack = Stack.of(endpoint);
  const arnOf = (path: string): string =>
    Arn.format(
      { service: 's3', region: '', account: '', resource: path, arnFormat: ArnFormat.NO_RESOURCE_NAME },
      stack,
    );
  const allow = (sid: string, actions: string[], paths: string[]): void =>
    endpoint.addToPolicy(
      new iam.PolicyStatement({ sid, principals: [new iam.AnyPrincipal()], actions, resources: paths.map(arnOf) }),
    );
  const { sourceBucket, thumbnailBucket, settingsUri } = CORE_VARIABLES;
  const buckets = [...new Set([environment[sourceBucket], environment[thumbnailBucket]])].filter(
    (name) => name !== undefined,
  );
  allow('ListBuckets', ['s3:ListBucket'], buckets);
  allow(
    'Objects',
    ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:DeleteObject'],
    buckets.map((name) => `${name}/*`),
  );
  const uri = environment[settingsUri];
  if (uri !== undefined) {
    allow('Settings', ['s3:GetObject'], [Fn.select(1, Fn.split('s3://', uri))]);
  }
  // Amazon ECR stores image layers in this bucket:
  // https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
  allow('ImageLayers', ['s3:GetObject'], [`prod-${stack.region}-starport-layer-bucket/*`]);
}
