import { labelsOf, type Manifest, type Metadata, type PodOptions, podSpec } from './pods';

/** Name and namespace of the objects of a workload. */
export type ObjectName = Pick<Metadata, 'name' | 'namespace'>;

/** Returns a namespace. */
export function namespaceManifest(name: string): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** Returns the service account of a workload. */
export function serviceAccount(metadata: ObjectName): Manifest {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
}

/** Returns a ConfigMap with environment variables. */
export function configMap(metadata: ObjectName, data: Readonly<Record<string, string>>): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

/** Returns a Deployment without a number of replicas, because an autoscaler sets this number. */
export function deployment(metadata: ObjectName, pod: PodOptions): Manifest {
  const labels = labelsOf(metadata.name);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, labels },
    spec: {
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
      template: { metadata: { labels }, spec: podSpec(pod) },
    },
  };
}

/**
 * Returns a PodDisruptionBudget. The budget permits one eviction at a time. Therefore, Kubernetes can drain a node with the
 * only pod of a workload.
 */
export function podDisruptionBudget(metadata: ObjectName): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: labelsOf(metadata.name) } },
  };
}

/** Options of {@link horizontalPodAutoscaler}. */
export interface HorizontalPodAutoscalerOptions {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Target of the CPU utilization in percent of the requested CPU. */
  readonly utilizationPercent: number;
}

/** Returns a HorizontalPodAutoscaler that scales a Deployment of the same name by CPU utilization. */
export function horizontalPodAutoscaler(metadata: ObjectName, options: HorizontalPodAutoscalerOptions): Manifest {
  const { minReplicas, maxReplicas, utilizationPercent } = options;
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name },
      minReplicas,
      maxReplicas,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: utilizationPercent } },
        },
      ],
    },
  };
}

/**
 * Returns a TriggerAuthentication for a ScaledObject. KEDA reads the queue with the identity of the KEDA operator.
 *
 * @see https://keda.sh/docs/latest/authentication-providers/aws/
 */
export function triggerAuthentication(metadata: ObjectName): Manifest {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata,
    spec: { podIdentity: { provider: 'aws', identityOwner: 'keda' } },
  };
}

/** Options of {@link scaledObject}. */
export interface ScaledObjectOptions {
  readonly queueUrl: string;
  readonly region: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Messages in the queue for each pod. */
  readonly backlogPerPod: number;
  /** Seconds for which the queue must be empty before the last pod stops. */
  readonly scaleInSeconds: number;
}

/**
 * Returns a ScaledObject. It scales the Deployment of the same name, and uses the TriggerAuthentication of the same name. KEDA
 * counts visible and in-flight messages. Therefore, no pod stops while the last images are in progress.
 *
 * @see https://keda.sh/docs/latest/scalers/aws-sqs/
 */
export function scaledObject(metadata: ObjectName, options: ScaledObjectOptions): Manifest {
  const { queueUrl, region, minReplicas, maxReplicas, backlogPerPod, scaleInSeconds } = options;
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata,
    spec: {
      scaleTargetRef: { name: metadata.name },
      minReplicaCount: minReplicas,
      maxReplicaCount: maxReplicas,
      cooldownPeriod: scaleInSeconds,
      advanced: {
        horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: scaleInSeconds } } },
      },
      triggers: [
        {
          type: 'aws-sqs-queue',
          authenticationRef: { name: metadata.name },
          metadata: {
            queueURL: queueUrl,
            awsRegion: region,
            queueLength: String(backlogPerPod),
            scaleOnInFlight: 'true',
          },
        },
      ],
    },
  };
}
