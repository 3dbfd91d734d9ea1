import { SettingsError } from '../../../runtime/config/parse-environment';
import { readServiceSettings } from '../../../runtime/config/service-settings';
import { DEFAULT_LIMITS, SERVICE_VARIABLES } from '../../../runtime/contract';

const QUEUE_URL = 'https://sqs.eu-central-1.amazonaws.com/123456789012/photos';
const EVENTS_TOKEN = 'a-secret-of-some-length';
const minimal = {
  SOURCE_BUCKET: 'photos',
  THUMBNAIL_BUCKET: 'thumbnails',
  THUMBNAILS: JSON.stringify([{ name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] }]),
};
const onS3 = { ...minimal, QUEUE_URL };
const inDirectory = {
  THUMBNAILS: minimal.THUMBNAILS,
  STORAGE: 'directory',
  SOURCE_DIRECTORY: 'photos',
  THUMBNAIL_DIRECTORY: 'thumbnails',
};
const machine = { cpus: 4, memoryMiB: 8192 };

const read = (environment: Record<string, string | undefined>) => readServiceSettings(environment, machine).service;

function problemsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

test('the address that Lambda sets for a web function overrides HOST and PORT', () => {
  const web = { ...onS3, HOST: '127.0.0.1', PORT: '1', AWS_LAMBDA_HTTP_ENDPOINT: '0.0.0.0:3000' };
  expect(read(web)).toMatchObject({ host: '0.0.0.0', port: 3000 });
  for (const endpoint of ['3000', '0.0.0.0:', ':3000', 'http://0.0.0.0:3000', '0.0.0.0:http']) {
    expect(problemsOf({ ...onS3, AWS_LAMBDA_HTTP_ENDPOINT: endpoint })).toEqual([
      expect.stringMatching(/^AWS_LAMBDA_HTTP_ENDPOINT/),
    ]);
  }
});

test('the defaults depend on the machine and the core settings', () => {
  const { core: settings, service } = readServiceSettings(onS3, machine);
  expect(settings).toMatchObject({ storage: 's3', sourceLocation: { name: 'photos' } });
  expect(service).toEqual({
    mode: 'both',
    trigger: { kind: 'queue', queueUrl: QUEUE_URL, visibilityTimeoutSeconds: 30 },
    host: '0.0.0.0',
    port: 8080,
    workerProcesses: 5,
    memoryLimitMiB: 1600,
    jobTimeoutSeconds: DEFAULT_LIMITS.maxDurationSeconds + 40,
    stopTimeoutSeconds: 30,
    maxQueuedRenders: 80,
    maxResponseBytes: undefined,
  });
  expect(read({ ...onS3, LIMITS: '{"maxDurationSeconds":1.5}' }).jobTimeoutSeconds).toBe(42);
  expect(read({ ...onS3, WORKER_PROCESSES: '2' })).toMatchObject({ memoryLimitMiB: 4000, maxQueuedRenders: 32 });
});

test.each([
  [{ cpus: 2, memoryMiB: 2048 }, 3, 618],
  [{ cpus: 1, memoryMiB: 2048 }, 2, 928],
  [{ cpus: 2, memoryMiB: 1024 }, 2, 416],
  [{ cpus: 8, memoryMiB: 1024 }, 3, 277],
  [{ cpus: 1, memoryMiB: 512 }, 1, 320],
  [{ cpus: 2, memoryMiB: 256 }, 1, 256],
])('a container of %j has %d worker processes of %d MiB', (container, workerProcesses, memoryLimitMiB) => {
  expect(readServiceSettings(onS3, container).service).toMatchObject({ workerProcesses, memoryLimitMiB });
});

test('readServiceSettings() reads every variable', () => {
  const numbers = {
    PORT: '0',
    WORKER_PROCESSES: '3',
    MEMORY_LIMIT_MIB: '512',
    JOB_TIMEOUT_SECONDS: '90',
    STOP_TIMEOUT_SECONDS: '120',
    MAX_QUEUED_RENDERS: '5',
    MAX_RESPONSE_BYTES: '10000000',
  };
  const rest = { SERVICE_MODE: 'worker', HOST: '::', TRIGGER: 'queue', VISIBILITY_TIMEOUT_SECONDS: '600' };
  const apart = { EVENTS_TOKEN, RECONCILE_INTERVAL_SECONDS: '60' };
  expect(Object.keys({ QUEUE_URL, ...numbers, ...rest, ...apart }).sort()).toEqual(
    Object.values(SERVICE_VARIABLES).sort(),
  );
  expect(read({ ...onS3, ...numbers, ...rest })).toEqual({
    mode: 'worker',
    trigger: { kind: 'queue', queueUrl: QUEUE_URL, visibilityTimeoutSeconds: 600 },
    host: '::',
    port: 0,
    workerProcesses: 3,
    memoryLimitMiB: 512,
    jobTimeoutSeconds: 90,
    stopTimeoutSeconds: 120,
    maxQueuedRenders: 5,
    maxResponseBytes: 10_000_000,
  });
  expect(read({ ...minimal, ...apart, TRIGGER: 'http' }).trigger).toEqual({
    kind: 'http',
    token: EVENTS_TOKEN,
    reconcileIntervalSeconds: 60,
  });
});

test('STORAGE=directory supports the triggers directory and http', () => {
  expect(read(inDirectory).trigger).toEqual({ kind: 'directory', reconcileIntervalSeconds: 3600 });
  expect(read({ ...inDirectory, TRIGGER: 'http', EVENTS_TOKEN }).trigger).toEqual({
    kind: 'http',
    token: EVENTS_TOKEN,
    reconcileIntervalSeconds: 86_400,
  });
});

test('the mode api requires no trigger', () => {
  expect(read({ ...minimal, SERVICE_MODE: 'api' })).toMatchObject({ mode: 'api', trigger: undefined });
});

test.each([
  ['SERVICE_MODE', { SERVICE_MODE: 'poller' }],
  ['QUEUE_URL', { QUEUE_URL: undefined }],
  ['QUEUE_URL', { QUEUE_URL: 'photos' }],
  ['TRIGGER', { TRIGGER: 'directory' }],
  ['EVENTS_TOKEN', { TRIGGER: 'http' }],
  ['EVENTS_TOKEN', { TRIGGER: 'http', EVENTS_TOKEN: 'one of many words' }],
  ['TRIGGER', { ...inDirectory, SOURCE_BUCKET: undefined, THUMBNAIL_BUCKET: undefined, TRIGGER: 'queue' }],
  ['VISIBILITY_TIMEOUT_SECONDS', { VISIBILITY_TIMEOUT_SECONDS: '1' }],
  ['PORT', { PORT: '65536' }],
  ['PORT', { PORT: '' }],
  ['WORKER_PROCESSES', { WORKER_PROCESSES: '0' }],
  ['WORKER_PROCESSES', { WORKER_PROCESSES: '1.5' }],
  ['MEMORY_LIMIT_MIB', { MEMORY_LIMIT_MIB: '512MB' }],
  ['STOP_TIMEOUT_SECONDS', { STOP_TIMEOUT_SECONDS: '-1' }],
])('readServiceSettings() reports only %s for %j', (variable, change) => {
  expect(problemsOf({ ...onS3, ...change }).map((problem) => problem.split(':')[0])).toEqual([variable]);
});

test('the error for an invalid number contains the value and the range', () => {
  expect(problemsOf({ ...onS3, PORT: '65536' })).toEqual([
    'PORT: "65536" is invalid; expected an integer from 0 to 65535',
  ]);
});

test('readServiceSettings() reports all invalid variables at once, without secrets', () => {
  const problems = problemsOf({
    STORAGE: 'directory',
    TRIGGER: 'http',
    EVENTS_TOKEN: 'short',
    SERVICE_MODE: 'all',
    WORKER_PROCESSES: 'all',
  });
  expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(
    [
      'SERVICE_MODE',
      'SOURCE_DIRECTORY',
      'THUMBNAILS',
      'THUMBNAIL_DIRECTORY',
      'EVENTS_TOKEN',
      'WORKER_PROCESSES',
    ].sort(),
  );
  expect(problems.join()).not.toContain('short');
});

test('readServiceSettings() validates HTTP variables only in modes with an API', () => {
  const wrong = { ...onS3, READ_ACCESS: 'everyone' };
  expect(problemsOf({ ...wrong, WORKER_PROCESSES: '0' }).map((problem) => problem.split(':')[0])).toEqual([
    'WORKER_PROCESSES',
    'READ_ACCESS',
  ]);
  expect(problemsOf(wrong)).toHaveLength(1);
  expect(problemsOf({ ...wrong, SERVICE_MODE: 'worker' })).toEqual([]);
});

test('an invalid STORAGE causes no additional error for TRIGGER, whose allowed values depend on STORAGE', () => {
  expect(problemsOf({ ...minimal, STORAGE: 'ftp' })).toEqual([expect.stringMatching(/^STORAGE: /) as string]);
});
