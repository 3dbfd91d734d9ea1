// Manifests of pods as plain objects. These functions also generate the manifests in docs/guides/portability.md.
import { DEFAULT_PORT } from '../../../../runtime/contract';

/** A Kubernetes manifest. Values may be tokens. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec?: object;
  readonly data?: Readonly<Record<string, string>>;
}

/** Name of a Kubernetes object, with its namespace, labels and annotations. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Environment variable of a container, with a value or a reference to a Kubernetes Secret. */
export type EnvironmentVariable =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
    };

/** Options of {@link containerSpec}. */
export interface ContainerOptions {
  readonly image: string;
  readonly environment: readonly EnvironmentVariable[];
  /** Name of a ConfigMap with further environment variables. @default - no ConfigMap */
  readonly configMap?: string;
  /** CPU units; 1024 are one vCPU. */
  readonly cpu: number;
  /** Memory in MiB. */
  readonly memoryMiB: number;
}

/** Options of {@link podSpec}. */
export interface PodOptions extends ContainerOptions {
  readonly serviceAccountName: string;
  /** Seconds between SIGTERM and the end of the process. */
  readonly stopTimeoutSeconds: number;
  /** Kubernetes name of the CPU architecture. @default - any architecture */
  readonly architecture?: 'arm64' | 'amd64';
  /** Seconds for which a terminating pod accepts requests while load balancers remove the pod. @default 0 */
  readonly drainSeconds?: number;
}

/** User and group of the image. */
const USER = 1000;
/** Time in seconds between the end of the stop timeout and the end of the pod's grace period. */
const KILL_DELAY_SECONDS = 5;
/** Label that selects the pods of a workload. */
const NAME_LABEL = 'app.kubernetes.io/name';

/** Security context of a container that needs no privileges. The runtime writes only to the volume `/tmp`. */
const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

/** Returns the labels that select the pods of a workload. */
export function labelsOf(name: string): Record<string, string> {
  return { [NAME_LABEL]: name };
}

/** Returns the variables of an environment as a list. */
export function environmentList(environment: Readonly<Record<string, string>>): EnvironmentVariable[] {
  return Object.entries(environment).map(([name, value]) => ({ name, value }));
}

/** Returns the number of CPU units as a Kubernetes quantity. */
export function cpuQuantity(units: number): string {
  const millicores = Math.round((units * 1000) / 1024);
  return millicores % 1000 === 0 ? String(millicores / 1000) : `${millicores}m`;
}

/**
 * Returns the container of the runtime, without probes. The resource requests are equal to the limits, because the runtime
 * starts as many worker processes as the limits allow.
 */
export function containerSpec(options: ContainerOptions): object {
  const { image, environment, configMap, cpu, memoryMiB } = options;
  const resources = { cpu: cpuQuantity(cpu), memory: `${memoryMiB}Mi` };
  return {
    name: 'thumbnails',
    image,
    ...(configMap !== undefined && { envFrom: [{ configMapRef: { name: configMap } }] }),
    env: environment,
    resources: { requests: resources, limits: resources },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
}

/** Returns the specification of a pod with the container of the runtime. */
export function podSpec(options: PodOptions): object {
  const { serviceAccountName, stopTimeoutSeconds, architecture, drainSeconds = 0 } = options;
  return {
    serviceAccountName,
    // The runtime does not use the API of Kubernetes, and therefore needs no token.
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: stopTimeoutSeconds + drainSeconds + KILL_DELAY_SECONDS,
    ...(architecture !== undefined && { nodeSelector: { 'kubernetes.io/arch': architecture } }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        ...containerSpec(options),
        ports: [{ name: 'http', containerPort: DEFAULT_PORT }],
        livenessProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 30, timeoutSeconds: 5 },
        readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 10, timeoutSeconds: 5 },
        ...(drainSeconds > 0 && { lifecycle: { preStop: { sleep: { seconds: drainSeconds } } } }),
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  };
}
