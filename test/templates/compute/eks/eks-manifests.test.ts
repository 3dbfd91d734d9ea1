// Kubernetes objects of ThumbnailCompute.eks.
import { Duration, type Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ThumbnailAccess, ThumbnailCompute, type ThumbnailEksOptions, ThumbnailPipeline } from '../../../../lib';
import { readServiceSettings } from '../../../../runtime/config/service-settings';
import { type KubernetesObject, schemaProblemsOf } from '../../../support/kubernetes';
import { objectOf, objectsOf, onEks, onImportedCluster } from '../../../support/templates/eks';
import type { Kind } from '../../../support/templates/fargate';
import { newStack, synthesize, warningsOf } from '../../../support/templates/stacks';

interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [
    {
      readonly image: string;
      readonly env: readonly { readonly name: string; readonly value: string }[];
      readonly lifecycle?: object;
    },
  ];
}
const KINDS: readonly Kind[] = ['worker', 'api'];
const { template, stack } = onEks();

const podOf = (from: typeof template, kind: Kind): PodSpec =>
  (objectOf(from, 'Deployment', kind).spec as { readonly template: { readonly spec: PodSpec } }).template.spec;
const environmentOf = (from: typeof template, kind: Kind): Record<string, string> =>
  Object.fromEntries(podOf(from, kind).containers[0].env.map(({ name, value }) => [name, value]));

const EVERYTHING = (scope: Stack): ThumbnailEksOptions => ({
  ...onImportedCluster(scope),
  namespace: 'images',
  createNamespace: true,
  autoMode: true,
  architecture: ecs.CpuArchitecture.ARM64,
  image: 'registry.example.com/thumbnails:1',
  stopTimeout: Duration.seconds(90),
  worker: {
    cpu: 3000,
    memoryLimitMiB: 5000,
    minCapacity: 1,
    maxCapacity: 4,
    backlogPerPod: 20,
    scaleInDelay: Duration.minutes(2),
  },
  api: { cpu: 2048, minCapacity: 2, maxCapacity: 5, targetUtilizationPercent: 40 },
});

test('the objects match the schemas of Kubernetes, KEDA and TargetGroupBinding', () => {
  expect(objectsOf(template).map(({ kind }) => kind)).toEqual([
    'ServiceAccount',
    'Deployment',
    'PodDisruptionBudget',
    'TriggerAuthentication',
    'ScaledObject',
    'ServiceAccount',
    'Deployment',
    'PodDisruptionBudget',
    'HorizontalPodAutoscaler',
    'Service',
    'TargetGroupBinding',
  ]);
  const ingress = onEks(
    {
      api: { ingress: { host: 'img.example.com', tlsSecretName: 'img', annotations: { 'example.com/a': 'b' } } },
    },
    { api: { access: ThumbnailAccess.publicRead() } },
  ).template;
  const all = [template, onEks(EVERYTHING).template, ingress].flatMap(objectsOf);
  expect(schemaProblemsOf(all)).toEqual([]);
});

test('invalid objects violate the schemas', () => {
  const broken = (kind: string, change: (spec: Record<string, unknown>) => unknown): KubernetesObject => {
    const object = objectsOf(template).find((one) => one.kind === kind)!;
    return { ...object, spec: change(object.spec as Record<string, unknown>) };
  };
  expect(
    schemaProblemsOf([
      broken('Deployment', (spec) => ({ ...spec, strategy: 'fast' })),
      broken('PodDisruptionBudget', (spec) => ({ ...spec, selector: 'all' })),
      broken('ScaledObject', (spec) => ({ ...spec, cooldownPeriod: 'long' })),
      broken('TargetGroupBinding', ({ serviceRef }) => ({ serviceRef })),
    ]),
  ).toEqual([
    expect.stringContaining('strategy'),
    expect.stringContaining('selector'),
    expect.stringContaining('cooldownPeriod'),
    expect.stringContaining('targetGroupARN'),
  ]);
});

test.each(KINDS)('the %s pods have valid settings, a service account, probes, limits and no privileges', (kind) => {
  const pod = podOf(template, kind);
  // The name of the queue is unknown at synthesis.
  const environment = {
    ...environmentOf(template, kind),
    ...(kind === 'worker' && { QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/1/q' }),
  };
  const { service } = readServiceSettings(environment, { cpus: 1, memoryMiB: 2048 });
  expect(service.mode).toBe(kind);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(service.stopTimeoutSeconds);
  const { name } = objectOf(template, 'ServiceAccount', kind).metadata;
  expect(pod).toMatchObject({
    serviceAccountName: name,
    automountServiceAccountToken: false,
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    volumes: [{ name: 'tmp', emptyDir: {} }],
    containers: [
      {
        ports: [{ name: 'http', containerPort: service.port }],
        livenessProbe: { httpGet: { path: '/health', port: 'http' } },
        readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        resources:
          kind === 'worker'
            ? { requests: { cpu: '1', memory: '2048Mi' }, limits: { cpu: '1', memory: '2048Mi' } }
            : { requests: { cpu: '500m', memory: '1024Mi' }, limits: { cpu: '500m', memory: '1024Mi' } },
      },
    ],
  });
});

test('the API pods wait for their removal from the load balancer before they stop', () => {
  const [worker, api] = KINDS.map((kind) => podOf(template, kind));
  expect(api!.containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: 15 } } });
  expect(api!.terminationGracePeriodSeconds).toBe(worker!.terminationGracePeriodSeconds + 15);
});

test('each selector selects the pods of one Deployment', () => {
  for (const kind of KINDS) {
    const { spec } = objectOf(template, 'Deployment', kind) as {
      readonly spec: { selector: { matchLabels: object }; template: { metadata: { labels: object } } };
    };
    expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
    expect(objectOf(template, 'PodDisruptionBudget', kind).spec).toEqual({
      maxUnavailable: 1,
      selector: spec.selector,
    });
  }
  const labels = (kind: Kind): unknown =>
    (objectOf(template, 'Deployment', kind).spec as { selector: { matchLabels: object } }).selector.matchLabels;
  expect(labels('worker')).not.toEqual(labels('api'));
  expect(objectOf(template, 'Service').spec).toMatchObject({ selector: labels('api') });
});

test('KEDA scales the workers from zero by the queue with the identity of its operator', () => {
  const { name } = objectOf(template, 'Deployment', 'worker').metadata;
  expect(objectOf(template, 'TriggerAuthentication').spec).toEqual({
    podIdentity: { provider: 'aws', identityOwner: 'keda' },
  });
  expect(objectOf(template, 'ScaledObject').spec).toMatchObject({
    scaleTargetRef: { name },
    minReplicaCount: 0,
    maxReplicaCount: 10,
    cooldownPeriod: 300,
    triggers: [
      {
        type: 'aws-sqs-queue',
        authenticationRef: { name: objectOf(template, 'TriggerAuthentication').metadata.name },
        metadata: {
          queueURL: environmentOf(template, 'worker')['QUEUE_URL'],
          awsRegion: '{Region}',
          queueLength: '100',
          scaleOnInFlight: 'true',
        },
      },
    ],
  });
});

test('the objects contain the options of the compute', () => {
  const everything = onEks(EVERYTHING).template;
  expect(objectOf(everything, 'Namespace').metadata.name).toBe('images');
  const others = objectsOf(everything).filter(({ kind }) => kind !== 'Namespace');
  expect(new Set(others.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['images']));
  expect(objectOf(everything, 'ScaledObject').spec).toMatchObject({
    minReplicaCount: 1,
    maxReplicaCount: 4,
    cooldownPeriod: 120,
    triggers: [{ metadata: { queueLength: '20' } }],
  });
  expect(objectOf(everything, 'HorizontalPodAutoscaler').spec).toMatchObject({
    minReplicas: 2,
    maxReplicas: 5,
    metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 40 } } }],
  });
  expect(podOf(everything, 'worker')).toMatchObject({
    terminationGracePeriodSeconds: 95,
    nodeSelector: { 'kubernetes.io/arch': 'arm64' },
    containers: [
      {
        image: 'registry.example.com/thumbnails:1',
        resources: { limits: { cpu: '2930m', memory: '5000Mi' } },
      },
    ],
  });
  expect(environmentOf(everything, 'worker')).toMatchObject({ STOP_TIMEOUT_SECONDS: '90' });
  expect(objectOf(everything, 'TargetGroupBinding').apiVersion).toBe('eks.amazonaws.com/v1');
});

test('an Ingress replaces the load balancer and API Gateway', () => {
  const { template: withIngress, pipeline } = onEks(
    { api: { ingress: { host: 'img.example.com', ingressClassName: 'nginx', tlsSecretName: 'img' } } },
    { api: { access: ThumbnailAccess.signed() } },
  );
  expect(pipeline.apiUrl).toBe('https://img.example.com/');
  const { name } = objectOf(withIngress, 'Service').metadata;
  expect(objectOf(withIngress, 'Ingress').spec).toEqual({
    ingressClassName: 'nginx',
    tls: [{ hosts: ['img.example.com'], secretName: 'img' }],
    rules: [
      {
        host: 'img.example.com',
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }] },
      },
    ],
  });
  // Only API Gateway limits the size of a response.
  expect(environmentOf(withIngress, 'api')).not.toHaveProperty('MAX_RESPONSE_BYTES');
  expect(environmentOf(template, 'api')).toHaveProperty('MAX_RESPONSE_BYTES');
  for (const type of ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ApiGatewayV2::Api']) {
    withIngress.resourceCountIs(type, 0);
    template.resourceCountIs(type, 1);
  }
});

test('two pipelines in one namespace have different object names', () => {
  const scope = newStack();
  const compute = ThumbnailCompute.eks(onImportedCluster(scope));
  new ThumbnailPipeline(scope, 'Others', { compute });
  const { template: both } = synthesize({ compute }, scope);
  const names = objectsOf(both).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(22);
});

test('synthesis warns only about little memory', () => {
  const ours = (scope: Stack): string[] => warningsOf(scope).filter((line) => line.includes('cdk-thumbnails:'));
  expect(ours(stack)).toEqual([]);
  const { stack: small } = onEks({ worker: { memoryLimitMiB: 512 } });
  expect(ours(small)).toEqual([expect.stringMatching(/^memoryLimitMiB: 512 .*littleMemory/s)]);
});
