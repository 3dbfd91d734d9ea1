import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildBundles, type Bundles } from '../support/bundles';
import { quadrants } from '../support/images';
import { NodeProcess } from '../support/node-process';
import { ServiceProcess } from '../support/service-process';
import { gatewayEvent } from '../unit/http/gateway-event';
import { invocation, linesOf, restoreEnvironment, loadEntryPoint } from '../unit/lambda/entry-points';

// One suite for every door that the API is reached by: whatever runs it, a client cannot tell.

const THUMBNAILS = JSON.stringify([
  { name: 'small', fit: 'inside', width: 60, height: 60, formats: [{ type: 'webp' }, { type: 'jpeg' }] },
  { name: 'square', fit: 'cover', width: 48, height: 48, formats: [{ type: 'avif' }] },
]);

interface Question {
  readonly method?: string;
  /** As a client sends it. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

interface Door {
  ask(question: Question): Promise<Answer>;
  close(): Promise<unknown>;
}

let bundles: Bundles;
let folder: string;

/** A folder with the same images for each door, which makes its own thumbnails. */
function imagesOf(door: string, files: Readonly<Record<string, Buffer>>): { images: string; thumbnails: string } {
  const data = join(folder, door);
  for (const [key, bytes] of Object.entries(files)) {
    mkdirSync(join(data, 'images', dirname(key)), { recursive: true });
    writeFileSync(join(data, 'images', key), bytes);
  }
  return { images: join(data, 'images'), thumbnails: join(data, 'thumbnails') };
}

function byHttp(url: string, close: () => Promise<unknown>): Door {
  const { hostname, port } = new URL(url);
  return {
    close,
    // Not fetch, which changes paths.
    ask: ({ method, path, headers }) =>
      new Promise((resolve, reject) => {
        request({ hostname, port, method, path, headers, agent: false }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
          );
        })
          .on('error', reject)
          .end();
      }),
  };
}

const openers: Readonly<Record<string, (files: Readonly<Record<string, Buffer>>) => Promise<Door>>> = {
  'the function': (files) => {
    const { images, thumbnails } = imagesOf('function', files);
    const { handler } = loadEntryPoint(dirname(bundles.path('service')), 'api-function', {
      STORAGE: 'directory',
      SOURCE_DIRECTORY: images,
      THUMBNAIL_DIRECTORY: thumbnails,
      THUMBNAILS,
      POWERTOOLS_METRICS_NAMESPACE: 'Thumbnails',
    });
    let last = Promise.resolve<Answer>({ status: 0, headers: {}, body: Buffer.alloc(0) });
    return Promise.resolve({
      close: () => Promise.resolve(restoreEnvironment()),
      // One after the other, as a function is called, and so that its lines can be kept from the output.
      ask: ({ path, ...rest }) =>
        (last = last.then(async () => {
          const [encoded = '', rawQueryString] = path.split('?');
          let answer: Awaited<ReturnType<typeof handler>> = {};
          await linesOf(async () => {
            answer = await handler(
              gatewayEvent({ rawPath: decodeURIComponent(encoded), rawQueryString, ...rest }),
              invocation(),
            );
          });
          const body = Buffer.from(answer.body ?? '', answer.isBase64Encoded ? 'base64' : 'utf8');
          return { status: answer.statusCode, headers: answer.headers ?? {}, body };
        })),
    });
  },
  'the service': async (files) => {
    const { images, thumbnails } = imagesOf('service', files);
    const service = await ServiceProcess.start(bundles.path('service'), {
      SERVICE_MODE: 'api',
      STORAGE: 'directory',
      SOURCE_DIRECTORY: images,
      THUMBNAIL_DIRECTORY: thumbnails,
      THUMBNAILS,
      WORKER_PROCESSES: '1',
    });
    return byHttp(service.started.url, () => service.stop('SIGKILL'));
  },
  'the local run': (files) => local('lambda', files),
  'the local run of the service': (files) => local('fargate', files),
};

async function local(variant: string, files: Readonly<Record<string, Buffer>>): Promise<Door> {
  const data = dirname(imagesOf(variant, files).images);
  const assembly = join(data, 'cdk.out');
  mkdirSync(assembly);
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'Photos.json' } };
  writeFileSync(join(assembly, 'manifest.json'), JSON.stringify({ artifacts: { Photos: stack } }));
  const Upload = { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: { THUMBNAILS } } } };
  writeFileSync(join(assembly, 'Photos.json'), JSON.stringify({ Resources: { Upload } }));
  const running = NodeProcess.start([bundles.path('studio'), assembly, '--variant', variant], {
    PORT: '0',
    DATA_DIR: data,
    WORKER_PROCESSES: '1',
  });
  const [, url = ''] = await running.waitForOutput(/pipeline +(http:\S+)[\s\S]*Try it/);
  return byHttp(url, () => running.stop('SIGKILL'));
}

const names = Object.keys(openers);
let doors: readonly Door[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-every-door-'));
  bundles = buildBundles();
  const files = {
    'a/my cat+1.jpg': await quadrants({ width: 90, height: 60, orientation: 6 }),
    'moving/été 100%.png': await quadrants({ width: 70, height: 70, format: 'png' }),
    'notes.txt': Buffer.from('no picture'),
    'cut.jpg': (await quadrants({ width: 200, height: 200 })).subarray(0, 900),
  };
  doors = await Promise.all(Object.values(openers).map((open) => open(files)));
}, 120_000);
afterAll(async () => {
  await Promise.all(doors.map((door) => door.close()));
  bundles.remove();
  rmSync(folder, { recursive: true });
});

/** Headers that are a matter between the server and its client, or of the moment. */
const OF_THE_CONNECTION = [
  'server-timing',
  'connection',
  'date',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'last-modified',
];

/** What every door answers to a question: fails unless it is the same. */
async function ask(question: Question): Promise<Answer> {
  const answers = await Promise.all(
    doors.map(async (door) => {
      const { status, headers, body } = await door.ask(question);
      const said = Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name));
      return { status, headers: Object.fromEntries(said), body };
    }),
  );
  answers.forEach((answer, index) =>
    expect({ of: names[index], ...answer }).toEqual({ of: names[index], ...answers[0] }),
  );
  return answers[0]!;
}

const CAT = '/thumbnails/small/a/my%20cat%2B1.jpg';

test('a thumbnail that is made on the spot, byte for byte, and then the stored one', async () => {
  const made = await ask({ path: CAT });
  expect([made.status, made.headers['content-type'], made.body.toString('latin1', 8, 12)]).toEqual([
    200,
    'image/webp',
    'WEBP',
  ]);
  expect(made.body.length).toBeGreaterThan(100);
  expect(await ask({ path: CAT })).toEqual(made);
  const etag = String(made.headers['etag']);
  const unchanged = await ask({ path: CAT, headers: { 'if-none-match': etag } });
  expect([unchanged.status, unchanged.body.length, unchanged.headers['etag']]).toEqual([304, 0, etag]);
});

test.each([
  ['in the format that is asked for', `${CAT}?format=jpeg`, 'image/jpeg'],
  ['with its key in the query', '/thumbnails/small?key=a%2Fmy+cat%2B1.jpg', 'image/webp'],
  [
    'of a key that paths cannot carry everywhere',
    '/thumbnails/square?key=moving%2F%C3%A9t%C3%A9+100%25.png',
    'image/avif',
  ],
])('a thumbnail %s', async (_, path, type) => {
  const { status, headers, body } = await ask({ path });
  expect([status, headers['content-type'], body.length > 100]).toEqual([200, type, true]);
});

test('the manifest of an image, and of one that is refused', async () => {
  // Made or refused by now, whether a door's worker has come to it or not.
  await Promise.all([ask({ path: CAT }), ask({ path: '/thumbnails/small/cut.jpg' })]);
  const made = await ask({ path: '/images/a/my%20cat%2B1.jpg' });
  expect([made.status, made.headers['content-type']]).toEqual([200, 'application/json']);
  expect(JSON.parse(made.body.toString())).toMatchObject({
    status: 'ready',
    source: { key: 'a/my cat+1.jpg' },
    image: { width: 90, height: 60 },
    thumbnails: [{ name: 'small', format: 'webp' }, { format: 'jpeg' }, { name: 'square' }],
  });
  const refused = await ask({ path: '/images/cut.jpg' });
  expect(JSON.parse(refused.body.toString())).toMatchObject({ status: 'rejected', rejection: { code: 'truncated' } });
});

test.each([
  ['unknown-thumbnail', 404, { path: '/thumbnails/huge/a.jpg' }],
  ['unknown-format', 400, { path: `${CAT}?format=png` }],
  ['image-not-found', 404, { path: '/thumbnails/small/none.jpg' }],
  ['image-not-found', 404, { path: '/images?key=none.jpg' }],
  ['unsupported-format', 415, { path: '/thumbnails/small/notes.txt' }],
  ['truncated', 422, { path: '/thumbnails/square/cut.jpg' }],
  ['invalid-key', 400, { path: '/images?key=' }],
  ['method-not-allowed', 405, { path: CAT, method: 'PATCH' }],
])('%s is a problem document', async (code, status, question) => {
  const { headers, body, ...answer } = await ask(question);
  expect([answer.status, headers['content-type'], headers['cache-control']]).toEqual([
    status,
    'application/problem+json',
    'no-store',
  ]);
  expect(JSON.parse(body.toString())).toMatchObject({ code, status });
});

test('it is alive, and of one version', async () => {
  const { status, body } = await ask({ path: '/health' });
  expect([status, JSON.parse(body.toString())]).toEqual([200, { status: 'ok', version: expect.any(String) as string }]);
});
