import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type Service, type ServiceLog } from '../../../container/start-service';
import { readServiceSettings } from '../../../runtime/config/service-settings';
import type { EventProgram } from '../../../runtime/program/event-program';
import { assembleFrom } from '../../support/assemble-from';
import { eventually } from '../../support/eventually';
import { quadrants } from '../../support/images';
import { notification, TEST_EVENT } from '../lambda/sqs-event';
import { isAlive, writeFakeWorker } from './workers/fake-worker-process';

// This mock replaces chokidar, because Jest cannot load ECMAScript modules. The integration tests use chokidar.
jest.mock('../../../runtime/program/following/watch-directory', () => ({
  watchDirectory: () => Promise.resolve({ close: () => Promise.resolve() }),
}));

const TOKEN = 'a-secret-of-some-length';
const fake = writeFakeWorker();
afterAll(() => fake.remove());

let directory: string;
let service: Service | undefined;
let logged: unknown[][];
let started: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-service-'));
  logged = [];
  started = [];
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
  fake.hold();
  rmSync(directory, { recursive: true });
});

const record =
  (event: string) =>
  (...fields: unknown[]): void =>
    void logged.push([event, ...fields]);

const log: ServiceLog = {
  watch: (reconcile) => async (key, options) => {
    started.push(key);
    const outcome = await reconcile(key, options);
    record(outcome.status)(key);
    return outcome;
  },
  replaced: ({ reason, key }) => record('replaced')(reason, key),
  startFailed: record('start failed'),
  eventRejected: ({ code }) => record('event rejected')(code),
  readinessChanged: (error) => record(error === undefined ? 'ready' : 'not ready')(),
  trigger: {
    malformed: record('malformed'),
    foreign: record('foreign'),
    deadlineExceeded: record('deadline exceeded'),
    queueFailed: record('queue failed'),
    gaveUp: record('gave up'),
    reconciledAll: () => undefined,
    reconcileAllFailed: record('comparison failed'),
    notWatched: record('not watched'),
    watchIncomplete: record('watch incomplete'),
  },
};

/** Starts a service with two directories. Its worker processes execute the command in the key. */
async function start(variables: Readonly<Record<string, string>> = {}, events?: EventProgram) {
  const environment = {
    ...process.env,
    STORAGE: 'directory',
    SOURCE_DIRECTORY: join(directory, 'photos'),
    THUMBNAIL_DIRECTORY: join(directory, 'thumbnails'),
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
    workerScript: fake.script,
    environment,
    log,
    onExhausted: record('exhausted'),
    ...(events && { events }),
  });
  return { program, url: service.url, service };
}

/** Creates a source unless it exists. */
function createSource(key: string): void {
  const path = join(directory, 'photos', key);
  if (!existsSync(path)) {
    writeFileSync(path, 'source');
  }
}

/** Requests a thumbnail of an existing source. */
function thumbnail(url: string, key: string): Promise<Response> {
  createSource(key);
  return fetch(`${url}/thumbnails/small/${key}`);
}
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code];

describe('requests for thumbnails', () => {
  test('an API request for a missing thumbnail starts a job in a worker process', async () => {
    const { url } = await start({ SERVICE_MODE: 'api' });
    // The fake worker process reports each source as deleted.
    expect(await codeOf(await thumbnail(url, 'made:x'))).toEqual([404, 'image-not-found']);
    expect(logged).toEqual([['deleted', 'made:x']]);
  });

  test('the service rejects requests for missing thumbnails of existing images while the queue is full', async () => {
    const { url, program } = await start({ SERVICE_MODE: 'api', MAX_QUEUED_RENDERS: '2' });
    await program.source.put('stored.png', await quadrants({ width: 8, height: 8, format: 'png' }), {
      contentType: 'image/png',
    });
    await program.pipeline.reconcile('stored.png');
    const held = [1, 2, 3].map((index) => thumbnail(url, `waitForRelease:${index}`));
    await eventually(() => started.length === held.length || undefined, 'all requests to wait');
    const rejected = await thumbnail(url, 'made');
    expect(rejected.headers.get('Retry-After')).toBe('2');
    expect(rejected.headers.get('Content-Type')).toBe('application/problem+json');
    expect(await codeOf(rejected)).toEqual([429, 'too-many-requests']);
    expect((await thumbnail(url, 'stored.png')).status).toBe(200);
    const missing = Array.from({ length: 50 }, (_, index) => fetch(`${url}/thumbnails/small/none-${index}.jpg`));
    expect(new Set((await Promise.all(missing)).map(({ status }) => status))).toEqual(new Set([404]));
    fake.release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([404, 404, 404]);
  }, 60_000);

  test('a job sends its key to the queue when a worker process starts it', async () => {
    const sent: string[] = [];
    const events: EventProgram = {
      forMessages: (reconcile) => reconcile,
      forRequests: () => () => Promise.reject(new Error('unexpected call')),
      sendKey: (key) => Promise.resolve(void sent.push(key)),
    };
    const { url } = await start({ SERVICE_MODE: 'api' }, events);
    const first = thumbnail(url, 'waitForRelease:sent');
    await eventually(() => sent.length === 1 || undefined, 'the first job to start');
    const second = thumbnail(url, 'made:waiting');
    await eventually(() => started.length === 2 || undefined, 'the second job to wait');
    expect(sent).toEqual(['waitForRelease:sent']);
    fake.release();
    await Promise.all([first, second]);
    expect(sent).toEqual(['waitForRelease:sent', 'made:waiting']);
  });

  test('requests for the same key share one job', async () => {
    const { url } = await start({ SERVICE_MODE: 'api', MAX_QUEUED_RENDERS: '1' });
    const responses = await Promise.all(Array.from({ length: 20 }, () => thumbnail(url, 'wait:300')));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([404]));
    expect(logged).toEqual([['deleted', 'wait:300']]);
  });

  test.each([
    ['two malloc arenas by default', '2', {}],
    ['the configured number of malloc arenas', '7', { MALLOC_ARENA_MAX: '7' }],
  ])('requests render in worker processes with %s', async (_, arenas, variables) => {
    const { url } = await start({ SERVICE_MODE: 'api', ...variables });
    expect(await codeOf(await thumbnail(url, `knows:MALLOC_ARENA_MAX=${arenas}`))).toEqual([404, 'image-not-found']);
  });

  test.each([
    ['directory', {}],
    ['http', { EVENTS_TOKEN: TOKEN }],
  ])('requests that crash a worker process are reconciled again with the trigger %s', async (TRIGGER, variables) => {
    const compared = jest.spyOn(log.trigger, 'reconciledAll');
    const { url } = await start({ TRIGGER, ...variables });
    await eventually(() => compared.mock.calls.length > 0 || undefined, 'the first comparison');
    const key = `crashOnce:${TRIGGER}`;
    expect(await codeOf(await thumbnail(url, key))).toEqual([503, 'worker-crashed']);
    await eventually(() => logged.some(([event]) => event === 'deleted') || undefined, 'the second attempt');
    expect(logged).toEqual([
      ['replaced', 'worker-crashed', key],
      ['deleted', key],
    ]);
    compared.mockRestore();
  });

  test('a request that crashes a worker process receives 503, and the service continues', async () => {
    const { url } = await start({ SERVICE_MODE: 'api' });
    const crashed = await thumbnail(url, 'crash');
    expect(crashed.headers.get('Retry-After')).toBe('30');
    expect(await codeOf(crashed)).toEqual([503, 'worker-crashed']);
    expect(await codeOf(await thumbnail(url, 'made'))).toEqual([404, 'image-not-found']);
    expect(logged).toEqual([
      ['replaced', 'worker-crashed', 'crash'],
      ['deleted', 'made'],
    ]);
  });
});

/** Sends an event with Transfer-Encoding: chunked and returns the status. */
async function postChunks(url: string, chunks: readonly string[], authorization: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/events`, { method: 'POST', headers: { authorization } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    chunks.forEach((chunk) => sent.write(chunk));
    sent.end();
  });
}

describe('events by HTTP', () => {
  const post = (url: string, body: string) =>
    fetch(`${url}/events`, { method: 'POST', body, headers: { authorization: `Bearer ${TOKEN}` } });

  test('the service reconciles the keys of events in all supported formats', async () => {
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
    const responses = await Promise.all(bodies.map(async (body) => (await post(url, body)).json()));
    expect(responses).toEqual([{ keys: 2 }, { keys: 1 }, { keys: 1 }, { keys: 0 }, { keys: 1 }]);
    await eventually(() => logged.length === 5 || undefined, 'the outcomes');
    expect(logged.map(([event, key]) => `${event as string} ${key as string}`).sort()).toEqual([
      'deleted made:a',
      'deleted made:b',
      'deleted made:e',
      'deleted made:m',
      'foreign other',
    ]);
    expect((await post(url, '{}')).status).toBe(400);
    expect(logged.at(-1)).toEqual(['event rejected', 'invalid-event']);
    expect((await fetch(`${url}/images/a`)).status).toBe(404);
  });

  test('the service accepts events in chunks and rejects events above the maximum size', async () => {
    const { url } = await start({ SERVICE_MODE: 'worker', TRIGGER: 'http', EVENTS_TOKEN: TOKEN });
    const authorization = `Bearer ${TOKEN}`;
    expect(await postChunks(url, [notification('photos', 'made:chunked')], authorization)).toBe(202);
    await eventually(() => logged.find(([event, key]) => event === 'deleted' && key === 'made:chunked'), 'the outcome');
    const chunk = 'x'.repeat(300_000);
    expect(await postChunks(url, [chunk, chunk, chunk, chunk], authorization)).toBe(413);
    expect(await postChunks(url, [chunk], 'Bearer wrong')).toBe(401);
    expect(await postChunks(url, ['{"Records":'], authorization)).toBe(400);
    const rejections = logged.filter(([event]) => event === 'event rejected').map(([, code]) => code);
    expect(rejections).toEqual(['file-too-large', 'unauthorized', 'invalid-event']);
  });

  test('the service retries an event after a worker crash, and worker processes do not receive EVENTS_TOKEN', async () => {
    const { url } = await start({ SERVICE_MODE: 'worker', TRIGGER: 'http', EVENTS_TOKEN: TOKEN });
    await post(url, notification('photos', 'crashOnce:a', `secret:${TOKEN}`));
    await eventually(
      () => logged.find(([event, key]) => event === 'deleted' && key === 'crashOnce:a'),
      'the second attempt',
    );
    await eventually(
      () => logged.find(([event, key]) => event === 'deleted' && key === `secret:${TOKEN}`),
      'the secret',
    );
    expect(logged).toContainEqual(['replaced', 'worker-crashed', 'crashOnce:a']);
  });
});

test('the status of /ready depends on the object stores', async () => {
  const { url } = await start({ SERVICE_MODE: 'worker' });
  const status = async () => (await fetch(`${url}/ready`)).status;
  expect(await status()).toBe(200);
  renameSync(join(directory, 'thumbnails'), join(directory, 'elsewhere'));
  await eventually(async () => (await status()) === 503 || undefined, 'status 503');
  expect(await codeOf(await fetch(`${url}/ready`))).toEqual([503, 'storage-unavailable']);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  renameSync(join(directory, 'elsewhere'), join(directory, 'thumbnails'));
  await eventually(async () => (await status()) === 200 || undefined, 'status 200');
  // The first comparison of sources with thumbnails can also fail, because the directory is missing.
  expect(logged.filter(([event]) => event !== 'comparison failed')).toEqual([['not ready'], ['ready']]);
});

describe('stop', () => {
  test('stop() completes open requests, rejects new connections and ends all worker processes', async () => {
    const { url, service: running } = await start({ SERVICE_MODE: 'api', STOP_TIMEOUT_SECONDS: '60' });
    const pids = running.workerPids();
    const agent = new Agent({ keepAlive: true });
    createSource('wait:500');
    const held = new Promise<string | undefined>((resolve, reject) => {
      get(`${url}/thumbnails/small/wait:500`, { agent }, (response) => {
        response.resume().on('end', () => resolve(`${response.statusCode} ${response.headers.connection}`));
      }).on('error', reject);
    });
    const waiting = thumbnail(url, 'made:after');
    await eventually(() => started.length === 2 || undefined, 'the requests to start');
    await running.stop();
    expect(await held).toBe('404 close');
    expect((await waiting).status).toBe(404);
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
    expect(pids.map(isAlive)).toEqual([false]);
    agent.destroy();
  });

  test('stop() fails unfinished requests within the stop timeout', async () => {
    const { url, service: running } = await start({ SERVICE_MODE: 'api', STOP_TIMEOUT_SECONDS: '1' });
    const pids = running.workerPids();
    const requests = [thumbnail(url, 'hang')];
    await eventually(() => started.length === 1 || undefined, 'the first request to start');
    requests.push(thumbnail(url, 'made:behind'));
    await eventually(() => started.length === 2 || undefined, 'the requests to start');
    await running.stop();
    for (const request of requests) {
      expect(await codeOf(await request)).toEqual([503, 'shutting-down']);
    }
    expect(pids.map(isAlive)).toEqual([false]);
  });
});

describe('start', () => {
  test('startService() rejects if the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start({ PORT: String(port) })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    other.close();
  });

  test('startService() rejects if no worker process can start', async () => {
    await expect(start({ START: 'unable' })).rejects.toThrow(
      /cannot start a worker process .*: SOURCE_BUCKET: is not set/,
    );
  });
});
