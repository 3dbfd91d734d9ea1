import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { FargateNetwork } from './fargate-network';
import type { ThumbnailFargateOptions, ThumbnailFargateTaskOptions } from './thumbnail-fargate-options';

/** Cluster of a service, and the placement of its tasks in the VPC of the cluster. */
export interface FargateCluster extends Pick<ThumbnailFargateTaskOptions, 'vpcSubnets' | 'assignPublicIp'> {
  readonly cluster: ecs.ICluster;
}

/** A cluster that services share, and the options that select this cluster. */
interface SharedCluster {
  readonly vpc?: ec2.IVpc;
  readonly givenCluster?: ecs.ICluster;
  /** Network of the VPC, if the VPC is new. */
  readonly network: FargateNetwork;
  readonly cluster: ecs.ICluster;
}

const sharedClusters = new WeakMap<Construct, SharedCluster[]>();

/**
 * Returns the cluster for one service of a pipeline. Creates the cluster if necessary.
 *
 * The worker service and the API service share one cluster if their options `vpc`, `cluster` and `network` are equal, even if
 * each service has its own compute object.
 */
export function fargateClusterOf(scope: Construct, options: ThumbnailFargateOptions): FargateCluster {
  const { cluster, network } = sharedClusterOf(scope, options);
  if (!options.vpc && !options.cluster) {
    return { cluster, vpcSubnets: network._taskSubnets(), assignPublicIp: network._assignPublicIp };
  }
  const { vpcSubnets, assignPublicIp } = options;
  return { cluster, vpcSubnets, assignPublicIp };
}

function sharedClusterOf(scope: Construct, options: ThumbnailFargateOptions): SharedCluster {
  const existing = sharedClusters.get(scope) ?? [];
  const match = existing.find(
    ({ vpc, givenCluster, network }) =>
      vpc === options.vpc && givenCluster === options.cluster && (options.network ?? network) === network,
  );
  if (match) {
    return match;
  }
  const network = options.network ?? FargateNetwork.publicSubnets();
  const added = {
    vpc: options.vpc,
    givenCluster: options.cluster,
    network,
    // A second cluster always belongs to the API, because the pipeline binds the worker first.
    cluster: createCluster(scope, existing.length === 0 ? '' : 'Api', options, network),
  };
  sharedClusters.set(scope, [...existing, added]);
  return added;
}

function createCluster(
  scope: Construct,
  prefix: string,
  options: ThumbnailFargateOptions,
  network: FargateNetwork,
): ecs.ICluster {
  const { cluster } = options;
  if (cluster && !options.vpc) {
    return cluster;
  }
  const vpc = options.vpc ?? network._createVpc(scope, `${prefix}Vpc`, options.enableExecuteCommand ?? false);
  if (!cluster) {
    return new ecs.Cluster(scope, `${prefix}Cluster`, { vpc, enableFargateCapacityProviders: true });
  }
  // The CDK would place the tasks in the VPC of the cluster. Therefore, imports the cluster again with the VPC of the options.
  const { clusterName, clusterArn } = cluster;
  return ecs.Cluster.fromClusterAttributes(scope, `${prefix}ClusterInVpc`, { clusterName, clusterArn, vpc });
}
