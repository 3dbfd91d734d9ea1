import * as z from 'zod';
import {
  memoryPerWorkerMiB,
  workerProcessesFor,
  DEFAULT_PORT,
  DEFAULT_STOP_TIMEOUT,
  MIN_WORKER_MEMORY_MIB,
  SERVICE_MODES,
  SERVICE_VARIABLES,
  MAX_TRANSFER_SECONDS,
  STORAGE_KINDS,
  CORE_VARIABLES,
  type ServiceMode,
  type CoreSettings,
  type StorageKind,
  type Trigger,
} from '../contract';
import { parseEnvironment, readCoreSettings, SettingsError } from './core-settings';
import { readHttpSettings } from './http-settings';
import type { Machine } from './machine';

/** How a worker hears of changes. */
export type TriggerSettings =
  | {
      readonly kind: 'queue';
      readonly queueUrl: string;
      /** Seconds that a message stays hidden without a sign of life. */
      readonly visibilityTimeout: number;
    }
  | {
      readonly kind: 'directory';
      /** Seconds; 0 for never. */
      readonly reconcileIntervalSeconds: number;
    }
  | {
      readonly kind: 'http';
      /** What `POST /events` asks for. */
      readonly token: string;
      /** Seconds; 0 for never. */
      readonly reconcileIntervalSeconds: number;
    };

/** How the container's program works: what {@link SERVICE_VARIABLES} carry. */
export interface ServiceSettings {
  readonly role: ServiceMode;
  /** Undefined for the role `api`. */
  readonly trigger: TriggerSettings | undefined;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Number of child processes. */
  readonly workers: number;
  /** MiB for each child. */
  readonly memoryLimit: number;
  /** Seconds for one image. */
  readonly jobTimeout: number;
  /** Seconds from the signal to the end of the process. */
  readonly stopTimeout: number;
  /** Images that may wait to be made on request. */
  readonly maxQueuedRenders: number;
  /** Bytes of the largest answer; undefined for no limit. */
  readonly maxResponseBytes: number | undefined;
}

/** Images that may wait for each child: a few seconds of work, which a client behind a gateway has left. */
const WAITING_PER_WORKER = 16;
/** Seconds: a dead worker's messages come back soon, and three signs of life fit into it. */
const DEFAULT_VISIBILITY_TIMEOUT = 30;
/** Seconds: in a directory it costs a moment, in a bucket a request for every image. */
const DEFAULT_CATCH_UP_INTERVAL = { directory: 3600, http: 86_400 } as const;
const MIN_TOKEN_LENGTH = 16;
/** What a header can carry after `Bearer`. */
const TOKEN = new RegExp(`^[\\x21-\\x7e]{${MIN_TOKEN_LENGTH},}$`);

/** The triggers that fit a store, the standard one first. */
const TRIGGERS_OF: Readonly<Record<StorageKind, readonly [Trigger, ...Trigger[]]>> = {
  s3: ['queue', 'http'],
  directory: ['directory', 'http'],
};

const common = {
  [SERVICE_VARIABLES.role]: z
    .enum(SERVICE_MODES, { error: ({ input }) => got(input, SERVICE_MODES.join(', ')) })
    .default('both'),
  [SERVICE_VARIABLES.host]: z.string().min(1).default('0.0.0.0'),
  [SERVICE_VARIABLES.port]: integer(0, 65_535).default(DEFAULT_PORT),
  [SERVICE_VARIABLES.workers]: integer(1, 256).optional(),
  [SERVICE_VARIABLES.memoryLimit]: integer(128, 1_048_576).optional(),
  [SERVICE_VARIABLES.jobTimeout]: integer(1, 3600).optional(),
  [SERVICE_VARIABLES.stopTimeout]: integer(1, 3600).default(DEFAULT_STOP_TIMEOUT),
  [SERVICE_VARIABLES.maxQueuedRenders]: integer(1, 100_000).optional(),
  [SERVICE_VARIABLES.maxResponseBytes]: integer(1, Number.MAX_SAFE_INTEGER).optional(),
};

/** What each trigger needs besides. */
const triggers = {
  queue: z.object({
    [SERVICE_VARIABLES.queueUrl]: z.url({
      protocol: /^https?$/,
      error: ({ input }) => got(input, 'the URL of a queue'),
    }),
    [SERVICE_VARIABLES.visibilityTimeout]: integer(2, 43_200).default(DEFAULT_VISIBILITY_TIMEOUT),
  }),
  directory: z.object({
    [SERVICE_VARIABLES.reconcileIntervalSeconds]: integer(0, 604_800).default(DEFAULT_CATCH_UP_INTERVAL.directory),
  }),
  http: z.object({
    [SERVICE_VARIABLES.reconcileIntervalSeconds]: integer(0, 604_800).default(DEFAULT_CATCH_UP_INTERVAL.http),
    // What was got is not told: it is a secret.
    [SERVICE_VARIABLES.triggerToken]: z
      .string()
      .regex(TOKEN, `allowed: ${MIN_TOKEN_LENGTH} or more characters of ASCII without spaces`),
  }),
};

/**
 * Everything that the environment tells the container's program.
 *
 * @throws SettingsError that names each variable that is missing or wrong
 */
export function readServiceSettings(
  environment: Readonly<Record<string, string | undefined>>,
  machine: Machine,
): { readonly settings: CoreSettings; readonly service: ServiceSettings } {
  const problems: string[] = [];
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SettingsError)) {
        throw error;
      }
      problems.push(...error.problems);
      return undefined;
    }
  };
  const settings = collect(() => readCoreSettings(environment));
  const read = collect(() => parseEnvironment(z.object(common), environment));
  const role = environment[SERVICE_VARIABLES.role];
  if (settings && role !== 'worker') {
    // Told with the rest, and read again by what it is for.
    collect(() => readHttpSettings(environment, settings));
  }
  const trigger = role === 'api' ? undefined : collect(() => readTrigger(environment));
  if (!settings || !read || problems.length > 0) {
    throw new SettingsError(problems);
  }
  const workers = read.WORKER_PROCESSES ?? workerProcessesFor(machine.cpus, machine.memory);
  return {
    settings,
    service: {
      role: read.SERVICE_MODE,
      trigger,
      host: read.HOST,
      port: read.PORT,
      workers,
      memoryLimit:
        read.MEMORY_LIMIT_MIB ?? Math.max(MIN_WORKER_MEMORY_MIB, memoryPerWorkerMiB(workers, machine.memory)),
      jobTimeout: read.JOB_TIMEOUT_SECONDS ?? Math.ceil(settings.limits.maxDurationSeconds) + MAX_TRANSFER_SECONDS,
      stopTimeout: read.STOP_TIMEOUT_SECONDS,
      maxQueuedRenders: read.MAX_QUEUED_RENDERS ?? WAITING_PER_WORKER * workers,
      maxResponseBytes: read.MAX_RESPONSE_BYTES,
    },
  };
}

function readTrigger(environment: Readonly<Record<string, string | undefined>>): TriggerSettings | undefined {
  const store = environment[CORE_VARIABLES.store] ?? 's3';
  if (!isOneOf(STORAGE_KINDS, store)) {
    // Told already, and which triggers there are follows from it.
    return undefined;
  }
  const [standard] = TRIGGERS_OF[store];
  const schema = z
    .enum(TRIGGERS_OF[store], {
      error: ({ input }) => got(input, `${TRIGGERS_OF[store].join(', ')} with STORE=${store}`),
    })
    .default(standard);
  const kind = parseEnvironment(z.object({ [SERVICE_VARIABLES.trigger]: schema }), environment).TRIGGER;
  switch (kind) {
    case 'queue': {
      const read = parseEnvironment(triggers.queue, environment);
      return { kind, queueUrl: read.QUEUE_URL, visibilityTimeout: read.VISIBILITY_TIMEOUT_SECONDS };
    }
    case 'directory':
      return {
        kind,
        reconcileIntervalSeconds: parseEnvironment(triggers.directory, environment).RECONCILE_INTERVAL_SECONDS,
      };
    case 'http': {
      const read = parseEnvironment(triggers.http, environment);
      return { kind, token: read.EVENTS_TOKEN, reconcileIntervalSeconds: read.RECONCILE_INTERVAL_SECONDS };
    }
  }
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return values.some((other) => other === value);
}

function integer(min: number, max: number) {
  return z
    .string()
    .refine((text) => /^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: ({ input }) => got(input, `${min} to ${max}`),
    })
    .transform(Number);
}

function got(input: unknown, allowed: string): string {
  return `got ${JSON.stringify(input)}, allowed: ${allowed}`;
}
