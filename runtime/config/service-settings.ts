import * as v from 'valibot';
import {
  analysisSeconds,
  CORE_VARIABLES,
  DEFAULT_PORT,
  DEFAULT_STOP_TIMEOUT_SECONDS,
  largestLimit,
  MAX_TRANSFER_SECONDS,
  memoryPerWorkerMiB,
  MIN_WORKER_MEMORY_MIB,
  SERVICE_MODES,
  SERVICE_VARIABLES,
  STORAGE_KINDS,
  workerProcessesFor,
  type CoreSettings,
  type ServiceMode,
  type StorageKind,
  type Trigger,
} from '../contract';
import { CORE_PLACEHOLDER } from './api-settings';
import { readCoreSettings } from './core-settings';
import { readHttpSettings, type HttpSettings } from './http-settings';
import type { Machine } from './machine';
import {
  httpUrl,
  integer,
  nonEmpty,
  parseEnvironment,
  ProblemCollector,
  received,
  type Environment,
} from './parse-environment';

/** Settings of the trigger, which reports changed sources to the worker. */
export type TriggerSettings =
  | { readonly kind: 'queue'; readonly queueUrl: string; readonly visibilityTimeoutSeconds: number }
  | {
      readonly kind: 'directory';
      /** Interval in seconds between two comparisons of the object stores. With 0, the only comparison is at startup. */
      readonly reconcileIntervalSeconds: number;
    }
  | {
      readonly kind: 'http';
      /** Bearer token of `POST /events`. */
      readonly token: string;
      /** Interval in seconds between two comparisons of the object stores. With 0, the only comparison is at startup. */
      readonly reconcileIntervalSeconds: number;
    };

/** Settings of the container service: the values of {@link SERVICE_VARIABLES}. */
export interface ServiceSettings {
  readonly mode: ServiceMode;
  /** Trigger of the worker. Undefined in the mode `api`. */
  readonly trigger: TriggerSettings | undefined;
  readonly host: string;
  /** TCP port from 0 to 65,535. With 0, the operating system selects a free port. */
  readonly port: number;
  readonly workerProcesses: number;
  /** Resident memory in MiB above which the service restarts a worker process. */
  readonly memoryLimitMiB: number;
  readonly jobTimeoutSeconds: number;
  readonly stopTimeoutSeconds: number;
  readonly maxQueuedRenders: number;
  /** Maximum size of a response body in bytes. If undefined, the size is unlimited. */
  readonly maxResponseBytes: number | undefined;
}

/** All settings of a process that runs the container service. */
export interface ServiceProcessSettings {
  readonly core: CoreSettings;
  /** Settings of the HTTP API. Undefined in the mode `worker`. */
  readonly http: HttpSettings | undefined;
  readonly service: ServiceSettings;
}

/**
 * Default maximum number of queued renders per worker process. Workers complete these renders in a few seconds, before the
 * timeout of a gateway.
 */
const QUEUED_RENDERS_PER_WORKER = 16;
/**
 * Default visibility timeout in seconds. With a short timeout, another worker soon receives the messages of a crashed worker.
 * A running worker extends the timeout repeatedly before it ends.
 */
const DEFAULT_VISIBILITY_TIMEOUT_SECONDS = 30;
/**
 * Default interval in seconds between two comparisons of the object stores, by trigger. The interval for `http` is longer,
 * because a comparison of buckets requires one request for each image.
 */
const DEFAULT_RECONCILE_INTERVAL_SECONDS = { directory: 3600, http: 86_400 } as const;
const MAX_RECONCILE_INTERVAL_SECONDS = 604_800;
const MIN_TOKEN_LENGTH = 16;
/** Pattern of bearer tokens. An Authorization header can contain only visible ASCII characters. */
const TOKEN = new RegExp(`^[\\x21-\\x7e]{${MIN_TOKEN_LENGTH},}$`);

/**
 * Variable that AWS Lambda sets for a web function: the host and the port of its HTTP server, such as `0.0.0.0:3000`. This
 * variable overrides HOST and PORT.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html
 */
const LAMBDA_HTTP_ENDPOINT = 'AWS_LAMBDA_HTTP_ENDPOINT';

/** Supported triggers by kind of object store. The first trigger is the default. */
const TRIGGERS_OF: Readonly<Record<StorageKind, readonly [Trigger, ...Trigger[]]>> = {
  s3: ['queue', 'http'],
  directory: ['directory', 'http'],
};

const serviceSchema = v.object({
  [SERVICE_VARIABLES.mode]: v.optional(
    v.picklist(SERVICE_MODES, ({ input }) => received(input, SERVICE_MODES.join(', '))),
    'both',
  ),
  [SERVICE_VARIABLES.host]: v.optional(nonEmpty, '0.0.0.0'),
  [SERVICE_VARIABLES.port]: v.optional(integer(0, 65_535), String(DEFAULT_PORT)),
  [SERVICE_VARIABLES.workerProcesses]: v.optional(integer(1, 256)),
  [SERVICE_VARIABLES.memoryLimitMiB]: v.optional(integer(128, 1_048_576)),
  [SERVICE_VARIABLES.jobTimeoutSeconds]: v.optional(integer(1, 3600)),
  [SERVICE_VARIABLES.stopTimeoutSeconds]: v.optional(integer(1, 3600), String(DEFAULT_STOP_TIMEOUT_SECONDS)),
  [SERVICE_VARIABLES.maxQueuedRenders]: v.optional(integer(1, 100_000)),
  [SERVICE_VARIABLES.maxResponseBytes]: v.optional(integer(1, Number.MAX_SAFE_INTEGER)),
  [LAMBDA_HTTP_ENDPOINT]: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[^:]+:\d{1,5}$/, ({ input }) => received(input, 'a host and a port such as 0.0.0.0:3000')),
      v.transform((endpoint) => endpoint.split(':') as [string, string]),
    ),
  ),
});

/** Variables of each trigger. */
const triggerSchemas = {
  queue: v.object({
    [SERVICE_VARIABLES.queueUrl]: httpUrl(({ input }) => received(input, 'the URL of a queue')),
    [SERVICE_VARIABLES.visibilityTimeoutSeconds]: v.optional(
      integer(2, 43_200),
      String(DEFAULT_VISIBILITY_TIMEOUT_SECONDS),
    ),
  }),
  directory: v.object({
    [SERVICE_VARIABLES.reconcileIntervalSeconds]: v.optional(
      integer(0, MAX_RECONCILE_INTERVAL_SECONDS),
      String(DEFAULT_RECONCILE_INTERVAL_SECONDS.directory),
    ),
  }),
  http: v.object({
    [SERVICE_VARIABLES.reconcileIntervalSeconds]: v.optional(
      integer(0, MAX_RECONCILE_INTERVAL_SECONDS),
      String(DEFAULT_RECONCILE_INTERVAL_SECONDS.http),
    ),
    // The error message omits the token, because the token is a secret.
    [SERVICE_VARIABLES.eventsToken]: v.pipe(
      v.string(),
      v.regex(TOKEN, `is invalid; expected ${MIN_TOKEN_LENGTH} or more ASCII characters without spaces`),
    ),
  }),
};

/**
 * Reads all settings of the container service.
 *
 * @throws SettingsError if a variable is missing or invalid. The error lists the problems of all settings.
 */
export function readServiceSettings(environment: Environment, machine: Machine): ServiceProcessSettings {
  const collector = new ProblemCollector();
  const core = collector.collect(() => readCoreSettings(environment));
  const read = collector.collect(() => parseEnvironment(serviceSchema, environment));
  const mode = environment[SERVICE_VARIABLES.mode];
  const http =
    mode === 'worker' ? undefined : collector.collect(() => readHttpSettings(environment, core ?? CORE_PLACEHOLDER));
  const trigger = mode === 'api' ? undefined : collector.collect(() => readTrigger(environment));
  collector.throwIfAny();
  return { core: core!, http, service: serviceSettingsOf(read!, trigger, core!, machine) };
}

function serviceSettingsOf(
  read: v.InferOutput<typeof serviceSchema>,
  trigger: TriggerSettings | undefined,
  core: CoreSettings,
  machine: Machine,
): ServiceSettings {
  const workerProcesses = read.WORKER_PROCESSES ?? workerProcessesFor(machine.cpus, machine.memoryMiB);
  const [host = read.HOST, port = read.PORT] = read.AWS_LAMBDA_HTTP_ENDPOINT ?? [];
  const memoryPerWorker = Math.max(MIN_WORKER_MEMORY_MIB, memoryPerWorkerMiB(workerProcesses, machine.memoryMiB));
  return {
    mode: read.SERVICE_MODE,
    trigger,
    host,
    port: Number(port),
    workerProcesses,
    memoryLimitMiB: read.MEMORY_LIMIT_MIB ?? memoryPerWorker,
    jobTimeoutSeconds:
      read.JOB_TIMEOUT_SECONDS ??
      Math.ceil(largestLimit(core, 'maxDurationSeconds')) + analysisSeconds(core) + MAX_TRANSFER_SECONDS,
    stopTimeoutSeconds: read.STOP_TIMEOUT_SECONDS,
    maxQueuedRenders: read.MAX_QUEUED_RENDERS ?? QUEUED_RENDERS_PER_WORKER * workerProcesses,
    maxResponseBytes: read.MAX_RESPONSE_BYTES,
  };
}

/**
 * Reads the settings of the trigger.
 *
 * @returns the settings, or undefined if STORAGE is invalid. {@link readCoreSettings} reports an invalid STORAGE.
 * @throws SettingsError if a variable is missing or invalid
 */
function readTrigger(environment: Environment): TriggerSettings | undefined {
  const storage = STORAGE_KINDS.find((kind) => kind === (environment[CORE_VARIABLES.storage] ?? 's3'));
  if (storage === undefined) {
    return undefined;
  }
  const allowed = TRIGGERS_OF[storage];
  const schema = v.optional(
    v.picklist(allowed, ({ input }) => received(input, `${allowed.join(' or ')} with STORAGE=${storage}`)),
    allowed[0],
  );
  const kind = parseEnvironment(v.object({ [SERVICE_VARIABLES.trigger]: schema }), environment).TRIGGER;
  switch (kind) {
    case 'queue': {
      const read = parseEnvironment(triggerSchemas.queue, environment);
      return { kind, queueUrl: read.QUEUE_URL, visibilityTimeoutSeconds: read.VISIBILITY_TIMEOUT_SECONDS };
    }
    case 'directory': {
      const read = parseEnvironment(triggerSchemas.directory, environment);
      return { kind, reconcileIntervalSeconds: read.RECONCILE_INTERVAL_SECONDS };
    }
    case 'http': {
      const read = parseEnvironment(triggerSchemas.http, environment);
      return { kind, token: read.EVENTS_TOKEN, reconcileIntervalSeconds: read.RECONCILE_INTERVAL_SECONDS };
    }
  }
}
