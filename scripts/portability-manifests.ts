// Manifests of docs/guides/portability.md. The functions in lib/compute/eks/manifests create the Kubernetes objects, as for
// ThumbnailCompute.eks().
import { service } from '../lib/compute/eks/manifests/networking';
import {
  containerSpec,
  environmentList,
  type EnvironmentVariable,
  type Manifest,
  type PodOptions,
} from '../lib/compute/eks/manifests/pods';
import {
  configMap,
  deployment,
  horizontalPodAutoscaler,
  podDisruptionBudget,
  scaledObject,
  serviceAccount,
  triggerAuthentication,
} from '../lib/compute/eks/manifests/workloads';
import { DEFAULT_PORT, DEFAULT_STOP_TIMEOUT_SECONDS } from '../runtime/contract';

const NAME = 'thumbnails';
const WORKER = { name: 'thumbnails-worker' };
const API = { name: 'thumbnails-api' };
const IMAGE = 'registry.example.com/cdk-thumbnails:0.1.0';
const REGION = 'eu-central-1';
const QUEUE_URL = `https://sqs.${REGION}.amazonaws.com/111111111111/photos`;
const THUMBNAILS = JSON.stringify([
  { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] },
]);
const WORKER_SIZE = { cpu: 1024, memoryMiB: 2048 };
const API_SIZE = { cpu: 512, memoryMiB: 1024 };
const RECONCILE_INTERVAL_SECONDS = '300';

/** Proxy that adds the bearer token of the runtime, because the sender of the events cannot add the token. */
const PROXY_IMAGE = 'nginxinc/nginx-unprivileged:1.29';
const PROXY_PORT = 8081;
/** The proxy image replaces variables in this template: https://hub.docker.com/_/nginx */
const PROXY_FILE = 'default.conf.template';
const PROXY_FOLDER = '/etc/nginx/templates';
const PROXY_TEMPLATE = `server {
  listen ${PROXY_PORT};
  location = /events {
    proxy_pass http://127.0.0.1:${DEFAULT_PORT};
    proxy_set_header Authorization "Bearer \${EVENTS_TOKEN}";
  }
  location = /ready {
    proxy_pass http://127.0.0.1:${DEFAULT_PORT};
  }
}
`;

const BUCKETS = { STORAGE: 's3', SOURCE_BUCKET: 'my-photos', THUMBNAIL_BUCKET: 'my-thumbnails', THUMBNAILS };

/** Returns Deployments with KEDA and a HorizontalPodAutoscaler, for SQS and S3. */
export function kubernetesManifests(): Manifest[] {
  const pod = (
    variables: Readonly<Record<string, string>>,
    size: typeof WORKER_SIZE,
    drainSeconds = 0,
  ): PodOptions => ({
    serviceAccountName: NAME,
    image: IMAGE,
    configMap: NAME,
    environment: environmentList(variables),
    stopTimeoutSeconds: DEFAULT_STOP_TIMEOUT_SECONDS,
    drainSeconds,
    ...size,
  });
  return [
    serviceAccount({ name: NAME }),
    configMap({ name: NAME }, { ...BUCKETS, AWS_REGION: REGION }),
    deployment(WORKER, pod({ SERVICE_MODE: 'worker', QUEUE_URL }, WORKER_SIZE)),
    podDisruptionBudget(WORKER),
    triggerAuthentication(WORKER),
    scaledObject(WORKER, {
      queueUrl: QUEUE_URL,
      region: REGION,
      minReplicas: 0,
      maxReplicas: 10,
      backlogPerPod: 100,
      scaleInSeconds: 300,
    }),
    deployment(API, pod({ SERVICE_MODE: 'api' }, API_SIZE, 15)),
    podDisruptionBudget(API),
    horizontalPodAutoscaler(API, { minReplicas: 2, maxReplicas: 10, utilizationPercent: 60 }),
    service({ name: NAME }, API.name),
  ];
}

/** Returns Knative Services and a Trigger that sends the events of a broker to the workers. */
export function knativeManifests(): Manifest[] {
  const credentials = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((name) => secretVariable(name, NAME, name));
  const endpoint = { ...BUCKETS, AWS_REGION: REGION, AWS_ENDPOINT_URL_S3: 'https://s3.example.com' };
  const proxyConfig = 'thumbnails-proxy';
  const token = secretVariable('EVENTS_TOKEN', NAME, 'EVENTS_TOKEN');
  const tmp = { name: 'tmp', emptyDir: {} };
  return [
    configMap({ name: proxyConfig }, { [PROXY_FILE]: PROXY_TEMPLATE }),
    knativeService({
      name: WORKER.name,
      labels: { 'networking.knative.dev/visibility': 'cluster-local' },
      revisionAnnotations: { 'autoscaling.knative.dev/min-scale': '1', 'autoscaling.knative.dev/max-scale': '4' },
      containers: [proxyContainer(token), container(endpoint, WORKER_SIZE, 'worker', [...credentials, token])],
      volumes: [tmp, { name: 'proxy', configMap: { name: proxyConfig } }],
    }),
    knativeService({
      name: API.name,
      revisionAnnotations: { 'autoscaling.knative.dev/max-scale': '10' },
      containers: [withPort(container(endpoint, API_SIZE, 'api', credentials))],
      volumes: [tmp],
    }),
    {
      apiVersion: 'eventing.knative.dev/v1',
      kind: 'Trigger',
      metadata: { name: NAME },
      spec: {
        broker: 'default',
        subscriber: {
          ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: WORKER.name },
          uri: '/events',
        },
      },
    },
  ];
}

/**
 * Returns Cloud Run services for Cloud Storage with its S3 interface. Cloud Run supports fewer fields than Knative.
 *
 * @see https://cloud.google.com/run/docs/reference/yaml/v1
 */
export function cloudRunManifests(): Manifest[] {
  const environment = {
    ...BUCKETS,
    AWS_REGION: 'auto',
    AWS_ENDPOINT_URL_S3: 'https://storage.googleapis.com',
    // Disables the checksums that the AWS SDK sends by default, because Cloud Storage does not support these checksums.
    AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_REQUIRED',
    AWS_RESPONSE_CHECKSUM_VALIDATION: 'WHEN_REQUIRED',
  };
  const credentials = [
    secretVariable('AWS_ACCESS_KEY_ID', 'thumbnails-hmac-id', 'latest'),
    secretVariable('AWS_SECRET_ACCESS_KEY', 'thumbnails-hmac-secret', 'latest'),
  ];
  const token = secretVariable('EVENTS_TOKEN', 'thumbnails-events-token', 'latest');
  const proxySecret = 'thumbnails-proxy';
  return [
    knativeService({
      name: WORKER.name,
      annotations: { 'run.googleapis.com/ingress': 'internal' },
      revisionAnnotations: {
        // Keeps the CPU allocated between requests, because the worker processes images after its response to an event.
        'run.googleapis.com/cpu-throttling': 'false',
        'autoscaling.knative.dev/minScale': '1',
        'autoscaling.knative.dev/maxScale': '4',
      },
      containers: [
        forCloudRun(proxyContainer(token)),
        forCloudRun(container(environment, WORKER_SIZE, 'worker', [...credentials, token])),
      ],
      volumes: [{ name: 'proxy', secret: { secretName: proxySecret, items: [{ key: 'latest', path: PROXY_FILE }] } }],
    }),
    knativeService({
      name: API.name,
      annotations: { 'run.googleapis.com/ingress': 'all' },
      revisionAnnotations: { 'autoscaling.knative.dev/maxScale': '10' },
      containers: [forCloudRun(withPort(container(environment, { ...API_SIZE, cpu: 1024 }, 'api', credentials)))],
    }),
  ];
}

/** Returns a container app with Azure Files shares, for `az containerapp create --yaml`. */
export function azureContainerApp(): object {
  const share = (name: string): object => ({ name, storageType: 'AzureFile', storageName: name });
  const environment: Record<string, string> = {
    SERVICE_MODE: 'both',
    STORAGE: 'directory',
    SOURCE_DIRECTORY: '/photos',
    THUMBNAIL_DIRECTORY: '/thumbnails',
    THUMBNAILS,
    TRIGGER: 'http',
    RECONCILE_INTERVAL_SECONDS,
  };
  const probe = (type: string, path: string): object => ({ type, httpGet: { path, port: DEFAULT_PORT } });
  return {
    location: 'westeurope',
    properties: {
      environmentId:
        '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/photos/providers/Microsoft.App/' +
        'managedEnvironments/photos',
      configuration: {
        activeRevisionsMode: 'Single',
        ingress: { external: true, targetPort: DEFAULT_PORT, transport: 'auto' },
        secrets: [{ name: 'events-token', value: 'change-me-as-well' }],
      },
      template: {
        terminationGracePeriodSeconds: DEFAULT_STOP_TIMEOUT_SECONDS + 5,
        containers: [
          {
            name: NAME,
            image: IMAGE,
            env: [...environmentList(environment), { name: 'EVENTS_TOKEN', secretRef: 'events-token' }],
            resources: { cpu: WORKER_SIZE.cpu / 1024, memory: '2Gi' },
            probes: [probe('Liveness', '/health'), probe('Readiness', '/ready')],
            volumeMounts: [
              { volumeName: 'photos', mountPath: '/photos' },
              { volumeName: 'thumbnails', mountPath: '/thumbnails' },
              { volumeName: 'tmp', mountPath: '/tmp' },
            ],
          },
        ],
        // Limits the app to one replica, because each replica would compare all sources with their thumbnails.
        scale: { minReplicas: 1, maxReplicas: 1 },
        volumes: [share('photos'), share('thumbnails'), { name: 'tmp', storageType: 'EmptyDir' }],
      },
    },
  };
}

/** Manifests of docs/guides/portability.md, by the name in the markers of the page. */
export const PORTABILITY_MANIFESTS: Readonly<Record<string, () => readonly object[]>> = {
  kubernetes: kubernetesManifests,
  knative: knativeManifests,
  'cloud run': cloudRunManifests,
  'azure container apps': () => [azureContainerApp()],
};

interface KnativeServiceOptions {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly revisionAnnotations: Readonly<Record<string, string>>;
  readonly containers: readonly object[];
  readonly volumes?: readonly object[];
}

function knativeService(options: KnativeServiceOptions): Manifest {
  const { name, labels, annotations, revisionAnnotations, containers, volumes } = options;
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name, ...(labels && { labels }), ...(annotations && { annotations }) },
    spec: {
      template: {
        metadata: { annotations: revisionAnnotations },
        spec: { containers, ...(volumes && { volumes }) },
      },
    },
  };
}

function secretVariable(name: string, secret: string, key: string): EnvironmentVariable {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

function container(
  environment: Readonly<Record<string, string>>,
  size: typeof WORKER_SIZE,
  mode: 'worker' | 'api',
  secrets: readonly EnvironmentVariable[],
): object {
  const trigger = { TRIGGER: 'http', RECONCILE_INTERVAL_SECONDS };
  const variables = { SERVICE_MODE: mode, ...environment, ...(mode === 'worker' && trigger) };
  return containerSpec({ image: IMAGE, environment: [...environmentList(variables), ...secrets], ...size });
}

function proxyContainer(token: EnvironmentVariable): object {
  return {
    name: 'proxy',
    image: PROXY_IMAGE,
    env: [token],
    ports: [{ containerPort: PROXY_PORT }],
    readinessProbe: { httpGet: { path: '/ready', port: PROXY_PORT } },
    resources: { limits: { cpu: '1', memory: '128Mi' } },
    volumeMounts: [{ name: 'proxy', mountPath: PROXY_FOLDER }],
  };
}

function withPort(spec: object): object {
  return {
    ...spec,
    ports: [{ containerPort: DEFAULT_PORT }],
    readinessProbe: { httpGet: { path: '/ready', port: DEFAULT_PORT } },
  };
}

/**
 * Removes the fields that Cloud Run rejects, and replaces the readiness probe with a startup probe. Removes the mount of
 * `/tmp`, because containers of Cloud Run write to a file system in memory.
 */
function forCloudRun(spec: object): object {
  const { resources, volumeMounts, readinessProbe, ...rest } = spec as {
    readonly resources: { readonly limits: object };
    readonly volumeMounts: readonly { readonly name: string }[];
    readonly readinessProbe?: object;
  };
  const mounts = volumeMounts.filter(({ name }) => name !== 'tmp');
  const supported = Object.entries(rest).filter(([name]) => name !== 'securityContext');
  return {
    ...Object.fromEntries(supported),
    resources: { limits: resources.limits },
    ...(mounts.length > 0 && { volumeMounts: mounts }),
    ...(readinessProbe && { startupProbe: readinessProbe }),
  };
}
