import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IDependable } from 'constructs';
import { createPodRole } from './eks-cluster';
import type { ThumbnailEksOptions } from './thumbnail-eks-options';

/** Default version of the Helm chart of KEDA: https://github.com/kedacore/charts/releases/tag/v2.21.1 */
const DEFAULT_CHART_VERSION = '2.21.1';
const CHART_REPOSITORY = 'https://kedacore.github.io/charts';
const NAMESPACE = 'keda';
/** Default name of the operator's service account in the Helm chart. */
const SERVICE_ACCOUNT = 'keda-operator';

/** The KEDA operator of a cluster. */
export interface KedaOperator {
  readonly role: iam.IRole;
  /** Helm chart, if this app installs KEDA. The chart contains the custom resource definitions of KEDA. */
  readonly chart?: IDependable;
}

const installed = new WeakMap<eks.ICluster, KedaOperator>();

/**
 * Returns the KEDA operator of the cluster, and grants the operator permission to read the length of the queue. Installs KEDA
 * once per cluster if `installKeda` is true.
 */
export function kedaOperatorOf(scope: Construct, options: ThumbnailEksOptions, queue: IQueue): KedaOperator {
  const operator = options.kedaOperatorRole ? { role: options.kedaOperatorRole } : installedOperator(options);
  // The policy is a separate resource in the stack of the pipeline. A statement in the default policy of the role could cause a
  // cyclic reference, because the role can belong to another stack.
  const policy = new iam.Policy(scope, 'KedaPolicy', {
    statements: [new iam.PolicyStatement({ actions: ['sqs:GetQueueAttributes'], resources: [queue.queueArn] })],
  });
  // An immutable role ignores the policy.
  operator.role.attachInlinePolicy(policy);
  return operator;
}

function installedOperator({ cluster, kedaVersion = DEFAULT_CHART_VERSION }: ThumbnailEksOptions): KedaOperator {
  const existing = installed.get(cluster);
  if (existing) {
    return existing;
  }
  const scope = new Construct(cluster, 'ThumbnailsKedaOperator');
  const { role, association } = createPodRole(scope, cluster, {
    namespace: NAMESPACE,
    serviceAccount: SERVICE_ACCOUNT,
  });
  const chart = cluster.addHelmChart('ThumbnailsKeda', {
    chart: 'keda',
    release: 'keda',
    version: kedaVersion,
    repository: CHART_REPOSITORY,
    namespace: NAMESPACE,
    createNamespace: true,
    // The custom resource definitions of KEDA must exist before the pipeline applies its manifests.
    wait: true,
  });
  // A pod receives credentials only if the Pod Identity association exists when the pod starts.
  chart.node.addDependency(association);
  const operator = { role, chart };
  installed.set(cluster, operator);
  return operator;
}
