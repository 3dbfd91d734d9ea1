import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { FargateComputeProps, FargateTaskOptions } from './fargate-compute-props';
import { FargateNetwork } from './fargate-network';

/** Where tasks run. */
export interface FargatePlace extends Pick<FargateTaskOptions, 'vpcSubnets' | 'assignPublicIp'> {
  readonly cluster: ecs.ICluster;
}

/** A cluster that was made or wrapped for a pipeline, and what it was asked for by. */
interface MadeCluster {
  readonly givenVpc?: ec2.IVpc;
  readonly givenCluster?: ecs.ICluster;
  /** What the VPC is like, where it is new. */
  readonly network: FargateNetwork;
  readonly cluster: ecs.ICluster;
}

const clusters = new WeakMap<Construct, MadeCluster[]>();

/**
 * Where the tasks of a pipeline run. Both of its services share what is made here, also where each has props of its own that
 * ask for the same.
 */
export function placeOf(scope: Construct, props: FargateComputeProps): FargatePlace {
  const { cluster, network } = clusterOf(scope, props);
  if (!props.vpc && !props.cluster) {
    return { cluster, vpcSubnets: network._taskSubnets(), assignPublicIp: network._assignPublicIp };
  }
  const { vpcSubnets, assignPublicIp } = props;
  return { cluster, vpcSubnets, assignPublicIp };
}

function clusterOf(scope: Construct, props: FargateComputeProps): MadeCluster {
  const made = clusters.get(scope) ?? [];
  const fitting = made.find(
    ({ givenVpc, givenCluster, network }) =>
      givenVpc === props.vpc && givenCluster === props.cluster && (props.network ?? network) === network,
  );
  if (fitting) {
    return fitting;
  }
  const network = props.network ?? FargateNetwork.publicSubnets();
  const added = {
    givenVpc: props.vpc,
    givenCluster: props.cluster,
    network,
    // Only the API can come second, with a place of its own.
    cluster: defineCluster(scope, made.length === 0 ? '' : 'Api', props, network),
  };
  clusters.set(scope, [...made, added]);
  return added;
}

function defineCluster(
  scope: Construct,
  prefix: string,
  props: FargateComputeProps,
  network: FargateNetwork,
): ecs.ICluster {
  const { cluster } = props;
  if (cluster && !props.vpc) {
    return cluster;
  }
  const vpc = props.vpc ?? network._defineVpc(scope, `${prefix}Vpc`, props.enableExecuteCommand ?? false);
  if (!cluster) {
    return new ecs.Cluster(scope, `${prefix}Cluster`, { vpc, enableFargateCapacityProviders: true });
  }
  // Fargate runs tasks of a cluster in any VPC; the CDK takes it from the cluster, which may be imported without one.
  const { clusterName, clusterArn } = cluster;
  return ecs.Cluster.fromClusterAttributes(scope, `${prefix}ClusterInVpc`, { clusterName, clusterArn, vpc });
}
