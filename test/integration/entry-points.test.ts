import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { quadrants } from '../support/images';
import { buildBundles, type Bundles } from '../support/processes/bundles';
import { freePort } from '../support/processes/free-port';
import { NodeProcess } from '../support/processes/node-process';
import { ServiceProcess } from '../support/processes/service-process';
import { gatewayEvent } from '../unit/http/gateway-event';
import { invocation, linesOf, restoreEnvironment, loadEntryPoint } from '../unit/lambda/entry-points';

// Sends the same requests to every entry point of the HTTP API and compares the responses.

const THUMBNAILS = JSON.stringify([
  { name: 'small', fit: 'inside', width: 60, height: 60, formats: [{ type: 'webp' }, { type: 'jpeg' }] },
  { name: 'square', fit: 'cover', width: 48, height: 48, formats: [{ type: 'avif' }] },
]);

interface ApiRequest {
  readonly method?: string;
  /** Path and query as sent by the client. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ApiResponse {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

interface EntryPoint {
  send(apiRequest: ApiRequest): Promise<ApiResponse>;
  close(): Promise<unknown>;
}

let bundles: Bundles;
let folder: string;

/** Creates a folder with images for one entry point. The entry point stores its thumbnails in the same folder. */
function imagesOf(entryPoint: string, files: Readonly<Record<string, Buffer>>): { images: string; thumbnails: string } {
  const data = join(folder, entryPoint);
  for (const [key, bytes] of Object.entries(files)) {
    mkdirSync(join(data, 'images', dirname(key)), { recursive: true });
    writeFileSync(join(data, 'images', key), bytes);
  }
  return { images: join(data, 'images'), thumbnails: join(data, 'thumbnails') };
}

function byHttp(url: string, close: () => Promise<unknown>): EntryPoint {
  const { hostname, port } = new URL(url);
  return {
    close,
    // fetch() normalizes paths.
    send: ({ method, path, headers }) =>
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

const openers: Readonly<Record<string, (files: Readonly<Record<string, Buffer>>) => Promise<EntryPoint>>> = {
  'the function': (files) => {
    const { images, thumbnails } = imagesOf('function', files);
    const { handler } = loadEntryPoint(dirname(bundles.path('service')), 'api-function', {
      STORAGE: 'directory',
      SOURCE_DIRECTORY: images,
      THUMBNAIL_DIRECTORY: thumbnails,
      THUMBNAILS,
      POWERTOOLS_METRICS_NAMESPACE: 'Thumbnails',
    });
    let last = Promise.resolve<ApiResponse>({ status: 0, headers: {}, body: Buffer.alloc(0) });
    return Promise.resolve({
      close: () => Promise.resolve(restoreEnvironment()),
      // The requests are sequential, because the test captures the log lines of one request at a time.
      send: ({ path, ...rest }) =>
        (last = last.then(async () => {
          const [encoded = '', rawQueryString] = path.split('?');
          let response: Awaited<ReturnType<typeof handler>> = {};
          await linesOf(async () => {
            response = await handler(
              gatewayEvent({ rawPath: decodeURIComponent(encoded), rawQueryString, ...rest }),
              invocation(),
            );
          });
          const body = Buffer.from(response.body ?? '', response.isBase64Encoded ? 'base64' : 'utf8');
          return { status: response.statusCode, headers: response.headers ?? {}, body };
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
  'the web function': async (files) => {
    const { images, thumbnails } = imagesOf('web-function', files);
    const address = `127.0.0.1:${await freePort()}`;
    const service = await ServiceProcess.start(bundles.path('service'), {
      SERVICE_MODE: 'api',
      STORAGE: 'directory',
      SOURCE_DIRECTORY: images,
      THUMBNAIL_DIRECTORY: thumbnails,
      THUMBNAILS,
      WORKER_PROCESSES: '1',
      AWS_LAMBDA_HTTP_ENDPOINT: address,
    });
    expect(new URL(service.started.url).port).toBe(address.split(':')[1]);
    return byHttp(service.started.url, () => service.stop('SIGKILL'));
  },
  'the local run': (files) => local('lambda', files),
  'the local run of the service': (files) => local('fargate', files),
};

async function local(variant: string, files: Readonly<Record<string, Buffer>>): Promise<EntryPoint> {
  const data = dirname(imagesOf(variant, files).images);
  const assembly = join(data, 'cdk.out');
  mkdirSync(assembly);
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'Photos.json' } };
  writeFileSync(join(assembly, 'manifest.json'), JSON.stringify({ artifacts: { Photos: stack } }));
  const Upload = { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: { THUMBNAILS } } } };
  writeFileSync(join(assembly, 'Photos.json'), JSON.stringify({ Resources: { Upload } }));
  const running = NodeProcess.start([bundles.path('cdk-thumbnails'), 'start', assembly, '--variant', variant], {
    PORT: '0',
    DATA_DIR: data,
    WORKER_PROCESSES: '1',
  });
  const [, url = ''] = await running.waitForOutput(/pipeline +(http:\S+)[\s\S]*Try it/);
  return byHttp(url, () => running.stop('SIGKILL'));
}

const names = Object.keys(openers);
let entryPoints: readonly EntryPoint[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-entry-points-'));
  bundles = buildBundles();
  const files = {
    'a/my cat+1.jpg': await quadrants({ width: 90, height: 60, orientation: 6 }),
    'moving/été 100%.png': await quadrants({ width: 70, height: 70, format: 'png' }),
    'notes.txt': Buffer.from('plain text'),
    'cut.jpg': (await quadrants({ width: 200, height: 200 })).subarray(0, 900),
  };
  entryPoints = await Promise.all(Object.values(openers).map((open) => open(files)));
}, 120_000);
afterAll(async () => {
  await Promise.all(entryPoints.map((entryPoint) => entryPoint.close()));
  bundles.remove();
  rmSync(folder, { recursive: true });
});

/** Names of response headers that depend on the connection or the time. */
const IGNORED_HEADERS = [
  'x-request-id',
  'server-timing',
  'connection',
  'date',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'last-modified',
];

/** Sends a request to every entry point. Expects equal responses and returns the first response. */
async function send(apiRequest: ApiRequest): Promise<ApiResponse> {
  const responses = await Promise.all(
    entryPoints.map(async (entryPoint) => {
      const { status, headers, body } = await entryPoint.send(apiRequest);
      const compared = Object.entries(headers).filter(([name]) => !IGNORED_HEADERS.includes(name));
      return { status, headers: Object.fromEntries(compared), body };
    }),
  );
  responses.forEach((response, index) =>
    expect({ of: names[index], ...response }).toEqual({ of: names[index], ...responses[0] }),
  );
  return responses[0]!;
}

const CAT = '/thumbnails/small/a/my%20cat%2B1.jpg';

test('the response after an on-demand render and the stored thumbnail have equal bytes', async () => {
  const made = await send({ path: CAT });
  expect([made.status, made.headers['content-type'], made.body.toString('latin1', 8, 12)]).toEqual([
    200,
    'image/webp',
    'WEBP',
  ]);
  expect(made.body.length).toBeGreaterThan(100);
  expect(await send({ path: CAT })).toEqual(made);
  const etag = String(made.headers['etag']);
  const unchanged = await send({ path: CAT, headers: { 'if-none-match': etag } });
  expect([unchanged.status, unchanged.body.length, unchanged.headers['etag']]).toEqual([304, 0, etag]);
});

test.each([
  ['in the requested format', `${CAT}?format=jpeg`, 'image/jpeg'],
  ['with the key in the query', '/thumbnails/small?key=a%2Fmy+cat%2B1.jpg', 'image/webp'],
  ['of a key that some paths do not support', '/thumbnails/square?key=moving%2F%C3%A9t%C3%A9+100%25.png', 'image/avif'],
])('a thumbnail %s', async (_, path, type) => {
  const { status, headers, body } = await send({ path });
  expect([status, headers['content-type'], body.length > 100]).toEqual([200, type, true]);
});

test('the entry points return the manifests of a rendered and a rejected image', async () => {
  // Renders both images on demand, so that the test does not depend on the workers.
  await Promise.all([send({ path: CAT }), send({ path: '/thumbnails/small/cut.jpg' })]);
  const made = await send({ path: '/images/a/my%20cat%2B1.jpg' });
  expect([made.status, made.headers['content-type']]).toEqual([200, 'application/json']);
  expect(JSON.parse(made.body.toString())).toMatchObject({
    status: 'ready',
    source: { key: 'a/my cat+1.jpg' },
    image: { width: 90, height: 60 },
    thumbnails: [{ name: 'small', format: 'webp' }, { format: 'jpeg' }, { name: 'square' }],
  });
  const rejected = await send({ path: '/images/cut.jpg' });
  expect(JSON.parse(rejected.body.toString())).toMatchObject({ status: 'rejected', rejection: { code: 'truncated' } });
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
])('%s is a problem document', async (code, status, apiRequest) => {
  const { headers, body, ...response } = await send(apiRequest);
  expect([response.status, headers['content-type'], headers['cache-control']]).toEqual([
    status,
    'application/problem+json',
    'no-store',
  ]);
  expect(JSON.parse(body.toString())).toMatchObject({ code, status });
});

test('the path /health returns the version', async () => {
  const { status, body } = await send({ path: '/health' });
  expect([status, JSON.parse(body.toString())]).toEqual([200, { status: 'ok', version: expect.any(String) as string }]);
});
