import { Aws } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as eksResources from 'aws-cdk-lib/aws-eks';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct, IDependable } from 'constructs';
import type { Manifest } from './manifests/pods';
import { namespaceManifest } from './manifests/workloads';
import type { ThumbnailEksOptions } from './thumbnail-eks-options';

/** A Kubernetes service account. */
export interface ServiceAccountReference {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** A namespace that a pipeline has created. */
interface CreatedNamespace {
  readonly cluster: eks.ICluster;
  readonly namespace: string;
  readonly manifest: Construct;
}

const createdNamespaces = new WeakMap<Construct, CreatedNamespace[]>();

/** Returns whether a property of an imported cluster is defined. The CDK throws an error for an undefined property. */
export function canRead(read: () => unknown): boolean {
  try {
    return read() !== undefined;
  } catch {
    return false;
  }
}

/** Returns the connections of the pods; undefined for an imported cluster without a security group. */
export function podConnections({ cluster, podSecurityGroups }: ThumbnailEksOptions): ec2.Connections | undefined {
  if (podSecurityGroups) {
    return new ec2.Connections({ securityGroups: podSecurityGroups });
  }
  return canRead(() => cluster.clusterSecurityGroup)
    ? new ec2.Connections({ securityGroups: [cluster.clusterSecurityGroup] })
    : undefined;
}

/**
 * Returns whether the cluster has EKS Auto Mode. Without the option `autoMode`, reads the setting of a cluster that this app
 * creates, and returns false for an imported cluster.
 */
export function hasAutoMode({ autoMode, cluster }: ThumbnailEksOptions): boolean {
  if (autoMode !== undefined) {
    return autoMode;
  }
  const resource = cluster.node.defaultChild as Partial<eksResources.CfnCluster> | undefined;
  return (
    (resource?.computeConfig as Partial<eksResources.CfnCluster.ComputeConfigProperty> | undefined)?.enabled === true
  );
}

/**
 * Creates a role that only one service account of the cluster can use, and its Pod Identity association.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 */
export function createPodRole(
  scope: Construct,
  cluster: eks.ICluster,
  { namespace, serviceAccount }: ServiceAccountReference,
): { readonly role: iam.Role; readonly association: eksResources.CfnPodIdentityAssociation } {
  const role = new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal('pods.eks.amazonaws.com', {
      conditions: {
        StringEquals: {
          'aws:SourceAccount': Aws.ACCOUNT_ID,
          'aws:RequestTag/eks-cluster-name': cluster.clusterName,
          'aws:RequestTag/kubernetes-namespace': namespace,
          'aws:RequestTag/kubernetes-service-account': serviceAccount,
        },
      },
    }).withSessionTags(),
  });
  const { CfnPodIdentityAssociation } = loadEksResources();
  const association = new CfnPodIdentityAssociation(scope, 'PodIdentity', {
    clusterName: cluster.clusterName,
    namespace,
    serviceAccount,
    roleArn: role.roleArn,
  });
  return { role, association };
}

/** Applies manifests to the cluster. CloudFormation creates `dependencies` first. */
export function applyManifests(
  scope: Construct,
  id: string,
  cluster: eks.ICluster,
  manifests: readonly Manifest[],
  ...dependencies: readonly IDependable[]
): eks.KubernetesManifest {
  const { KubernetesManifest } = loadEks();
  const applied = new KubernetesManifest(scope, id, { cluster, manifest: [...manifests] });
  applied.node.addDependency(...dependencies);
  return applied;
}

/**
 * Returns the namespace of a pipeline, and creates the namespace at the first call. Returns undefined if `createNamespace` is
 * false.
 */
export function createdNamespace(scope: Construct, options: ThumbnailEksOptions): Construct | undefined {
  const { cluster, namespace, createNamespace } = options;
  if (!createNamespace || namespace === undefined) {
    return undefined;
  }
  const existing = createdNamespaces.get(scope) ?? [];
  const match = existing.find((one) => one.cluster === cluster && one.namespace === namespace);
  if (match) {
    return match.manifest;
  }
  // A second namespace always belongs to the API, because the pipeline binds the worker first.
  const id = existing.length === 0 ? 'Namespace' : 'ApiNamespace';
  const manifest = applyManifests(scope, id, cluster, [namespaceManifest(namespace)]);
  createdNamespaces.set(scope, [...existing, { cluster, namespace, manifest }]);
  return manifest;
}

/** Loads the CDK module `aws-eks-v2` only when a pipeline uses EKS, because the module is large. */
function loadEks(): typeof eks {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('aws-cdk-lib/aws-eks-v2') as typeof eks;
}

/** Loads the CDK module `aws-eks`, which contains the CloudFormation resources of EKS. */
function loadEksResources(): typeof eksResources {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('aws-cdk-lib/aws-eks') as typeof eksResources;
}
