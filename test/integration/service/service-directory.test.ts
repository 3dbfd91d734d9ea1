import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { S3ObjectStore } from '../../../runtime/storage/s3/s3-object-store';
import { startS3 } from '../../support/aws/s3';
import { eventually } from '../../support/eventually';
import { quadrants, seenQuadrants, UPRIGHT } from '../../support/images';
import { buildBundles, type Bundles } from '../../support/processes/bundles';
import { NodeProcess } from '../../support/processes/node-process';
import { FILES, ServiceProcess, SETTINGS } from '../../support/processes/service-process';
import { UNPRIVILEGED_UID } from '../../support/processes/unprivileged-user';
import { upload } from '../../support/upload';

// Runs the service without SQS: with directories, and with an S3-compatible store that sends notifications by HTTP.

const TOKEN = 'a-secret-of-some-length';
let bundles: Bundles;
let photo: Buffer;
beforeAll(async () => {
  bundles = buildBundles({ workerProcess: 'test/support/processes/faulty-worker-process.ts' });
  photo = await quadrants({ width: 640, height: 480, orientation: 6 });
}, 120_000);
afterAll(() => bundles.remove());

let directory: string;
const cleanups: (() => Promise<unknown>)[] = [];
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-directory-'))));
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
  rmSync(directory, { recursive: true, force: true });
});

async function start(variables: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await ServiceProcess.start(bundles.path('service'), {
    ...(variables['STORAGE'] !== 's3' && {
      STORAGE: 'directory',
      SOURCE_DIRECTORY: join(directory, 'images'),
      THUMBNAIL_DIRECTORY: join(directory, 'thumbnails'),
    }),
    ...variables,
  });
  cleanups.push(() => service.stop('SIGKILL'));
  return service;
}

const write = (key: string): void => writeFileSync(join(directory, 'images', key), photo);
const isRendered = (key: string): boolean =>
  FILES.every((file) => existsSync(join(directory, 'thumbnails', key, file)));
const rendered = (...keys: string[]) =>
  eventually(() => keys.every(isRendered) || undefined, `the thumbnails of ${keys.join()}`);

describe('on directories', () => {
  test('the service stores the thumbnails of an added file until the file is removed', async () => {
    const service = await start();
    write('cat.jpg');
    await rendered('cat.jpg');
    const response = await fetch(`${service.started.url}/thumbnails/small/cat.jpg`);
    expect(await seenQuadrants(Buffer.from(await response.arrayBuffer()))).toEqual(UPRIGHT);
    rmSync(join(directory, 'images/cat.jpg'));
    await eventually(
      () => !existsSync(join(directory, 'thumbnails/cat.jpg')) || undefined,
      'the thumbnails to be deleted',
    );
    expect(new Set(service.lines.map((line) => line['service']))).toEqual(new Set(['cdk-thumbnails']));
    expect(await service.stop()).toBe(0);
  });

  test('the service deletes the thumbnails of a file that existed only during its quiet period', async () => {
    const service = await start();
    write('warm.jpg');
    await rendered('warm.jpg');
    write('brief.jpg');
    const response = await fetch(`${service.started.url}/thumbnails/small/brief.jpg`);
    expect(response.status).toBe(200);
    rmSync(join(directory, 'images/brief.jpg'));
    await eventually(
      () => !existsSync(join(directory, 'thumbnails/brief.jpg')) || undefined,
      'the thumbnails to be deleted',
    );
    expect(existsSync(join(directory, 'thumbnails/warm.jpg'))).toBe(true);
  });

  test('the service reconciles unfinished and missed changes after a crash and a restart', async () => {
    const first = await start();
    const keys = Array.from({ length: 30 }, (_, index) => `photo ${index}.jpg`);
    keys.forEach(write);
    await first.hasMade(5);
    await first.stop('SIGKILL');
    rmSync(join(directory, 'images', keys[0]!));
    write('later.jpg');
    await start();
    await rendered(...keys.slice(1), 'later.jpg');
    await eventually(
      () => !existsSync(join(directory, 'thumbnails', keys[0]!)) || undefined,
      'the thumbnails of the removed file to be deleted',
    );
  });

  test('the service continues after a worker process has crashed', async () => {
    const service = await start();
    write('poison.abort');
    write('cat.jpg');
    await rendered('cat.jpg');
    expect(await service.waitForLine('lost a worker process')).toMatchObject({
      key: 'poison.abort',
      reason: 'worker-crashed',
    });
    write('dog.jpg');
    await rendered('dog.jpg');
    expect(await service.stop()).toBe(0);
  });
});

test('the service counts images and requests for Prometheus', async () => {
  const service = await start({ METRICS: 'prometheus' });
  write('cat.jpg');
  await eventually(() => isRendered('cat.jpg') || undefined, 'the thumbnails');
  await fetch(`${service.started.url}/images/dog.jpg`);
  const text = await eventually(async () => {
    const metrics = await (await fetch(`${service.started.url}/metrics`)).text();
    return metrics.includes('images_total{outcome="made",code=""} 1') ? metrics : undefined;
  }, 'the metrics');
  expect(text).toMatch(/^cdk_thumbnails_http_requests_total\{route="\/images",method="GET",status="\d+"\} 1$/m);
  expect(text).toMatch(/^cdk_thumbnails_worker_processes [1-9]/m);
});

test('the service processes HTTP notifications of an S3-compatible store and changes before its startup', async () => {
  const s3 = await startS3();
  cleanups.push(() => s3.stop());
  const [source, thumbnails] = [await s3.createBucket(), await s3.createBucket()];
  const put = (Key: string) => s3.client.send(new PutObjectCommand({ Bucket: source, Key, Body: photo }));
  const variables = {
    ...s3.env,
    SERVICE_MODE: 'worker',
    STORAGE: 's3',
    SOURCE_BUCKET: source,
    THUMBNAIL_BUCKET: thumbnails,
    TRIGGER: 'http',
    EVENTS_TOKEN: TOKEN,
  };
  await put('before.jpg');
  const first = await start(variables);
  await first.hasMade(1);
  const responses: Promise<Response>[] = [];
  const unsubscribe = s3.onEvent((event) => {
    if (event.Records[0]?.s3.bucket.name === source) {
      const headers = { authorization: `Bearer ${TOKEN}` };
      responses.push(fetch(`${first.started.url}/events`, { method: 'POST', headers, body: JSON.stringify(event) }));
    }
  });
  cleanups.push(async () => Promise.resolve(unsubscribe()));
  const keys = Array.from({ length: 20 }, (_, index) => `a b+c/${index}.jpg`);
  await Promise.all(keys.map(put));
  await first.hasMade(5);
  expect(responses).toHaveLength(keys.length);
  expect(new Set((await Promise.all(responses)).map(({ status }) => status))).toEqual(new Set([202]));
  await first.stop('SIGKILL');
  const second = await start(variables);
  await second.waitForLine('compared the object stores');
  const store = new S3ObjectStore({ bucket: thumbnails, client: s3.client });
  const stored: string[] = [];
  for await (const { key } of store.list({ prefix: '' })) {
    stored.push(key);
  }
  const expected = ['before.jpg', ...keys].flatMap((key) => FILES.map((file) => `${key}/${file}`));
  expect(stored.sort()).toEqual(expected.sort());
}, 120_000);

test('the service skips only unreadable directories and links', async () => {
  const images = join(directory, 'images');
  const unreadable = (name: string): void => mkdirSync(join(images, name), { mode: 0 });
  [directory, images, join(directory, 'thumbnails')].forEach((path) => {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
  });
  unreadable('lost+found');
  unreadable('private');
  symlinkSync('/usr', join(images, 'link'));
  const service = await ServiceProcess.start(
    bundles.path('service'),
    { STORAGE: 'directory', SOURCE_DIRECTORY: images, THUMBNAIL_DIRECTORY: join(directory, 'thumbnails') },
    UNPRIVILEGED_UID,
  );
  cleanups.push(() => service.stop('SIGKILL'));
  await service.waitForLine('compared the object stores');
  unreadable('later');
  write('cat.jpg');
  await rendered('cat.jpg');
  const skipped = () => service.lines.filter(({ message }) => message === 'cannot watch a file or directory');
  await eventually(() => skipped().length === 3 || undefined, 'three warnings');
  expect(service.lines.filter(({ message }) => message === 'skipped').length).toBeGreaterThanOrEqual(2);
  expect(JSON.stringify(service.lines)).not.toContain('/usr');
  expect(await service.stop()).toBe(0);
});

describe('npm start -- --variant fargate', () => {
  /** Writes a cloud assembly with one Fargate pipeline. */
  function synthesize(): string {
    const assembly = join(directory, 'cdk.out');
    mkdirSync(assembly);
    const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'Photos.json' } };
    writeFileSync(join(assembly, 'manifest.json'), JSON.stringify({ artifacts: { Photos: stack } }));
    const Environment = [
      { Name: 'THUMBNAILS', Value: SETTINGS['THUMBNAILS'] },
      { Name: 'SOURCE_BUCKET', Value: { Ref: 'Bucket' } },
      { Name: 'QUEUE_URL', Value: { Ref: 'Queue' } },
    ];
    const Worker = { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: [{ Environment }] } };
    writeFileSync(join(assembly, 'Photos.json'), JSON.stringify({ Resources: { Worker } }));
    return assembly;
  }

  test('npm start runs the service on directories, with the studio', async () => {
    const running = NodeProcess.start([bundles.path('cdk-thumbnails'), 'start', synthesize(), '--variant', 'fargate'], {
      PORT: '0',
      DATA_DIR: directory,
      WORKER_PROCESSES: '2',
    });
    cleanups.push(() => running.stop('SIGKILL'));
    const [, url = ''] = await running.waitForOutput(/pipeline +(http:\S+)[\s\S]*Try it/);
    expect(running.output).toMatch(/settings +Photos\/Worker in /);
    expect(running.output).toMatch(/rendering +in 2 worker processes of up to \d+ MiB, like the container/);

    write('cat.jpg');
    await running.waitForOutput(/made +cat\.jpg: 2 thumbnails/);
    expect(isRendered('cat.jpg')).toBe(true);
    expect(await (await fetch(`${url}/studio/images`)).json()).toMatchObject({
      images: [{ key: 'cat.jpg', status: 'ready' }],
    });
    await upload(url, 'dog.jpg', photo);
    expect((await fetch(`${url}/thumbnails/square/dog.jpg`)).headers.get('Content-Type')).toBe('image/jpeg');
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    const manifest = JSON.parse(readFileSync(join(directory, 'thumbnails/cat.jpg/manifest.json'), 'utf8')) as unknown;
    expect(manifest).toMatchObject({ status: 'ready', image: { width: 640, height: 480 } });
    expect(await running.stop('SIGINT')).toBe(0);
  });

  test('npm start rejects an unknown variant', async () => {
    const invalid = NodeProcess.start([bundles.path('cdk-thumbnails'), 'start', synthesize(), '--variant', 'ec2'], {
      PORT: '0',
      DATA_DIR: directory,
    });
    expect(await invalid.exit()).toBe(1);
    expect(invalid.output).toMatch(/--variant.*ec2.*lambda, fargate/);
  });
});
