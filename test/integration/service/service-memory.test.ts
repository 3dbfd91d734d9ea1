import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quadrants } from '../../support/images';
import { buildBundles, type Bundles } from '../../support/processes/bundles';
import { ServiceProcess } from '../../support/processes/service-process';
import { formOf, type Upload } from '../../support/upload';

// Sends request bodies that exceed the permitted memory growth, and reads the peak memory of the main process from the kernel.
// A limit of the address space would not work, because V8 reserves more address space than it uses.

const MIB = 2 ** 20;
/** Maximum growth of the main process in bytes. Each test sends several times this number of bytes. */
const MAX_GROWTH = 160 * MIB;
const TOKEN = 'a-secret-of-some-length';

let bundles: Bundles;
let directory: string;
let service: ServiceProcess;
beforeAll(async () => {
  bundles = buildBundles();
  directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-memory-'));
  for (const name of ['images', 'temporary']) {
    mkdirSync(join(directory, name));
  }
  writeFileSync(join(directory, 'images', 'honest.png'), await quadrants({ format: 'png' }));
}, 120_000);
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
  bundles.remove();
});
beforeEach(async () => {
  service = await ServiceProcess.start(bundles.path('service'), {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: join(directory, 'images'),
    THUMBNAIL_DIRECTORY: join(directory, 'thumbnails'),
    TMPDIR: join(directory, 'temporary'),
    TRIGGER: 'http',
    EVENTS_TOKEN: TOKEN,
    WRITE_ACCESS: 'open',
    WORKER_PROCESSES: '1',
    MAX_QUEUED_RENDERS: '2',
  });
});
afterEach(async () => {
  await service.stop('SIGKILL');
});

/** Sends the text `start` and a chunked body of zeros. Ends when the body is complete or the service closes the connection. */
function post(
  path: string,
  headers: Readonly<Record<string, string>>,
  start: string,
  bytes: number,
): Promise<number | 'closed'> {
  return new Promise((resolve, reject) => {
    let status: number | undefined;
    const chunk = Buffer.alloc(64 * 1024);
    const client = request(service.started.url + path, { method: 'POST', headers, agent: false }, (response) => {
      status = response.statusCode;
      response.resume().on('error', () => undefined);
      client.destroy();
    });
    client
      // The service closes the connection before the body is complete. The response can therefore be lost.
      .on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EPIPE' || error.code === 'ECONNRESET' ? resolve(status ?? 'closed') : reject(error),
      )
      .on('close', () => resolve(status ?? 'closed'));
    client.write(start);
    let left = bytes;
    const write = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!client.write(chunk)) {
          client.once('drain', write);
          return;
        }
      }
      client.end();
    };
    write();
  });
}

/** Maximum number of rounds of requests. A further round is necessary only if all responses of a round are lost. */
const MAX_ROUNDS = 20;

/** Sends `count` requests at once. Expects at least one response, and expects this status in all responses. */
async function expectOnly(status: number, count: number, send: () => Promise<number | 'closed'>): Promise<void> {
  const statuses = new Set<number | 'closed'>();
  for (let round = 0; round < MAX_ROUNDS && statuses.size === 0; round++) {
    const results = await times(count, send);
    results.filter((result) => result !== 'closed').forEach((result) => statuses.add(result));
  }
  expect(statuses).toEqual(new Set([status]));
}

async function growthDuring(work: () => Promise<void>): Promise<number> {
  if (process.platform !== 'linux') {
    await work();
    return 0;
  }
  const before = service.peakBytes;
  await work();
  return service.peakBytes - before;
}

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

test('the service rejects 60 unsigned upload forms of 16 MiB with little memory', async () => {
  const part = (name: string, more = ''): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
  const start = `${part('policy')}x\r\n${part('signature')}${'f'.repeat(64)}\r\n${part('file', '; filename="a"')}`;
  const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
  const growth = await growthDuring(async () => {
    await expectOnly(403, 60, () => post('/uploads/form', headers, start, 16 * MIB));
  });
  expect(growth).toBeLessThan(MAX_GROWTH);
});

test('the service rejects chunked bodies of 16 MiB with little memory', async () => {
  const json = { 'Content-Type': 'application/json' };
  const growth = await growthDuring(async () => {
    await expectOnly(413, 30, () => post('/uploads', json, '{', 16 * MIB));
    const authorized = { ...json, Authorization: `Bearer ${TOKEN}` };
    await expectOnly(413, 30, () => post('/events', authorized, '{', 16 * MIB));
    await expectOnly(401, 30, () => post('/events', json, '{', 16 * MIB));
    // The response to a long body can be lost (see `post`). The client always receives the response to a short body.
    expect(await post('/events', json, '{', 0)).toBe(401);
  });
  expect(growth).toBeLessThan(MAX_GROWTH);
});

test('the service accepts three rounds of eight uploads of 8 MiB with little memory', async () => {
  const file = Buffer.alloc(8 * MIB, 1);
  const growth = await growthDuring(async () => {
    for (let round = 0; round < 3; round++) {
      const statuses = await times(8, async (index) => {
        const response = await fetch(`${service.started.url}/uploads`, {
          method: 'POST',
          body: JSON.stringify({ key: `big-${index}.jpg`, contentType: 'image/jpeg', bytes: file.length }),
        });
        const form = (await response.json()) as Upload;
        return (await fetch(form.upload.url, { method: 'POST', body: formOf(form, file) })).status;
      });
      expect(new Set(statuses)).toEqual(new Set([204]));
    }
  });
  expect(growth).toBeLessThan(MAX_GROWTH);
  expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
});

test('500 requests for missing keys do not delay a request for an image', async () => {
  const get = async (key: string): Promise<number> => {
    const response = await fetch(`${service.started.url}/thumbnails/small/${key}`);
    await response.arrayBuffer();
    return response.status;
  };
  const growth = await growthDuring(async () => {
    const missing = times(500, (index) => get(`missing-${index}.jpg`));
    expect(await get('honest.png')).toBe(200);
    expect(new Set(await missing)).toEqual(new Set([404]));
  });
  expect(growth).toBeLessThan(MAX_GROWTH);
});
