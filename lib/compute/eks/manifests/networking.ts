import { labelsOf, type Manifest } from './pods';
import type { ObjectName } from './workloads';

/** Port of the Service. */
const SERVICE_PORT = 80;

/** Returns a Service for the pods of a Deployment. `selects` is the name of the Deployment. */
export function service(metadata: ObjectName, selects = metadata.name): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: labelsOf(selects), ports: [{ name: 'http', port: SERVICE_PORT, targetPort: 'http' }] },
  };
}

/** API versions of TargetGroupBinding for the AWS Load Balancer Controller and for the load balancing of EKS Auto Mode. */
const TARGET_GROUP_BINDING_VERSION = { controller: 'elbv2.k8s.aws/v1beta1', autoMode: 'eks.amazonaws.com/v1' } as const;

/**
 * Returns a TargetGroupBinding. A controller registers the pods of the Service of the same name in the target group.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/spec/
 */
export function targetGroupBinding(
  metadata: ObjectName,
  controller: keyof typeof TARGET_GROUP_BINDING_VERSION,
  targetGroupArn: string,
): Manifest {
  return {
    apiVersion: TARGET_GROUP_BINDING_VERSION[controller],
    kind: 'TargetGroupBinding',
    metadata,
    spec: {
      serviceRef: { name: metadata.name, port: SERVICE_PORT },
      targetGroupARN: targetGroupArn,
      targetType: 'ip',
    },
  };
}

/** Options of {@link ingress}. */
export interface IngressManifestOptions {
  readonly host: string;
  readonly ingressClassName: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly tlsSecretName?: string;
}

/** Returns an Ingress for the Service of the same name. */
export function ingress(metadata: ObjectName, options: IngressManifestOptions): Manifest {
  const { host, ingressClassName, annotations, tlsSecretName } = options;
  const backend = { service: { name: metadata.name, port: { number: SERVICE_PORT } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...metadata, ...(annotations && { annotations }) },
    spec: {
      ingressClassName,
      ...(tlsSecretName !== undefined && { tls: [{ hosts: [host], secretName: tlsSecretName }] }),
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
}
