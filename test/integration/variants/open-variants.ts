// Runs each entry point as a process, with the environment variables of its template.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import type { S3Event } from 'aws-lambda';
import { ThumbnailCompute, type ThumbnailPipelineProps } from '../../../lib';
import type { ObjectStore } from '../../../runtime/storage';
import { DirectoryObjectStore } from '../../../runtime/storage/directory/directory-object-store';
import { S3ObjectStore } from '../../../runtime/storage/s3/s3-object-store';
import type { S3Server } from '../../support/aws/s3';
import type { SqsServer } from '../../support/aws/sqs';
import { eventually } from '../../support/eventually';
import { freePort } from '../../support/processes/free-port';
import { FunctionProcess } from '../../support/processes/function-process';
import { NodeProcess } from '../../support/processes/node-process';
import { ServiceProcess } from '../../support/processes/service-process';
import { environmentOf } from '../../support/templates/fargate';
import { onlyResource, synthesize } from '../../support/templates/stacks';
import { gatewayEvent } from '../../unit/http/gateway-event';
import { PROPS } from './sources';

/** A running entry point with its object stores. */
export interface Variant {
  readonly source: ObjectStore;
  readonly thumbnails: ObjectStore;
  /** Resolves when the entry point has received all changes of these keys. */
  readonly settled: (keys: readonly string[]) => Promise<unknown>;
  /** Whether the entry point receives the deletion of a source. */
  readonly receivesDeletions: boolean;
  readonly close: () => Promise<unknown>;
}

/** Servers and a directory that all variants share. */
export interface VariantContext {
  readonly s3: S3Server;
  readonly sqs: SqsServer;
  readonly directory: string;
}

/** Function that starts an entry point. */
export type VariantOpener = (context: VariantContext) => Promise<Variant>;

const TOKEN = 'token-of-at-least-32-characters-1';

/**
 * Returns the path of a deployed bundle. On systems other than Linux, returns a path in dist/bundles, because the
 * assets contain Linux binaries.
 */
function deployed(name: string): string {
  const runtime = process.platform === 'linux' ? `assets/${process.arch === 'arm64' ? 'arm64' : 'x86_64'}` : 'bundles';
  return join(__dirname, '../../../dist', runtime, `${name}.js`);
}

/** Returns the environment variables of a template, except for variables whose values refer to resources. */
function variablesOf(
  props: ThumbnailPipelineProps,
  read: (template: Template) => Readonly<Record<string, unknown>>,
): Record<string, string> {
  const variables = read(synthesize({ ...PROPS, ...props }).template);
  const texts = Object.entries(variables).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts) as Record<string, string>;
}

const ofFunction =
  (Handler: string) =>
  (template: Template): Readonly<Record<string, unknown>> => {
    const { Environment } = onlyResource(template, 'AWS::Lambda::Function', { Properties: { Handler } }) as {
      readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
    };
    return Environment.Variables;
  };

const ofWebFunction = (template: Template): Readonly<Record<string, unknown>> => {
  const { ServiceConfig } = onlyResource(template, 'AWS::Lambda::WebFunctionRevision') as {
    readonly ServiceConfig: { readonly EnvironmentVariables: Readonly<Record<string, unknown>> };
  };
  return ServiceConfig.EnvironmentVariables;
};

const workerVariables = (): Record<string, string> =>
  variablesOf({ compute: ThumbnailCompute.fargate(), apiEnabled: false }, (template) =>
    environmentOf(template, 'worker'),
  );

interface Buckets {
  readonly stores: Pick<Variant, 'source' | 'thumbnails'>;
  /** Name of the source bucket. */
  readonly name: string;
  readonly environment: Record<string, string>;
}

async function createBuckets({ s3, sqs }: VariantContext): Promise<Buckets> {
  const [name, to] = [await s3.createBucket(), await s3.createBucket()];
  const storeOf = (bucket: string): ObjectStore => new S3ObjectStore({ bucket, client: s3.client });
  return {
    name,
    stores: { source: storeOf(name), thumbnails: storeOf(to) },
    environment: {
      ...s3.env,
      ...sqs.env,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
      SOURCE_BUCKET: name,
      THUMBNAIL_BUCKET: to,
    },
  };
}

/** Sends the notifications of a bucket in sequence. `sent` resolves after the last notification. */
function forward(
  { s3 }: VariantContext,
  bucket: string,
  send: (event: S3Event) => Promise<unknown>,
): { readonly sent: () => Promise<unknown>; readonly stop: () => void } {
  let last: Promise<unknown> = Promise.resolve();
  const stop = s3.onEvent((event) => {
    if (event.Records[0]?.s3.bucket.name === bucket) {
      last = last.then(() => send(event));
    }
  });
  return { sent: () => last, stop };
}

const startService = (variables: Readonly<Record<string, string>>): Promise<ServiceProcess> =>
  ServiceProcess.start(deployed('service'), { WORKER_PROCESSES: '1', PORT: '0', HOST: '127.0.0.1', ...variables });

const onUploadFunction: VariantOpener = async (context) => {
  const { name, stores, environment } = await createBuckets(context);
  const upload = FunctionProcess.start(deployed('upload-function'), {
    ...variablesOf({ apiEnabled: false }, ofFunction('upload-function.handler')),
    ...environment,
  });
  const { sent, stop } = forward(context, name, (event) => upload.invoke(JSON.stringify(event)));
  const close = (): Promise<void> =>
    Promise.resolve()
      .then(stop)
      .then(() => upload.kill());
  return { ...stores, settled: sent, receivesDeletions: true, close };
};

/** Requests a thumbnail of each key until the response is not 202. */
async function requestAll(
  keys: readonly string[],
  statusOf: (path: string, key: string) => Promise<number | undefined>,
): Promise<void> {
  for (const key of keys) {
    // A source without thumbnails receives 202 while a worker may still process its event.
    await eventually(async () => {
      const status = await statusOf('/thumbnails/small', key);
      return status === 202 ? undefined : status;
    }, `a final response for ${key}`);
  }
}

const onApiFunction: VariantOpener = async (context) => {
  const { stores, environment } = await createBuckets(context);
  const api = FunctionProcess.start(deployed('api-function'), {
    ...variablesOf({}, ofFunction('api-function.handler')),
    ...environment,
    QUEUE_URL: (await context.sqs.createQueue()).url,
  });
  const settled = (keys: readonly string[]): Promise<void> =>
    requestAll(keys, async (rawPath, key) => {
      const event = gatewayEvent({ rawPath, rawQueryString: new URLSearchParams({ key }).toString() });
      return ((await api.call(event)) as { readonly statusCode?: number }).statusCode;
    });
  return { ...stores, settled, receivesDeletions: false, close: () => Promise.resolve(api.kill()) };
};

const onWebFunction: VariantOpener = async (context) => {
  const { stores, environment } = await createBuckets(context);
  const service = await startService({
    ...variablesOf({ api: { compute: ThumbnailCompute.webFunction() } }, ofWebFunction),
    ...environment,
    QUEUE_URL: (await context.sqs.createQueue()).url,
    AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${await freePort()}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'native-http',
  });
  const settled = (keys: readonly string[]): Promise<void> =>
    requestAll(keys, async (path, key) => {
      const response = await fetch(`${service.started.url}${path}?${new URLSearchParams({ key }).toString()}`);
      await response.arrayBuffer();
      return response.status;
    });
  return { ...stores, settled, receivesDeletions: false, close: () => service.stop('SIGKILL') };
};

const onQueue: VariantOpener = async (context) => {
  const { name, stores, environment } = await createBuckets(context);
  const { sqs } = context;
  const queue = await sqs.createQueue();
  const { sent, stop } = forward(context, name, (event) => sqs.send(queue.url, JSON.stringify(event)));
  const service = await startService({ ...workerVariables(), ...environment, QUEUE_URL: queue.url });
  const settled = async (): Promise<void> => {
    await sent();
    await eventually(async () => {
      const { visible, hidden } = await sqs.depth(queue.url);
      return visible + hidden === 0 || undefined;
    }, 'the queue to be empty');
    expect(await sqs.depth(queue.deadLetterUrl)).toEqual({ visible: 0, hidden: 0 });
  };
  const close = (): Promise<unknown> =>
    Promise.resolve()
      .then(stop)
      .then(() => service.stop('SIGKILL'));
  return { ...stores, settled, receivesDeletions: true, close };
};

/** Starts the service with `POST /events` as its trigger. `requestOf` converts an S3 notification to a request. */
const onHttpEvents =
  (requestOf: (event: S3Event) => { readonly type: string; readonly body: unknown }): VariantOpener =>
  async (context) => {
    const { name, stores, environment } = await createBuckets(context);
    const service = await startService({
      ...workerVariables(),
      ...environment,
      TRIGGER: 'http',
      EVENTS_TOKEN: TOKEN,
    });
    // Waits for the end of the comparison at startup, which would otherwise also process the uploads.
    await service.waitForLine('compared the object stores');
    const { sent, stop } = forward(context, name, async (event) => {
      const { type, body } = requestOf(event);
      const { status } = await fetch(`${service.started.url}/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type },
        body: JSON.stringify(body),
      });
      expect(status).toBe(202);
    });
    const close = (): Promise<unknown> =>
      Promise.resolve()
        .then(stop)
        .then(() => service.stop('SIGKILL'));
    return { ...stores, settled: sent, receivesDeletions: true, close };
  };

const directoriesIn = (folder: string): { from: string; to: string } => ({
  from: join(folder, 'images'),
  to: join(folder, 'thumbnails'),
});

async function createDirectories(folder: string): Promise<Pick<Variant, 'source' | 'thumbnails'>> {
  const { from, to } = directoriesIn(folder);
  const [source, thumbnails] = [
    new DirectoryObjectStore({ directory: from }),
    new DirectoryObjectStore({ directory: to }),
  ];
  await Promise.all([source.create(), thumbnails.create()]);
  return { source, thumbnails };
}

const onDirectories: VariantOpener = async ({ directory }) => {
  const folder = join(directory, 'service');
  const { from, to } = directoriesIn(folder);
  const stores = await createDirectories(folder);
  const service = await startService({
    ...workerVariables(),
    STORAGE: 'directory',
    SOURCE_DIRECTORY: from,
    THUMBNAIL_DIRECTORY: to,
    TRIGGER: 'directory',
  });
  const settled = (): Promise<void> => Promise.resolve();
  return { ...stores, settled, receivesDeletions: true, close: () => service.stop('SIGKILL') };
};

const onCommandLine: VariantOpener = async ({ directory }) => {
  const folder = join(directory, 'command-line');
  const { from, to } = directoriesIn(folder);
  mkdirSync(folder);
  const stores = await createDirectories(folder);
  const { THUMBNAILS, CACHE_CONTROL } = workerVariables();
  const settings = join(folder, 'settings.json');
  writeFileSync(
    settings,
    JSON.stringify({ thumbnails: JSON.parse(THUMBNAILS!) as unknown, cacheControl: CACHE_CONTROL }),
  );
  const settled = async (): Promise<void> => {
    const command = NodeProcess.start([
      join(__dirname, '../../../dist/bundles/cdk-thumbnails.js'),
      ...['render', from, '--out', to, '--settings', settings],
    ]);
    expect([await command.exit(), command.output]).toEqual([0, command.output]);
  };
  return { ...stores, settled, receivesDeletions: false, close: () => Promise.resolve() };
};

/**
 * Converts an S3 notification to a CloudEvent:
 * https://github.com/cloudevents/spec/blob/main/cloudevents/adapters/aws-s3.md
 */
const cloudEventOf = ({ Records: [record] }: S3Event) => ({
  type: 'application/cloudevents+json',
  body: {
    specversion: '1.0',
    id: `${record!.eventTime} ${record!.s3.object.sequencer}`,
    type: `com.amazonaws.s3.${record!.eventName}`,
    source: `aws:s3.${record!.awsRegion}.${record!.s3.bucket.name}`,
    datacontenttype: 'application/json',
    data: record,
  },
});

/** Entry points by name. All entry points must store equal objects. */
export const VARIANTS: Readonly<Record<string, VariantOpener>> = {
  'the upload function': onUploadFunction,
  'the API function': onApiFunction,
  'the web function': onWebFunction,
  'the service on a queue': onQueue,
  'the service on directories': onDirectories,
  'the service on S3 notifications by HTTP': onHttpEvents((event) => ({ type: 'application/json', body: event })),
  'the service on CloudEvents by HTTP': onHttpEvents(cloudEventOf),
  'the command render': onCommandLine,
};
