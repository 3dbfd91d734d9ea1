import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type Service, type ServiceLog } from '../../../container/service';
import { readServiceSettings } from '../../../runtime/config/service-settings';
import { assembleFrom } from '../../support/assemble-from';
import { quadrants } from '../../support/images';
import { eventually } from '../../support/running';
import { notification, TEST_EVENT } from '../lambda/sqs-event';
import { isAlive, writeFakeChild } from './workers/fake-worker-process';

// chokidar is an ECMAScript module, which jest cannot load; the end-to-end tests watch folders.
jest.mock('../../../runtime/program/following/watch', () => ({
  watch: () => Promise.resolve({ close: () => Promise.resolve() }),
}));

const TOKEN = 'a-secret-of-some-length';
const child = writeFakeChild();
afterAll(() => child.remove());

let folder: string;
let service: Service | undefined;
let said: unknown[][];
let begun: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-service-'));
  said = [];
  begun = [];
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
  rmSync(folder, { recursive: true });
});

const say =
  (what: string) =>
  (...facts: unknown[]): void =>
    void said.push([what, ...facts]);

const log: ServiceLog = {
  watch: (reconcile) => async (key, options) => {
    begun.push(key);
    const outcome = await reconcile(key, options);
    say(outcome.status)(key);
    return outcome;
  },
  replaced: ({ reason, key }) => say('replaced')(reason, key),
  notStarted: say('not started'),
  ready: (error) => say(error === undefined ? 'ready' : 'not ready')(),
  work: {
    malformed: say('malformed'),
    foreign: say('foreign'),
    deadlineExceeded: say('out of time'),
    queueFailed: say('queue failed'),
    givenUp: say('given up'),
    reconciledAll: () => undefined,
    reconcileAllFailed: say('not comparable'),
  },
};

/** A service whose children obey the keys, on two folders. */
async function start(variables: Readonly<Record<string, string>> = {}) {
  const environment = {
    ...process.env,
    STORAGE: 'directory',
    SOURCE_DIRECTORY: join(folder, 'photos'),
    THUMBNAIL_DIRECTORY: join(folder, 'thumbnails'),
    THUMBNAILS: JSON.stringify([{ name: 'small', fit: 'inside', width: 40, height: 40, formats: [{ type: 'webp' }] }]),
    HOST: '127.0.0.1',
    PORT: '0',
    WORKER_PROCESSES: '1',
    STOP_TIMEOUT_SECONDS: '2',
    ...variables,
  };
  const program = await assembleFrom(environment);
  const settings = readServiceSettings(environment, { cpus: 2, memoryMiB: 1e6 });
  service = await startService({
    program,
    settings,
    workerScript: child.script,
    environment,
    log,
    onExhausted: say('exhausted'),
  });
  return { program, url: service.url, service };
}

const thumbnail = (url: string, key: string) => fetch(`${url}/thumbnails/small/${key}`);
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code];

describe('requests', () => {
  test('are answered while their images are made in children', async () => {
    const { url } = await start({ SERVICE_MODE: 'api' });
    // What the child says is that there is no such image.
    expect(await codeOf(await thumbnail(url, 'made:x'))).toEqual([404, 'image-not-found']);
    expect(said).toEqual([['deleted', 'made:x']]);
  });

  test('are turned away when too many wait, but for what is stored', async () => {
    const { url, program } = await start({ SERVICE_MODE: 'api', MAX_QUEUED_RENDERS: '2' });
    await program.source.put('stored.png', await quadrants({ width: 8, height: 8, format: 'png' }), {
      contentType: 'image/png',
    });
    await program.pipeline.reconcile('stored.png');
    const held = [1, 2, 3].map((index) => thumbnail(url, `waitForLeave:${index}`));
    await eventually(() => begun.length === held.length || undefined, 'all of them to wait');
    const refused = await thumbnail(url, 'made');
    expect(refused.headers.get('Retry-After')).toBe('2');
    expect(refused.headers.get('Content-Type')).toBe('application/problem+json');
    expect(await codeOf(refused)).toEqual([429, 'too-many-requests']);
    expect((await thumbnail(url, 'stored.png')).status).toBe(200);
    child.leave();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([404, 404, 404]);
  }, 60_000);

  test('for the same image are one piece of work', async () => {
    const { url } = await start({ SERVICE_MODE: 'api', MAX_QUEUED_RENDERS: '1' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => thumbnail(url, 'wait:300')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(said).toEqual([['deleted', 'wait:300']]);
  });

  test.each([
    ['two heaps, since nothing else is said', '2', {}],
    ['as many heaps as is said', '7', { MALLOC_ARENA_MAX: '7' }],
  ])('are worked on by children with %s', async (_, heaps, variables) => {
    const { url } = await start({ SERVICE_MODE: 'api', ...variables });
    expect(await codeOf(await thumbnail(url, `knows:MALLOC_ARENA_MAX=${heaps}`))).toEqual([404, 'image-not-found']);
  });

  test('cost a child at most, and never the service', async () => {
    const { url } = await start({ SERVICE_MODE: 'api' });
    const crashed = await thumbnail(url, 'crash');
    expect(crashed.headers.get('Retry-After')).toBe('30');
    expect(await codeOf(crashed)).toEqual([503, 'worker-crashed']);
    expect(await codeOf(await thumbnail(url, 'made'))).toEqual([404, 'image-not-found']);
    expect(said).toEqual([
      ['replaced', 'worker-crashed', 'crash'],
      ['deleted', 'made'],
    ]);
  });
});

describe('events by HTTP', () => {
  const post = (url: string, body: string) =>
    fetch(`${url}/events`, { method: 'POST', body, headers: { authorization: `Bearer ${TOKEN}` } });

  test('bring work', async () => {
    const { url } = await start({ SERVICE_MODE: 'worker', TRIGGER: 'http', EVENTS_TOKEN: TOKEN });
    const minio = JSON.stringify({
      EventName: 's3:ObjectCreated:Put',
      Key: 'photos/made:m',
      Records: [{ eventName: 's3:ObjectCreated:Put', s3: { bucket: { name: 'photos' }, object: { key: 'made%3Am' } } }],
    });
    const eventBridge = JSON.stringify({
      'detail-type': 'Object Created',
      detail: { bucket: { name: 'photos' }, object: { key: 'made:e' } },
    });
    const bodies = [
      notification('photos', 'made:a', 'made:b'),
      minio,
      eventBridge,
      TEST_EVENT,
      notification('other', 'c'),
    ];
    const answers = await Promise.all(bodies.map(async (body) => (await post(url, body)).json()));
    expect(answers).toEqual([{ keys: 2 }, { keys: 1 }, { keys: 1 }, { keys: 0 }, { keys: 1 }]);
    await eventually(() => said.length === 5 || undefined, 'the work');
    expect(said.map(([what, key]) => `${what as string} ${key as string}`).sort()).toEqual([
      'deleted made:a',
      'deleted made:b',
      'deleted made:e',
      'deleted made:m',
      'foreign other',
    ]);
    expect((await post(url, '{}')).status).toBe(400);
    expect((await fetch(`${url}/images/a`)).status).toBe(404);
  });

  test('survive a child, and tell it no secret', async () => {
    const { url } = await start({ SERVICE_MODE: 'worker', TRIGGER: 'http', EVENTS_TOKEN: TOKEN });
    await post(url, notification('photos', 'crashOnce:a', `secret:${TOKEN}`));
    await eventually(() => said.find(([what, key]) => what === 'deleted' && key === 'crashOnce:a'), 'the second try');
    await eventually(() => said.find(([what, key]) => what === 'deleted' && key === `secret:${TOKEN}`), 'the secret');
    expect(said).toContainEqual(['replaced', 'worker-crashed', 'crashOnce:a']);
  });
});

test('it is ready while its stores are there', async () => {
  const { url } = await start({ SERVICE_MODE: 'worker' });
  const status = async () => (await fetch(`${url}/ready`)).status;
  expect(await status()).toBe(200);
  renameSync(join(folder, 'thumbnails'), join(folder, 'elsewhere'));
  await eventually(async () => (await status()) === 503 || undefined, 'it to be unready');
  expect(await codeOf(await fetch(`${url}/ready`))).toEqual([503, 'storage-unavailable']);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  renameSync(join(folder, 'elsewhere'), join(folder, 'thumbnails'));
  await eventually(async () => (await status()) === 200 || undefined, 'it to be ready again');
  expect(said).toEqual([['not ready'], ['ready']]);
});

describe('the end', () => {
  test('lets requests be answered, takes no new ones, and leaves no process', async () => {
    const { url, service: running } = await start({ SERVICE_MODE: 'api', STOP_TIMEOUT_SECONDS: '60' });
    const pids = running.workerPids();
    const agent = new Agent({ keepAlive: true });
    const held = new Promise<string | undefined>((resolve, reject) => {
      get(`${url}/thumbnails/small/wait:500`, { agent }, (response) => {
        response.resume().on('end', () => resolve(`${response.statusCode} ${response.headers.connection}`));
      }).on('error', reject);
    });
    const waiting = thumbnail(url, 'made:after');
    await eventually(() => begun.length === 2 || undefined, 'the requests to be there');
    await running.stop();
    expect(await held).toBe('404 close');
    expect((await waiting).status).toBe(404);
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
    expect(pids.map(isAlive)).toEqual([false]);
    agent.destroy();
  });

  test('gives back in time what cannot be done in time', async () => {
    const { url, service: running } = await start({ SERVICE_MODE: 'api', STOP_TIMEOUT_SECONDS: '1' });
    const pids = running.workerPids();
    const requests = [thumbnail(url, 'hang'), thumbnail(url, 'made:behind')];
    await eventually(() => begun.length === 2 || undefined, 'the requests to be there');
    await running.stop();
    for (const request of requests) {
      expect(await codeOf(await request)).toEqual([503, 'shutting-down']);
    }
    expect(pids.map(isAlive)).toEqual([false]);
  });
});

describe('the start', () => {
  test('fails on a port that is taken, and leaves no process', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start({ PORT: String(port) })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    other.close();
  });

  test('fails when children cannot be started', async () => {
    await expect(start({ START: 'unable' })).rejects.toThrow(
      /cannot start a child process .*: SOURCE_BUCKET: is not set/,
    );
  });
});
