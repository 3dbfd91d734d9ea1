import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { S3ObjectStore } from '../../runtime/storage/s3/s3-object-store';
import { buildRuntime, type BuiltRuntime } from '../support/built-runtime';
import { quadrants, seenQuadrants, UPRIGHT } from '../support/images';
import { eventually, Running } from '../support/running';
import { startS3 } from '../support/s3';
import { upload } from '../support/upload';
import { FILES, ServiceProcess, SETTINGS } from './service-process';

// The same program where there is no SQS: on folders, and on an S3-compatible store that tells of changes by HTTP.

const TOKEN = 'a-secret-of-some-length';
let program: BuiltRuntime;
let photo: Buffer;
beforeAll(async () => {
  program = buildRuntime();
  photo = await quadrants({ width: 640, height: 480, orientation: 6 });
}, 120_000);
afterAll(() => program.remove());

let folder: string;
const ends: (() => Promise<unknown>)[] = [];
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-directory-'))));
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) {
    await end();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function start(variables: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await ServiceProcess.start(program.bundle('service'), {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: join(folder, 'images'),
    THUMBNAIL_DIRECTORY: join(folder, 'thumbnails'),
    ...variables,
  });
  ends.push(() => service.stop('SIGKILL'));
  return service;
}

const drop = (key: string): void => writeFileSync(join(folder, 'images', key), photo);
const isMade = (key: string): boolean => FILES.every((file) => existsSync(join(folder, 'thumbnails', key, file)));
const made = (...keys: string[]) => eventually(() => keys.every(isMade) || undefined, `${keys.join()} to be made`);

describe('on folders', () => {
  test('follows what is dropped and removed, and serves it', async () => {
    const service = await start();
    drop('cat.jpg');
    await made('cat.jpg');
    const answer = await fetch(`${service.facts.url}/thumbnails/small/cat.jpg`);
    expect(await seenQuadrants(Buffer.from(await answer.arrayBuffer()))).toEqual(UPRIGHT);
    rmSync(join(folder, 'images/cat.jpg'));
    await eventually(() => !existsSync(join(folder, 'thumbnails/cat.jpg')) || undefined, 'the thumbnails to go');
    expect(new Set(service.lines.map((line) => line['service']))).toEqual(new Set(['cdk-thumbnails']));
    expect(await service.stop()).toBe(0);
  });

  test('forgets what goes away again before its writing is known to be over, though a request has seen it', async () => {
    const service = await start();
    drop('warm.jpg');
    await made('warm.jpg');
    drop('brief.jpg');
    const answer = await fetch(`${service.facts.url}/thumbnails/small/brief.jpg`);
    expect(answer.status).toBe(200);
    rmSync(join(folder, 'images/brief.jpg'));
    await eventually(() => !existsSync(join(folder, 'thumbnails/brief.jpg')) || undefined, 'the thumbnails to go');
    expect(existsSync(join(folder, 'thumbnails/warm.jpg'))).toBe(true);
  });

  test('makes up after its death for what it has not done and not seen', async () => {
    const first = await start();
    const keys = Array.from({ length: 30 }, (_, index) => `photo ${index}.jpg`);
    keys.forEach(drop);
    await first.hasMade(5);
    await first.stop('SIGKILL');
    rmSync(join(folder, 'images', keys[0]!));
    drop('later.jpg');
    await start();
    await made(...keys.slice(1), 'later.jpg');
    await eventually(() => !existsSync(join(folder, 'thumbnails', keys[0]!)) || undefined, 'the removed one to go');
  });

  test('goes on after a child that crashes', async () => {
    const service = await start({ WORKER_TEST_HOOKS: '1' });
    drop('poison.abort');
    drop('cat.jpg');
    await made('cat.jpg');
    expect(await service.prints('lost a child process')).toMatchObject({
      key: 'poison.abort',
      reason: 'worker-crashed',
    });
    drop('dog.jpg');
    await made('dog.jpg');
    expect(await service.stop()).toBe(0);
  });
});

test('on an S3-compatible store it hears of changes by HTTP, and compares the stores at its start', async () => {
  const s3 = await startS3();
  ends.push(() => s3.stop());
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
  const answers: Promise<Response>[] = [];
  const endEvents = s3.onEvent((event) => {
    if (event.Records[0]?.s3.bucket.name === source) {
      const headers = { authorization: `Bearer ${TOKEN}` };
      answers.push(fetch(`${first.facts.url}/events`, { method: 'POST', headers, body: JSON.stringify(event) }));
    }
  });
  ends.push(async () => Promise.resolve(endEvents()));
  const keys = Array.from({ length: 20 }, (_, index) => `a b+c/${index}.jpg`);
  await Promise.all(keys.map(put));
  await first.hasMade(5);
  expect(answers).toHaveLength(keys.length);
  expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([202]));
  await first.stop('SIGKILL');
  const second = await start(variables);
  await second.prints('compared the stores');
  const store = new S3ObjectStore({ bucket: thumbnails, client: s3.client });
  const stored: string[] = [];
  for await (const { key } of store.list({ prefix: '' })) {
    stored.push(key);
  }
  const expected = ['before.jpg', ...keys].flatMap((key) => FILES.map((file) => `${key}/${file}`));
  expect(stored.sort()).toEqual(expected.sort());
}, 120_000);

describe('npm start -- --variant fargate', () => {
  /** An app that was synthesized: what is tested here is what runs, the synthesis is the templates' tests' matter. */
  function synthesize(): string {
    const assembly = join(folder, 'cdk.out');
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

  test('runs the service on the same folders, with what the own machine has besides', async () => {
    const running = Running.node([program.bundle('studio'), synthesize(), '--variant', 'fargate'], {
      PORT: '0',
      DATA_DIR: folder,
      WORKER_PROCESSES: '2',
    });
    ends.push(() => running.stop('SIGKILL'));
    const [, url = ''] = await running.prints(/pipeline +(http:\S+)[\s\S]*try next/);
    expect(running.output).toMatch(/settings +Photos\/Worker in /);
    expect(running.output).toMatch(/runs +in 2 worker processes of up to \d+ MiB, as the container does/);

    drop('cat.jpg');
    await running.prints(/made +cat\.jpg: 2 thumbnails/);
    expect(isMade('cat.jpg')).toBe(true);
    expect(await (await fetch(url)).text()).toContain('cat.jpg');
    await upload(url, 'dog.jpg', photo);
    expect((await fetch(`${url}/thumbnails/square/dog.jpg`)).headers.get('Content-Type')).toBe('image/jpeg');
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    const manifest = JSON.parse(readFileSync(join(folder, 'thumbnails/cat.jpg/manifest.json'), 'utf8')) as unknown;
    expect(manifest).toMatchObject({ status: 'ready', image: { width: 640, height: 480 } });
    expect(await running.stop('SIGINT')).toBe(0);
  });

  test('fails with one clear line on another variant', async () => {
    const wrong = Running.node([program.bundle('studio'), synthesize(), '--variant', 'ec2'], {
      PORT: '0',
      DATA_DIR: folder,
    });
    expect(await wrong.exit()).toBe(1);
    expect(wrong.output).toBe('cdk-thumbnails: --variant: got "ec2", allowed: lambda, fargate\n');
  });
});
