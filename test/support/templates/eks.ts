import type { Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ThumbnailCompute, type ThumbnailEksOptions, type ThumbnailPipelineProps } from '../../../lib';
import { textOf } from '../../templates/security/statements';
import type { KubernetesObject } from '../kubernetes';
import { newStack, synthesize } from './stacks';

/** Returns an imported VPC with private subnets in two availability zones. */
export function importedVpc(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1234',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: ['subnet-1', 'subnet-2'],
    privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
  });
}

/** Returns an imported cluster, whose kubectl provider adds no resources. */
export function importedCluster(stack: Stack, attributes: Partial<eks.ClusterAttributes> = {}): eks.ICluster {
  return eks.Cluster.fromClusterAttributes(stack, 'Cluster', {
    clusterName: 'apps',
    vpc: importedVpc(stack),
    clusterSecurityGroupId: 'sg-1234',
    kubectlProvider: eks.KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', {
      serviceToken: 'arn:aws:lambda:eu-central-1:111111111111:function:kubectl',
    }),
    ...attributes,
  });
}

/** Returns the options of a compute on an imported cluster, with an installed KEDA operator. */
export function onImportedCluster(stack: Stack): ThumbnailEksOptions {
  return {
    cluster: importedCluster(stack),
    kedaOperatorRole: iam.Role.fromRoleArn(stack, 'KedaRole', 'arn:aws:iam::111111111111:role/keda-operator'),
  };
}

/** Creates a stack with a pipeline on EKS and synthesizes its template. */
export function onEks(
  options: Partial<ThumbnailEksOptions> | ((stack: Stack) => Partial<ThumbnailEksOptions>) = {},
  props: Partial<ThumbnailPipelineProps> = {},
  stack: Stack = newStack(),
): ReturnType<typeof synthesize> {
  const given = typeof options === 'function' ? options(stack) : options;
  const defaults = given.cluster ? {} : onImportedCluster(stack);
  return synthesize(
    { ...props, compute: ThumbnailCompute.eks({ ...defaults, ...given } as ThumbnailEksOptions) },
    stack,
  );
}

/** Returns the Kubernetes objects of a template. References have the form `{name}`. */
export function objectsOf(template: Template): KubernetesObject[] {
  return Object.values(template.findResources('Custom::AWSCDK-EKS-KubernetesResource')).flatMap(
    (resource) =>
      JSON.parse(
        textOf((resource as { readonly Properties: { readonly Manifest: unknown } }).Properties.Manifest),
      ) as KubernetesObject[],
  );
}

/** Returns the only object of a kind whose name contains a text. */
export function objectOf(template: Template, kind: string, name = ''): KubernetesObject {
  const found = objectsOf(template).filter((object) => object.kind === kind && object.metadata.name.includes(name));
  expect(found).toHaveLength(1);
  return found[0]!;
}
