import { SettingsError } from '../../../runtime/config/core-settings';
import { readServiceSettings } from '../../../runtime/config/service-settings';
import { DEFAULT_LIMITS, SERVICE_MODES, SERVICE_VARIABLES } from '../../../runtime/contract';

const QUEUE_URL = 'https://sqs.eu-central-1.amazonaws.com/123456789012/photos';
const EVENTS_TOKEN = 'a-secret-of-some-length';
const minimal = {
  SOURCE: 'photos',
  THUMBNAIL_BUCKET: 'thumbnails',
  THUMBNAILS: JSON.stringify([{ name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] }]),
};
const onS3 = { ...minimal, QUEUE_URL };
const inDirectory = { ...minimal, STORE: 'directory' };
const machine = { cpus: 4, memory: 8192 };

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

test('what is left out follows from the machine and from the settings', () => {
  const { settings, service } = readServiceSettings(onS3, machine);
  expect(settings).toMatchObject({ store: 's3', source: { name: 'photos' } });
  expect(service).toEqual({
    role: 'both',
    trigger: { kind: 'queue', queueUrl: QUEUE_URL, visibilityTimeout: 30 },
    host: '0.0.0.0',
    port: 8080,
    workers: 5,
    memoryLimit: 1600,
    jobTimeout: DEFAULT_LIMITS.maxDurationSeconds + 40,
    stopTimeout: 30,
    maxQueuedRenders: 80,
    maxResponseBytes: undefined,
  });
  expect(read({ ...onS3, LIMITS: '{"maxDurationSeconds":1.5}' }).jobTimeout).toBe(42);
  expect(read({ ...onS3, WORKER_PROCESSES: '2' })).toMatchObject({ memoryLimit: 4000, maxQueuedRenders: 32 });
});

test.each([
  [{ cpus: 2, memory: 2048 }, 3, 618],
  [{ cpus: 1, memory: 2048 }, 2, 928],
  [{ cpus: 2, memory: 1024 }, 2, 416],
  [{ cpus: 8, memory: 1024 }, 3, 277],
  [{ cpus: 1, memory: 512 }, 1, 320],
  [{ cpus: 2, memory: 256 }, 1, 256],
])('a container of %j has %d children of %d MiB', (container, workers, memoryLimit) => {
  expect(readServiceSettings(onS3, container).service).toMatchObject({ workers, memoryLimit });
});

test('every variable is read', () => {
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
    role: 'worker',
    trigger: { kind: 'queue', queueUrl: QUEUE_URL, visibilityTimeout: 600 },
    host: '::',
    port: 0,
    workers: 3,
    memoryLimit: 512,
    jobTimeout: 90,
    stopTimeout: 120,
    maxQueuedRenders: 5,
    maxResponseBytes: 10_000_000,
  });
  expect(read({ ...minimal, ...apart, TRIGGER: 'http' }).trigger).toEqual({
    kind: 'http',
    token: EVENTS_TOKEN,
    reconcileIntervalSeconds: 60,
  });
});

test('a directory is watched, or told of', () => {
  expect(read(inDirectory).trigger).toEqual({ kind: 'directory', reconcileIntervalSeconds: 3600 });
  expect(read({ ...inDirectory, TRIGGER: 'http', EVENTS_TOKEN }).trigger).toEqual({
    kind: 'http',
    token: EVENTS_TOKEN,
    reconcileIntervalSeconds: 86_400,
  });
});

test('who only serves needs no trigger', () => {
  expect(read({ ...minimal, SERVICE_MODE: 'api' })).toMatchObject({ role: 'api', trigger: undefined });
});

test.each([
  [{ SERVICE_MODE: 'poller' }, `SERVICE_MODE: got "poller", allowed: ${SERVICE_MODES.join(', ')}`],
  [{ QUEUE_URL: undefined }, 'QUEUE_URL: is not set'],
  [{ QUEUE_URL: 'photos' }, 'QUEUE_URL: got "photos", allowed: the URL of a queue'],
  [{ TRIGGER: 'directory' }, 'TRIGGER: got "directory", allowed: queue, http with STORE=s3'],
  [{ TRIGGER: 'http' }, 'EVENTS_TOKEN: is not set'],
  [
    { TRIGGER: 'http', EVENTS_TOKEN: 'one of many words' },
    'EVENTS_TOKEN: allowed: 16 or more characters of ASCII without spaces',
  ],
  [{ STORE: 'directory', TRIGGER: 'queue' }, 'TRIGGER: got "queue", allowed: directory, http with STORE=directory'],
  [{ VISIBILITY_TIMEOUT_SECONDS: '1' }, 'VISIBILITY_TIMEOUT_SECONDS: got "1", allowed: 2 to 43200'],
  [{ PORT: '65536' }, 'PORT: got "65536", allowed: 0 to 65535'],
  [{ PORT: '' }, 'PORT: got "", allowed: 0 to 65535'],
  [{ WORKER_PROCESSES: '0' }, 'WORKER_PROCESSES: got "0", allowed: 1 to 256'],
  [{ WORKER_PROCESSES: '1.5' }, 'WORKER_PROCESSES: got "1.5", allowed: 1 to 256'],
  [{ MEMORY_LIMIT_MIB: '512MB' }, /^MEMORY_LIMIT_MIB: got "512MB", allowed: \d+ to \d+$/],
  [{ STOP_TIMEOUT_SECONDS: '-1' }, 'STOP_TIMEOUT_SECONDS: got "-1", allowed: 1 to 3600'],
])('%j: %s', (change, problem) => {
  expect(problemsOf({ ...onS3, ...change })).toEqual([expect.stringMatching(problem) as string]);
});

test('everything that is wrong is told at once, and no secret is', () => {
  const problems = problemsOf({
    STORE: 'directory',
    TRIGGER: 'http',
    EVENTS_TOKEN: 'short',
    SERVICE_MODE: 'all',
    WORKER_PROCESSES: 'all',
  });
  expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(
    ['SERVICE_MODE', 'SOURCE', 'THUMBNAILS', 'THUMBNAIL_BUCKET', 'EVENTS_TOKEN', 'WORKER_PROCESSES'].sort(),
  );
  expect(problems.join()).not.toContain('short');
});

test('what is wrong with the web face is told where there is one', () => {
  const wrong = { ...onS3, READ_ACCESS: 'everyone' };
  expect(problemsOf({ ...wrong, WORKER_PROCESSES: '0' }).map((problem) => problem.split(':')[0])).toEqual([
    'WORKER_PROCESSES',
    'READ_ACCESS',
  ]);
  expect(problemsOf(wrong)).toHaveLength(1);
  expect(problemsOf({ ...wrong, SERVICE_MODE: 'worker' })).toEqual([]);
});

test('a wrong store says nothing of triggers, which follow from it', () => {
  expect(problemsOf({ ...minimal, STORE: 'ftp' })).toEqual([expect.stringMatching(/^STORE: /) as string]);
});
