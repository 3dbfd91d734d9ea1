import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ALLOCATOR_VARIABLES, DEFAULT_THUMBNAILS } from '../../runtime/contract';
import { mapParallel } from '../../runtime/pipeline';
import type { SqsServer } from '../../test/support/aws/sqs';
import { freePort } from '../../test/support/processes/free-port';
import { gatewayEvent } from '../../test/unit/http/gateway-event';
import { notification, sqsEvent } from '../../test/unit/lambda/sqs-event';
import type { S3Facts } from '../cold-start/s3-process';
import { deployedNode } from '../competitors';
import { nextMessage } from '../processes';
import { end } from '../service/servers';

/** Running processes of one form, and the function that starts their work. */
export interface RunningForm {
  readonly pids: readonly number[];
  /** Processes all keys. */
  readonly process: (keys: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Servers and folders of the benchmark. */
export interface FormContext {
  readonly work: string;
  readonly bundles: string;
  /** Paths of the bundled `call-process.ts` and `bare-s3-process.ts`. */
  readonly caller: string;
  readonly bareS3: string;
  readonly s3: S3Facts;
  readonly sqs: SqsServer;
  /** Returns the file of a key. */
  readonly fileOf: (key: string) => string;
}

/** Number of CPU cores of the machine, and of the processes that render images. */
const CORES = 2;
/** Number of concurrent requests of the client. */
const CONNECTIONS = 10;
const TOKEN = 'bench-token-bench-token-bench-token';
/** Default thumbnail that the client requests. */
const THUMBNAIL = 'large';

type Variables = Readonly<Record<string, string>>;

const baseOf = (): Variables => ({
  ...(process.env as Record<string, string>),
  ...ALLOCATOR_VARIABLES,
  THUMBNAILS: JSON.stringify(DEFAULT_THUMBNAILS),
});

const onS3 = ({ s3 }: FormContext): Variables => ({
  ...baseOf(),
  ...s3.env,
  STORAGE: 's3',
  SOURCE_BUCKET: s3.source,
  THUMBNAIL_BUCKET: s3.thumbnails,
});

/** Starts two processes that render without an object store. */
export async function withoutStore({ caller, fileOf }: FormContext): Promise<RunningForm> {
  const callers = await Promise.all(Array.from({ length: CORES }, () => startCaller(caller, ['engine'], baseOf())));
  return {
    pids: callers.map(({ pid }) => pid!),
    process: async (keys) => {
      await Promise.all(
        callers.map((each, index) => call(each, keys.filter((_, at) => at % CORES === index).map(fileOf))),
      );
    },
    stop: async () => {
      await Promise.all(callers.map(end));
    },
  };
}

/** Starts a process that invokes the upload function with one message at a time. */
export async function uploadFunction(context: FormContext): Promise<RunningForm> {
  return functionForm(context, 'upload-function', (key) => sqsEvent(notification(context.s3.source, key)));
}

/** Starts a process that invokes the API function with one request at a time. */
export async function apiFunction(context: FormContext): Promise<RunningForm> {
  return functionForm(context, 'api-function', (key) => request(`/thumbnails/${THUMBNAIL}/${key}`));
}

async function functionForm(
  context: FormContext,
  name: string,
  eventOf: (key: string) => object,
): Promise<RunningForm> {
  const words = ['function', join(context.bundles, `${name}.js`)];
  const child = await startCaller(context.caller, words, {
    ...onS3(context),
    POWERTOOLS_METRICS_NAMESPACE: 'bench',
    POWERTOOLS_SERVICE_NAME: 'bench',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  return { pids: [child.pid!], process: (keys) => call(child, keys.map(eventOf)), stop: () => end(child) };
}

/** Starts the service with a queue as trigger and buckets as object stores. */
export async function onQueue(context: FormContext): Promise<RunningForm> {
  const { url } = await context.sqs.createQueue();
  const service = await startService(context, {
    ...onS3(context),
    ...context.sqs.env,
    ...context.s3.env,
    QUEUE_URL: url,
  });
  return workerForm(service, (key) => context.sqs.send(url, notification(context.s3.source, key)));
}

/** Starts the service with `POST /events` as trigger and buckets as object stores. */
export async function onHttpEvents(context: FormContext): Promise<RunningForm> {
  const service = await startService(context, {
    ...onS3(context),
    TRIGGER: 'http',
    EVENTS_TOKEN: TOKEN,
    RECONCILE_INTERVAL_SECONDS: '0',
  });
  await service.waitFor('compared the object stores');
  return workerForm(service, async (key) => {
    const { status } = await fetch(`${service.url}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: notification(context.s3.source, key),
    });
    if (status !== 202) {
      throw new Error(`POST /events: got ${status}; expected 202`);
    }
  });
}

/** Starts the service with directories as trigger and object stores. The service watches the source directory. */
export async function onDirectories(context: FormContext): Promise<RunningForm> {
  const source = join(context.work, 'watched');
  mkdirSync(source, { recursive: true });
  const service = await startService(context, { ...baseOf(), ...directories(context.work, source) });
  await service.waitFor('compared the object stores');
  return workerForm(service, (key) => {
    mkdirSync(dirname(join(source, key)), { recursive: true });
    linkSync(context.fileOf(key), join(source, key));
    return Promise.resolve();
  });
}

/** Starts the service as an HTTP API with buckets as object stores. */
export async function serviceApi(context: FormContext): Promise<RunningForm> {
  return apiForm(await startService(context, { ...onS3(context), SERVICE_MODE: 'api' }));
}

/** Starts a server that responds to each HTTP request with the streamed body of one `GetObject` call. */
export async function bareS3(context: FormContext): Promise<RunningForm> {
  const child = fork(context.bareS3, { execPath: deployedNode(), execArgv: [], env: onS3(context) });
  const [url] = (await once(child, 'message')) as [string];
  return apiForm({ child, url });
}

/** Starts the service as an HTTP API with directories as object stores. */
export async function directoryApi(context: FormContext): Promise<RunningForm> {
  const source = join(context.work, 'requested');
  mkdirSync(join(source, 'photos'), { recursive: true });
  const service = await startService(context, {
    ...baseOf(),
    ...directories(context.work, source),
    SERVICE_MODE: 'api',
  });
  const form = apiForm(service);
  return {
    ...form,
    process: async (keys) => {
      for (const key of new Set(keys)) {
        if (!existsSync(join(source, key))) {
          linkSync(context.fileOf(key), join(source, key));
        }
      }
      await form.process(keys);
    },
  };
}

/** Starts the service like a web function: with three worker processes and the memory of an execution environment. */
export async function webFunction(context: FormContext): Promise<RunningForm> {
  const service = await startService(context, {
    ...onS3(context),
    SERVICE_MODE: 'api',
    WORKER_PROCESSES: '3',
    MEMORY_LIMIT_MIB: '618',
    AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${await freePort()}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'native-http',
  });
  return apiForm(service);
}

function directories(work: string, source: string): Variables {
  return {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: source,
    THUMBNAIL_DIRECTORY: `${source}-thumbnails`,
    RECONCILE_INTERVAL_SECONDS: '0',
    TMPDIR: work,
  };
}

interface Service {
  readonly child: ChildProcess;
  readonly url: string;
  readonly waitFor: (message: string) => Promise<void>;
  /** Returns the number of processed images. */
  readonly made: () => number;
}

async function startService({ bundles }: FormContext, variables: Variables): Promise<Service> {
  const child = spawn(deployedNode(), [join(bundles, 'service.js')], {
    env: {
      SERVICE_MODE: 'worker',
      WORKER_PROCESSES: String(CORES),
      MAX_QUEUED_RENDERS: '1000',
      HOST: '127.0.0.1',
      PORT: '0',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: { readonly message: string; readonly status?: string; readonly url?: string }[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (line.startsWith('{')) {
        lines.push(JSON.parse(line) as (typeof lines)[number]);
      }
    });
  }
  const waitFor = (message: string): Promise<void> =>
    until(child, () => lines.some((line) => line.message === message));
  await waitFor('service started');
  const url = lines.find((line) => line.url !== undefined)?.url ?? '';
  return { child, url, waitFor, made: () => lines.filter(({ status }) => status === 'made').length };
}

function workerForm({ child, made }: Service, send: (key: string) => Promise<void>): RunningForm {
  return {
    pids: [child.pid!],
    process: async (keys) => {
      const wanted = made() + keys.length;
      for (const key of keys) {
        await send(key);
      }
      await until(child, () => made() >= wanted);
    },
    stop: () => end(child),
  };
}

function apiForm({ child, url }: Pick<Service, 'child' | 'url'>): RunningForm {
  return {
    pids: [child.pid!],
    process: async (keys) => {
      await mapParallel(keys, CONNECTIONS, async (key) => {
        const response = await fetch(`${url}/thumbnails/${THUMBNAIL}/${key}`, { headers: { accept: 'image/webp' } });
        await response.arrayBuffer();
        if (!response.ok) {
          throw new Error(`${key}: got ${response.status}; expected 200`);
        }
      });
    },
    stop: () => end(child),
  };
}

/** Resolves as soon as `isTrue` returns true. @throws Error if the process ends before that */
async function until(child: ChildProcess, isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    if (child.exitCode !== null) {
      throw new Error(`${child.spawnargs.join(' ')} exited with code ${child.exitCode}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function startCaller(script: string, words: string[], env: Variables): Promise<ChildProcess> {
  const child = fork(script, words, {
    execPath: deployedNode(),
    execArgv: [],
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

async function call(child: ChildProcess, items: readonly unknown[]): Promise<void> {
  child.send(items);
  await nextMessage(child, 'a process');
}

/** Returns an API Gateway event for a `GET` request to a path. */
function request(rawPath: string): APIGatewayProxyEventV2 {
  return gatewayEvent({ rawPath, headers: { accept: 'image/webp' } });
}
