import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Thumbnail,
  ThumbnailCompute,
  ThumbnailFormat,
  type ThumbnailPipelineProps,
  ThumbnailPosition,
} from '../../lib';
import type { Manifest } from '../../runtime/pipeline/thumbnail-set/manifest';
import { DirectoryObjectStore, type PutOptions, type ObjectStore } from '../../runtime/storage';
import { S3ObjectStore } from '../../runtime/storage/s3/s3-object-store';
import { startS3, type S3Server } from '../support/aws/s3';
import { startSqs, type SqsServer, type TestQueue } from '../support/aws/sqs';
import { eventually } from '../support/eventually';
import { heic } from '../support/heic';
import { animation, quadrants } from '../support/images';
import { FunctionProcess } from '../support/processes/function-process';
import { ServiceProcess } from '../support/processes/service-process';
import { environmentOf } from '../support/templates/fargate';
import { synthesize, variablesOf } from '../support/templates/stacks';

// With equal props and uploads, Lambda, Fargate and directories store identical objects.

/**
 * Returns the path of a deployed bundle. On other systems than Linux, returns a path in dist/bundles, because the
 * assets contain Linux binaries.
 */
const deployed = (name: string): string => {
  const runtime = process.platform === 'linux' ? `assets/${process.arch === 'arm64' ? 'arm64' : 'x86_64'}` : 'bundles';
  return join(__dirname, '../../dist', runtime, `${name}.js`);
};

const THUMBNAILS: ThumbnailPipelineProps = {
  thumbnailPrefix: 'made/',
  cacheControl: 'public, max-age=60',
  thumbnails: [
    Thumbnail.inside('small', 90, { formats: [ThumbnailFormat.webp(), ThumbnailFormat.jpeg()] }),
    Thumbnail.cover('square', 48, 48, { position: ThumbnailPosition.ATTENTION, formats: [ThumbnailFormat.avif()] }),
    Thumbnail.contain('card', 64, 40, { background: '#336699', formats: [ThumbnailFormat.png()] }),
    Thumbnail.inside('moving', 60, {
      animated: true,
      formats: [ThumbnailFormat.gif(), ThumbnailFormat.webp()],
    }),
  ],
};
/** Number of files in a thumbnail set: the thumbnails and the manifest. */
const FILES = 7;

interface Source {
  readonly key: string;
  readonly body: Buffer;
  readonly options: PutOptions;
}

async function makeSources(): Promise<Source[]> {
  const photo = await quadrants({ width: 300, height: 200, orientation: 6 });
  const of = (key: string, contentType: string, body: Buffer, metadata: Record<string, string> = {}): Source => ({
    key,
    body,
    options: { contentType, metadata },
  });
  return [
    of('turned.jpg', 'image/jpeg', photo),
    of('trip/my été+1 100%.jpg', 'image/jpeg', photo, { 'focal-point': '0.9,0.1' }),
    of('progressive.jpg', 'image/jpeg', await quadrants({ width: 400, height: 260, progressive: true })),
    of('glass.png', 'image/png', await quadrants({ width: 120, height: 90, format: 'png', opacity: 120 })),
    of(
      'moving.gif',
      'image/gif',
      await animation({ frames: ['red', 'green', 'blue'], delay: [50, 100, 150], loop: 2 }),
    ),
    of('still.webp', 'image/webp', await quadrants({ width: 200, height: 150, format: 'webp' })),
    of('phone.heic', 'image/heic', heic({ columns: 2, rows: 2, turns: 1 })),
    of('cut.jpg', 'image/jpeg', photo.subarray(0, Math.floor(photo.length / 2))),
    of('notes.txt', 'text/plain', Buffer.from('not an image')),
  ];
}

let s3: S3Server;
let sqs: SqsServer;
let directory: string;
let sources: readonly Source[];
const cleanups: (() => unknown)[] = [];
beforeAll(async () => {
  [s3, sqs, sources] = await Promise.all([startS3(), startSqs(), makeSources()]);
  directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-variants-'));
}, 60_000);
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) {
    await cleanup();
  }
  await Promise.all([s3.stop(), sqs.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

/** Returns the environment variables that the constructs set, with the given buckets or directories. */
function environmentFor(variant: 'lambda' | 'fargate', source: string, thumbnails: string): Record<string, string> {
  const { template } = synthesize({ ...THUMBNAILS, compute: ThumbnailCompute[variant](), apiEnabled: false });
  const variables = variant === 'lambda' ? variablesOf(template) : environmentOf(template, 'worker');
  const texts = Object.entries(variables).filter(([, value]) => typeof value === 'string') as [string, string][];
  return { ...Object.fromEntries(texts), SOURCE_BUCKET: source, THUMBNAIL_BUCKET: thumbnails };
}

async function put(source: ObjectStore, ...objects: readonly Source[]): Promise<void> {
  for (const { key, body, options } of objects) {
    await source.put(key, body, options);
  }
}

/** Returns all objects of a store with their metadata, without times. */
async function contentsOf(store: ObjectStore): Promise<object[]> {
  const objects: object[] = [];
  for await (const { key } of store.list({ prefix: '' })) {
    const { body, etag, contentType, cacheControl, metadata } = (await store.get(key, { maxBytes: Infinity }))!;
    const text = key.endsWith('.json') ? body.toString() : body.toString('base64');
    objects.push({ key, text, etag, contentType, cacheControl, metadata });
  }
  return objects;
}

interface Variant {
  readonly source: ObjectStore;
  readonly thumbnails: ObjectStore;
  /** Resolves when all events have been processed. */
  readonly settled: () => Promise<void>;
}

async function buckets(): Promise<{ names: [string, string]; source: ObjectStore; thumbnails: ObjectStore }> {
  const names: [string, string] = [await s3.createBucket(), await s3.createBucket()];
  const [source, thumbnails] = names.map((bucket) => new S3ObjectStore({ bucket, client: s3.client }));
  return { names, source: source!, thumbnails: thumbnails! };
}

/** Calls `send` with each event notification of a bucket. */
function onChange(bucket: string, send: (body: string) => void): void {
  cleanups.push(
    s3.onEvent((event) => {
      if (event.Records[0]?.s3.bucket.name === bucket) {
        send(JSON.stringify(event));
      }
    }),
  );
}

async function onLambda(): Promise<Variant> {
  const { names, ...stores } = await buckets();
  const upload = FunctionProcess.start(deployed('upload-function'), {
    ...environmentFor('lambda', ...names),
    ...s3.env,
  });
  cleanups.push(() => upload.kill());
  let done = Promise.resolve();
  onChange(names[0], (body) => {
    done = done.then(() => upload.invoke(body));
  });
  return { ...stores, settled: () => done };
}

async function onFargate(): Promise<Variant> {
  const { names, ...stores } = await buckets();
  const queue: TestQueue = await sqs.createQueue();
  let sent = Promise.resolve();
  onChange(names[0], (body) => {
    sent = sent.then(() => sqs.send(queue.url, body));
  });
  const service = await ServiceProcess.start(deployed('service'), {
    ...environmentFor('fargate', ...names),
    ...s3.env,
    ...sqs.env,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    QUEUE_URL: queue.url,
    WORKER_PROCESSES: '2',
    PORT: '0',
    HOST: '127.0.0.1',
  });
  cleanups.push(() => service.stop('SIGKILL'));
  const settled = async (): Promise<void> => {
    await sent;
    await eventually(async () => {
      const { visible, hidden } = await sqs.depth(queue.url);
      return visible + hidden === 0 || undefined;
    }, 'the queue to be empty');
    expect(await sqs.depth(queue.deadLetterUrl)).toEqual({ visible: 0, hidden: 0 });
  };
  return { ...stores, settled };
}

/** The service on directories. */
async function onDirectories(): Promise<Variant> {
  const [from, to] = [join(directory, 'images'), join(directory, 'thumbnails')];
  const [source, thumbnails] = [
    new DirectoryObjectStore({ directory: from }),
    new DirectoryObjectStore({ directory: to }),
  ];
  await Promise.all([source.create(), thumbnails.create()]);
  const { SOURCE_BUCKET, THUMBNAIL_BUCKET, ...settings } = environmentFor('fargate', from, to);
  expect([SOURCE_BUCKET, THUMBNAIL_BUCKET]).not.toContain(undefined);
  const service = await ServiceProcess.start(deployed('service'), {
    ...settings,
    STORAGE: 'directory',
    SOURCE_DIRECTORY: from,
    THUMBNAIL_DIRECTORY: to,
    TRIGGER: 'directory',
    WORKER_PROCESSES: '1',
    PORT: '0',
    HOST: '127.0.0.1',
  });
  cleanups.push(() => service.stop('SIGKILL'));
  return { source, thumbnails, settled: () => Promise.resolve() };
}

/** Returns whether each source has a current manifest and no other thumbnail set exists. */
async function isCurrent(source: ObjectStore, thumbnails: ObjectStore): Promise<boolean> {
  const keys: string[] = [];
  for await (const { key, etag } of source.list({ prefix: '' })) {
    keys.push(`made/${key}/`);
    const manifest = await thumbnails.get(`made/${key}/manifest.json`, { maxBytes: Infinity });
    if (!manifest || (JSON.parse(manifest.body.toString()) as Manifest).source.etag !== etag) {
      return false;
    }
  }
  for await (const { key } of thumbnails.list({ prefix: '' })) {
    if (!keys.some((start) => key.startsWith(start))) {
      return false;
    }
  }
  return true;
}

test('Lambda, Fargate and a service on directories store identical objects', async () => {
  const variants = await Promise.all([onLambda(), onFargate(), onDirectories()]);
  const contents = async (): Promise<object[][]> => {
    for (const { source, thumbnails, settled } of variants) {
      await eventually(async () => (await isCurrent(source, thumbnails)) || undefined, 'current thumbnail sets');
      await settled();
    }
    return Promise.all(variants.map(({ thumbnails }) => contentsOf(thumbnails)));
  };

  await Promise.all(variants.map(({ source }) => put(source, ...sources)));
  const [lambda, fargate, directories] = await contents();
  expect(lambda).toHaveLength((sources.length - 2) * FILES + 2);
  expect(lambda).toContainEqual(
    expect.objectContaining({
      key: 'made/phone.heic/square.avif',
      contentType: 'image/avif',
      cacheControl: 'public, max-age=60',
    }),
  );
  expect(lambda).toContainEqual(
    expect.objectContaining({
      key: 'made/cut.jpg/manifest.json',
      text: expect.stringContaining('"truncated"') as string,
    }),
  );
  expect(fargate).toEqual(lambda);
  expect(directories).toEqual(lambda);

  const [turned, , , glass] = sources;
  await Promise.all(
    variants.map(async ({ source }) => {
      await source.delete([glass!.key]);
      // Replaces the image of a key.
      await put(source, { ...turned!, key: 'still.webp' });
    }),
  );
  const [later, ...others] = await contents();
  expect(later).toHaveLength((sources.length - 3) * FILES + 2);
  expect(others).toEqual([later, later]);
}, 120_000);
