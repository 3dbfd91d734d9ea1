import { Duration, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as eks from 'aws-cdk-lib/aws-eks-v2';
import { ThumbnailAccess, ThumbnailCompute, type ThumbnailEksOptions } from '../../../../lib';
import { importedCluster, onImportedCluster } from '../../../support/templates/eks';
import { errorFor, problemsOf } from '../../../support/templates/stacks';

const problemsFor = (
  options: Partial<ThumbnailEksOptions>,
  attributes: Partial<eks.ClusterAttributes> = {},
  access = ThumbnailAccess.publicRead(),
): string[] =>
  problemsOf((stack) => {
    const { kedaOperatorRole } = onImportedCluster(stack);
    const cluster = importedCluster(
      new (stack.constructor as new (...args: unknown[]) => typeof stack)(stack, 'Other'),
      attributes,
    );
    return { api: { access }, compute: ThumbnailCompute.eks({ cluster, kedaOperatorRole, ...options }) };
  });

test.each<[string, Partial<ThumbnailEksOptions>, unknown]>([
  ['a namespace', { namespace: 'My Apps' }, errorFor('compute.namespace', '"My Apps"', 'a-z')],
  [
    'the creation of the namespace default',
    { createNamespace: true },
    errorFor('compute.createNamespace', 'namespace'),
  ],
  ['no identity of KEDA', { kedaOperatorRole: undefined }, errorFor('compute.kedaOperatorRole', 'installKeda: true')],
  ['two identities of KEDA', { installKeda: true }, errorFor('compute.kedaOperatorRole', 'conflicts', 'installKeda')],
  ['a version of KEDA', { kedaVersion: '2.21.1' }, errorFor('compute.kedaVersion', 'installKeda')],
  [
    'a range of versions of KEDA',
    { installKeda: true, kedaOperatorRole: undefined, kedaVersion: '^2' },
    errorFor('compute.kedaVersion', '"^2"', '2.21.1'),
  ],
  [
    'an architecture',
    { architecture: ecs.CpuArchitecture.of('S390X') },
    errorFor('compute.architecture', 'S390X', 'ARM64'),
  ],
  ['a stop timeout', { stopTimeout: Duration.seconds(121) }, errorFor('compute.stopTimeout', '121 s', '2 to 120')],
  ['an image', { image: 'my image' }, errorFor('compute.image', '"my image"', 'registry.example.com')],
  ['an image and a base image', { image: 'a', baseImage: 'b' }, errorFor('compute.baseImage', 'image')],
  ['a base image', { baseImage: 'b c' }, errorFor('compute.baseImage', '"b c"')],
  ['no security groups', { podSecurityGroups: [] }, errorFor('compute.podSecurityGroups', 'empty')],
  [
    'CPU units',
    { worker: { cpu: 64, memoryLimitMiB: 512 } },
    errorFor('compute.worker.cpu', '64', '128 to 196,608 CPU units'),
  ],
  [
    'a token',
    { api: { memoryLimitMiB: Token.asNumber({ Ref: 'M' }) } },
    errorFor('compute.api.memoryLimitMiB', 'a token'),
  ],
  ['memory', { api: { memoryLimitMiB: 256 } }, errorFor('compute.api.memoryLimitMiB', '256', '512 to ')],
  ['capacity', { worker: { maxCapacity: 0 } }, errorFor('compute.worker.maxCapacity', '0', '1 to 5,000 pods')],
  ['an API without pods', { api: { minCapacity: 0 } }, errorFor('compute.api.minCapacity', '0', '1 to 5,000 pods')],
  ['a backlog', { worker: { backlogPerPod: 0 } }, errorFor('compute.worker.backlogPerPod', '0', '1 to 100,000')],
  ['a delay', { worker: { scaleInDelay: Duration.seconds(90) } }, errorFor('compute.worker.scaleInDelay', '90 s')],
  [
    'load',
    { api: { targetUtilizationPercent: 99 } },
    errorFor('compute.api.targetUtilizationPercent', '99', '10 to 90'),
  ],
  [
    'a host',
    { api: { ingress: { host: 'https://a.b' } } },
    errorFor('compute.api.ingress.host', '"https://a.b"', 'img.example.com'),
  ],
  [
    'a domain name without a certificate',
    { api: { loadBalancerDomainName: 'a.example' } },
    errorFor('compute.api.loadBalancerCertificate', 'a.example'),
  ],
  [
    'a Secret',
    { api: { ingress: { host: 'a.example', tlsSecretName: 'A_B' } } },
    errorFor('compute.api.ingress.tlsSecretName', '"A_B"'),
  ],
  [
    'an Ingress and a load balancer',
    { api: { ingress: { host: 'a.example' }, loadBalancerSubnets: { subnetType: ec2.SubnetType.PUBLIC } } },
    errorFor('compute.api.loadBalancerSubnets', 'ingress'),
  ],
])('the compute rejects an invalid value: %s', (_, invalid, expected) => {
  expect(problemsFor(invalid)).toEqual([expected]);
});

test.each<[string, Partial<eks.ClusterAttributes>, unknown]>([
  [
    'no kubectl provider',
    { kubectlProvider: undefined },
    errorFor('compute.cluster', 'kubectl', 'kubectlProviderOptions'),
  ],
  ['no VPC', { vpc: undefined }, errorFor('compute.cluster', 'vpc')],
  ['no security group', { clusterSecurityGroupId: undefined }, errorFor('compute.cluster', 'podSecurityGroups')],
])('the compute rejects an imported cluster with %s', (_, attributes, expected) => {
  expect(problemsFor({}, attributes)).toEqual([expected]);
});

test('with an Ingress, the compute accepts a cluster without a VPC and a security group', () => {
  const network = { vpc: undefined, clusterSecurityGroupId: undefined };
  expect(problemsFor({ api: { ingress: { host: 'img.example.com' } } }, network)).toEqual([]);
});

test('one error lists all invalid options', () => {
  expect(
    problemsFor({ namespace: '-', worker: { cpu: 1 }, api: { cpu: 1 }, kedaOperatorRole: undefined }),
  ).toHaveLength(6);
});

test('the Ingress requires public or signed access', () => {
  expect(problemsFor({ api: { ingress: { host: 'img.example.com' } } }, {}, ThumbnailAccess.iam())).toEqual([
    expect.stringContaining('api.access'),
  ]);
});
