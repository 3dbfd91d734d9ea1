import { PutObjectCommand } from '@aws-sdk/client-s3';
import { mapParallel } from '../../runtime/pipeline/concurrency/parallel';
import { S3ObjectStore } from '../../runtime/storage/s3/s3-object-store';
import { buildRuntime, type BuiltRuntime } from '../support/built-runtime';
import { quadrants, seenQuadrants, UPRIGHT } from '../support/images';
import { eventually, Running } from '../support/running';
import { startS3, type S3Server } from '../support/s3';
import { startSqs, type SqsServer, type TestQueue } from '../support/sqs';
import { isAlive } from '../unit/container/workers/fake-worker-process';
import { FILES, ServiceProcess } from './service-process';

// The bundle that is deployed, in processes as they are deployed, with S3 and SQS over the network.

/** Images of the test that all are made. */
const MANY = Number(process.env['SERVICE_UPLOADS'] ?? 1000);
/** Images of each other test that wants some to be left when something happens. */
const UPLOADS = Number(process.env['SERVICE_UPLOADS'] ?? 60);
/** Uploads at once. */
const PARALLEL = 32;

let program: BuiltRuntime;
let s3: S3Server;
let sqs: SqsServer;
let photo: Buffer;
beforeAll(async () => {
  program = buildRuntime();
  [s3, sqs, photo] = await Promise.all([startS3(), startSqs(), quadrants({ width: 640, height: 480, orientation: 6 })]);
}, 120_000);
afterAll(async () => {
  await Promise.all([s3.stop(), sqs.stop()]);
  program.remove();
});

let source: string;
let thumbnails: string;
let queue: TestQueue;
let endEvents: () => void;
let sent: Promise<void>[];
let started: ServiceProcess[];
beforeEach(async () => {
  [source, thumbnails, queue] = await Promise.all([s3.createBucket(), s3.createBucket(), sqs.createQueue()]);
  sent = [];
  endEvents = s3.onEvent((event) => {
    if (event.Records[0]?.s3.bucket.name === source) {
      sent.push(sqs.send(queue.url, JSON.stringify(event)));
    }
  });
  started = [];
});
afterEach(async () => {
  endEvents();
  await Promise.all(started.map((service) => service.stop('SIGKILL')));
});

async function start(variables: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await ServiceProcess.start(program.bundle('service'), {
    ...s3.env,
    ...sqs.env,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    SERVICE_MODE: 'worker',
    SOURCE_BUCKET: source,
    THUMBNAIL_BUCKET: thumbnails,
    QUEUE_URL: queue.url,
    ...variables,
  });
  started.push(service);
  return service;
}

const put = (key: string, body: Buffer = photo): Promise<unknown> =>
  s3.client.send(new PutObjectCommand({ Bucket: source, Key: key, Body: body }));

/** Uploads many images, and tells their keys. */
async function upload(count = UPLOADS, body = photo): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, index) => `trip ${index % 7}/photo ${index}.jpg`);
  await mapParallel(keys, PARALLEL, (key) => put(key, body));
  return keys;
}

/** Keys of everything in the thumbnail bucket. */
async function stored(): Promise<string[]> {
  const store = new S3ObjectStore({ bucket: thumbnails, client: s3.client });
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix: '' })) {
    keys.push(key);
  }
  return keys.sort();
}

const filesOf = (keys: readonly string[]): string[] =>
  keys.flatMap((key) => FILES.map((file) => `${key}/${file}`)).sort();

/** Waits until all events are in the queue and this is left of them, however long it takes, as long as anything moves. */
async function queueIs({ visible, hidden }: { readonly visible: number; readonly hidden: number }): Promise<void> {
  await Promise.all(sent);
  for (let last = await sqs.depth(queue.url); last.visible !== visible || last.hidden !== hidden;) {
    const before = last;
    last = await eventually(
      async () => {
        const now = await sqs.depth(queue.url);
        return now.visible !== before.visible || now.hidden !== before.hidden ? now : undefined;
      },
      `the queue, which is ${JSON.stringify(before)}, to become ${JSON.stringify({ visible, hidden })}`,
    );
  }
}
const drained = (): Promise<void> => queueIs({ visible: 0, hidden: 0 });

async function expectAllMade(keys: readonly string[]): Promise<void> {
  await drained();
  expect(await stored()).toEqual(filesOf(keys));
  expect(await sqs.depth(queue.deadLetterUrl)).toEqual({ visible: 0, hidden: 0 });
}

describe('a worker', () => {
  test('makes the thumbnails of all that is uploaded', async () => {
    const service = await start();
    // Small, since it is the way through queue and stores that is walked so often.
    const keys = await upload(MANY, await quadrants({ orientation: 6 }));
    await expectAllMade(keys);
    await service.hasMade(keys.length);
    expect(service.made.sort()).toEqual([...keys].sort());
    expect(await service.stop()).toBe(0);
  }, 600_000);

  test('loses nothing with a child that is killed in the middle of a job', async () => {
    // The child is lost when this test says so, and not for the time that the others take.
    const service = await start({ JOB_TIMEOUT_SECONDS: '3600' });
    const [victim] = service.facts.children;
    // It takes a job, does not end it, and keeps its message while the other child does all the rest.
    process.kill(victim!, 'SIGSTOP');
    const keys = await upload();
    await queueIs({ visible: 0, hidden: 1 });
    process.kill(victim!, 'SIGKILL');
    await expectAllMade(keys);
    const lost = await service.prints('lost a child process');
    expect(lost).toMatchObject({ pid: victim, reason: 'worker-crashed' });
    expect(keys).toContain(lost['key']);
    expect(await service.stop()).toBe(0);
  }, 600_000);

  test('loses nothing when it is killed itself, and leaves no process behind', async () => {
    const first = await start();
    const keys = await upload();
    await first.hasMade(Math.ceil(UPLOADS / 4));
    await first.stop('SIGKILL');
    await eventually(() => !first.facts.children.some(isAlive) || undefined, 'its children to be gone');
    const second = await start();
    await expectAllMade(keys);
    expect(second.made.length).toBeGreaterThan(0);
  }, 600_000);

  test('ends in time when it is told to, and gives back what it has not done', async () => {
    const first = await start();
    const keys = await upload();
    await first.hasMade(Math.ceil(UPLOADS / 4));
    const begin = performance.now();
    expect(await first.stop()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(first.facts.children.some(isAlive)).toBe(false);
    // What was finished in the last moment may come again, which costs a look at it; nothing that is left may be missing.
    const left = await eventually(async () => {
      const { visible, hidden } = await sqs.depth(queue.url);
      const notMade = keys.length - new Set(first.made).size;
      return visible + hidden >= notMade ? notMade : undefined;
    }, 'what is left to be in the queue');
    expect(left).toBeGreaterThan(0);
    await start();
    await expectAllMade(keys);
  }, 600_000);

  test('gives back in time a message whose work does not end, and ends at once when it is told twice', async () => {
    // A second consumer's last poll would stay with the emulator after its end, and swallow what is given back.
    const hooks = { WORKER_TEST_HOOKS: '1', STOP_TIMEOUT_SECONDS: '2', WORKER_PROCESSES: '1' };
    const first = await start(hooks);
    await put('endless.hang');
    await queueIs({ visible: 0, hidden: 1 });
    expect(await first.stop()).toBe(0);
    await queueIs({ visible: 1, hidden: 0 });

    const second = await start({ ...hooks, STOP_TIMEOUT_SECONDS: '3600' });
    await queueIs({ visible: 0, hidden: 1 });
    const stopped = second.stop();
    await second.prints('the service ends');
    expect(await second.stop()).toBe(1);
    expect(await stopped).toBe(1);
    await eventually(() => !second.facts.children.some(isAlive) || undefined, 'its children to be gone');
  }, 120_000);

  test('puts aside what crashes or hangs its children, and makes the rest', async () => {
    queue = await sqs.createQueue({ maxReceiveCount: 2 });
    const service = await start({ WORKER_TEST_HOOKS: '1', JOB_TIMEOUT_SECONDS: '3' });
    await Promise.all([put('poison.abort'), put('endless.hang')]);
    const keys = await upload(20);
    await drained();
    expect(await stored()).toEqual(filesOf(keys));
    const dead = await sqs.receive(queue.deadLetterUrl);
    expect(dead.map((body) => /"key":"([^"]+)"/.exec(body)?.[1]).sort()).toEqual(['endless.hang', 'poison.abort']);
    const reasons = service.lines.filter(({ message }) => message === 'lost a child process');
    expect(reasons.map(({ key, reason }) => `${String(key)} ${String(reason)}`).sort()).toEqual([
      'endless.hang timeout',
      'endless.hang timeout',
      'poison.abort worker-crashed',
      'poison.abort worker-crashed',
    ]);
    expect(await service.stop()).toBe(0);
  }, 120_000);

  test('has no hooks unless a test turns them on', async () => {
    const service = await start();
    await Promise.all([put('poison.abort'), put('endless.hang')]);
    await expectAllMade(['poison.abort', 'endless.hang']);
    expect(service.lines.filter(({ message }) => message === 'lost a child process')).toEqual([]);
  });

  test('leaves messages that nobody understands to the queue', async () => {
    queue = await sqs.createQueue({ maxReceiveCount: 2 });
    await start();
    await sqs.send(queue.url, 'hello');
    await put('cat.jpg');
    await drained();
    expect(await sqs.receive(queue.deadLetterUrl)).toEqual(['hello']);
    expect(await stored()).toEqual(filesOf(['cat.jpg']));
  });

  test('takes no messages while its stores are gone, so that none of them loses its tries', async () => {
    const service = await start({ AWS_MAX_ATTEMPTS: '1' });
    await s3.deleteBucket(thumbnails);
    const keys = await upload(12);
    await service.prints('image failed');
    expect((await fetch(`${service.facts.url}/ready`)).status).toBe(503);
    // Time enough for all of them to fail, were they taken.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await s3.createBucket(thumbnails);
    await expectAllMade(keys);
    const failed = service.lines.filter(({ message }) => message === 'image failed');
    expect(failed.length).toBeLessThanOrEqual(4);
    await eventually(async () => (await fetch(`${service.facts.url}/ready`)).ok || undefined, 'it to be ready');
  }, 180_000);
});

describe('an API', () => {
  const get = (service: ServiceProcess, path: string) => fetch(service.facts.url + path);

  test('makes on the spot what is not there, and serves what is', async () => {
    const service = await start({ SERVICE_MODE: 'api' });
    endEvents();
    await put('cat.jpg');
    const made = await get(service, '/thumbnails/small/cat.jpg');
    expect(await seenQuadrants(Buffer.from(await made.arrayBuffer()))).toEqual(UPRIGHT);
    expect(await stored()).toEqual(filesOf(['cat.jpg']));
    expect((await get(service, '/images/cat.jpg')).status).toBe(200);
    expect((await get(service, '/images/dog.jpg')).status).toBe(404);
    expect((await get(service, '/ready')).status).toBe(200);
    expect(await service.stop()).toBe(0);
  });

  test('turns away what it has no room for, and serves what is stored meanwhile', async () => {
    const service = await start({ SERVICE_MODE: 'api', WORKER_PROCESSES: '1', MAX_QUEUED_RENDERS: '2' });
    endEvents();
    const keys = await upload(20);
    await put('stored.jpg');
    expect((await get(service, '/thumbnails/small/stored.jpg')).status).toBe(200);
    const answers = await Promise.all([
      ...keys.map((key) => get(service, `/thumbnails/small/${encodeURIComponent(key)}`)),
      get(service, '/thumbnails/small/stored.jpg'),
    ]);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.pop()).toBe(200);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const refused = answers.find(({ status }) => status === 429)!;
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: 'too-many-requests' });
    // Who comes again is served.
    await eventually(async () => {
      const again = await Promise.all(keys.map((key) => get(service, `/thumbnails/small/${encodeURIComponent(key)}`)));
      return again.every(({ status }) => status === 200) || undefined;
    }, 'all to be served');
  }, 120_000);

  test('answers for an image that crashes its child, and goes on', async () => {
    const service = await start({ SERVICE_MODE: 'api', WORKER_TEST_HOOKS: '1' });
    endEvents();
    await Promise.all([put('poison.abort'), put('cat.jpg')]);
    const [poison, cat] = await Promise.all([
      get(service, '/thumbnails/small/poison.abort'),
      get(service, '/thumbnails/small/cat.jpg'),
    ]);
    expect([poison.status, cat.status]).toEqual([503, 200]);
    expect(await poison.json()).toMatchObject({ code: 'worker-crashed' });
    expect((await get(service, '/health')).status).toBe(200);
  });

  test('is not ready when a store goes away', async () => {
    const service = await start({ SERVICE_MODE: 'api', AWS_MAX_ATTEMPTS: '1' });
    const status = async () => (await get(service, '/ready')).status;
    expect(await status()).toBe(200);
    await s3.deleteBucket(source);
    await eventually(async () => (await status()) === 503 || undefined, 'it to be unready');
    await s3.createBucket(source);
    await eventually(async () => (await status()) === 200 || undefined, 'it to be ready again');
  });
});

test('both roles in one process share the children', async () => {
  const service = await start({ SERVICE_MODE: 'both' });
  const keys = await upload(20);
  expect((await fetch(`${service.facts.url}/thumbnails/small/${encodeURIComponent(keys[19]!)}`)).status).toBe(200);
  await expectAllMade(keys);
});

test('what is wrong with the environment is told at once, in one message', async () => {
  const wrong = Running.node([program.bundle('service')], {
    SERVICE_MODE: 'all',
    PORT: 'http',
    THUMBNAILS: '[]',
    STORAGE: 'directory',
  });
  expect(await wrong.exit()).toBe(1);
  expect(wrong.output).toMatch(/^cdk-thumbnails: invalid environment variables:\n/);
  for (const name of ['SOURCE_DIRECTORY', 'THUMBNAIL_DIRECTORY', 'THUMBNAILS', 'SERVICE_MODE', 'PORT']) {
    expect(wrong.output).toMatch(new RegExp(`^  ${name}: `, 'm'));
  }
});
