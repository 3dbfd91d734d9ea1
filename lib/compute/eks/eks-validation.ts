import { Token } from 'aws-cdk-lib';
import { invalidValue, nested, validateInteger, validatePattern, validationError } from '../../private/validation';
import { CPU, MEMORY } from '../ecs/ecs-validation';
import {
  IMAGE_PATTERN,
  validateCapacity,
  validateImage,
  validateLoad,
  validateScaleInDelay,
  validateTask,
} from '../ecs/service-validation';
import { DEFAULT_CPU, type ServiceKind, sizeOf } from '../ecs/task-size';
import { canRead } from './eks-cluster';
import type {
  ThumbnailEksApiOptions,
  ThumbnailEksIngressOptions,
  ThumbnailEksOptions,
  ThumbnailEksPodOptions,
} from './thumbnail-eks-options';

/** Pattern of a DNS label: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const LABEL_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const SUBDOMAIN_PATTERN = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const HOST_PATTERN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*$/;
const VERSION_PATTERN = /^\d+\.\d+\.\d+$/;

export function validateEksOptions(options: ThumbnailEksOptions): string[] {
  const { namespace, image, baseImage, worker = {}, api = {} } = options;
  return [
    ...validateCluster(options),
    ...validatePattern(
      'namespace',
      namespace,
      LABEL_PATTERN,
      'up to 63 of a-z, 0-9 and hyphens, without a final hyphen',
    ),
    ...validateNamespaceCreation(options),
    ...validateKeda(options),
    ...validateTask(options),
    ...(image !== undefined && baseImage !== undefined
      ? [validationError('baseImage', 'it conflicts with image', 'remove one of them')]
      : validateImage({ baseImage })),
    ...validatePattern('image', image, IMAGE_PATTERN, 'an image reference such as registry.example.com/thumbnails:1'),
    ...nested('worker', [
      ...validatePods(worker, 'worker'),
      ...validateInteger('backlogPerPod', worker.backlogPerPod, { min: 1, max: 100_000, unit: 'images' }),
      ...validateScaleInDelay(worker),
    ]),
    ...nested('api', [...validatePods(api, 'api'), ...validateLoad(api), ...validateIngress(api)]),
  ];
}

function validateCluster({ cluster, podSecurityGroups, api }: ThumbnailEksOptions): string[] {
  const errors: string[] = [];
  if (!cluster.kubectlProvider && !cluster.kubectlProviderOptions) {
    errors.push(
      validationError(
        'cluster',
        'it has no kubectl provider',
        'pass kubectlProviderOptions to new Cluster(), or kubectlProvider to Cluster.fromClusterAttributes()',
      ),
    );
  }
  if (podSecurityGroups?.length === 0) {
    errors.push(validationError('podSecurityGroups', 'the list is empty', 'add a security group or remove the option'));
  }
  // Only the load balancer of the API requires the VPC and a security group of the cluster. With an Ingress, the pipeline
  // creates no load balancer.
  if (!api?.ingress && !canRead(() => cluster.vpc)) {
    errors.push(validationError('cluster', 'it has no vpc', 'pass vpc to Cluster.fromClusterAttributes()'));
  }
  if (!api?.ingress && !podSecurityGroups && !canRead(() => cluster.clusterSecurityGroup)) {
    errors.push(
      validationError(
        'cluster',
        'it has no clusterSecurityGroup',
        'pass clusterSecurityGroupId to Cluster.fromClusterAttributes(), or set podSecurityGroups',
      ),
    );
  }
  return errors;
}

function validateNamespaceCreation({ namespace, createNamespace }: ThumbnailEksOptions): string[] {
  return createNamespace && (namespace === undefined || namespace === 'default')
    ? [validationError('createNamespace', 'every cluster contains the namespace default', 'set namespace')]
    : [];
}

function validateKeda({ kedaOperatorRole, installKeda, kedaVersion }: ThumbnailEksOptions): string[] {
  const errors = validatePattern('kedaVersion', kedaVersion, VERSION_PATTERN, 'a chart version such as 2.21.1');
  if (!installKeda && !kedaOperatorRole) {
    errors.push(
      validationError(
        'kedaOperatorRole',
        'the identity of KEDA is unknown',
        'pass the role of the operator, or set installKeda: true',
      ),
    );
  }
  if (installKeda && kedaOperatorRole) {
    errors.push(validationError('kedaOperatorRole', 'it conflicts with installKeda', 'remove one of them'));
  }
  if (!installKeda && kedaVersion !== undefined) {
    errors.push(
      validationError('kedaVersion', 'it requires installKeda', 'set installKeda: true or remove the option'),
    );
  }
  return errors;
}

function validatePods(options: ThumbnailEksPodOptions, kind: ServiceKind): string[] {
  const { cpu, memory } = sizeOf(options, DEFAULT_CPU[kind]);
  return [
    ...validateSize('cpu', cpu, CPU),
    ...validateSize('memoryLimitMiB', memory, MEMORY),
    ...validateCapacity(options, kind, 'pods'),
  ];
}

/** Validates a CPU or memory size. Rejects tokens, because the size is calculated and formatted at synthesis. */
function validateSize(prop: string, value: number, range: typeof CPU): string[] {
  return Token.isUnresolved(value)
    ? [invalidValue(prop, 'a token', 'a number, because the manifest contains a quantity with a unit')]
    : validateInteger(prop, value, range);
}

function validateIngress({ ingress, loadBalancerSubnets, loadBalancerCertificate }: ThumbnailEksApiOptions): string[] {
  if (!ingress) {
    return [];
  }
  return [
    ...(loadBalancerSubnets
      ? [validationError('loadBalancerSubnets', 'it conflicts with ingress', 'remove one of them')]
      : []),
    ...(loadBalancerCertificate
      ? [validationError('loadBalancerCertificate', 'it conflicts with ingress', 'use tlsSecretName or annotations')]
      : []),
    ...nested('ingress', validateIngressOptions(ingress)),
  ];
}

function validateIngressOptions({ host, ingressClassName, tlsSecretName }: ThumbnailEksIngressOptions): string[] {
  return [
    ...validatePattern('host', host, HOST_PATTERN, 'a domain name in lower case such as img.example.com'),
    ...validatePattern('ingressClassName', ingressClassName, SUBDOMAIN_PATTERN, 'the name of an IngressClass'),
    ...validatePattern('tlsSecretName', tlsSecretName, SUBDOMAIN_PATTERN, 'the name of a Kubernetes Secret'),
  ];
}
