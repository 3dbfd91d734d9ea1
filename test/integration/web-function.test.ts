// Starts the deployed folder as Lambda starts a web function: with AWS_LAMBDA_HTTP_ENDPOINT and the variables of the template,
// but without HOST and PORT. To use the Node.js version of Lambda, set NODE_24 to the path of Node.js 24.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ThumbnailAccess, ThumbnailCompute, type ThumbnailPipelineApiOptions } from '../../lib';
import { FAILURE_TERMS } from '../../lib/compute/web-function/web-function-metrics';
import { signUrl } from '../../runtime/http';
import { ARCHITECTURES } from '../../scripts/runtime';
import { quadrants, seenQuadrants, UPRIGHT } from '../support/images';
import { freePort } from '../support/processes/free-port';
import { NodeProcess, peakBytesOf } from '../support/processes/node-process';
import type { LogLine, StartedFields } from '../support/processes/service-process';
import { synthesize } from '../support/templates/stacks';

/** Memory of an execution environment in MiB. All processes of the environment share this memory. */
const ENVIRONMENT_MIB = 2048;
/** Maximum number of concurrent requests that Lambda sends to an execution environment by default. */
const CONCURRENCY = 64;

const assets = join(__dirname, '../../dist/assets');
const architecture = Object.entries(ARCHITECTURES).find(([, cpu]) => cpu === process.arch)![0];
let data: string;
let server: NodeProcess;
let started: StartedFields;
let address: string;

/** Returns the variables of each web function in a template, without references to buckets. */
function variablesOfTemplate(api: ThumbnailPipelineApiOptions = {}): Record<string, string>[] {
  const { template } = synthesize({ api: { compute: ThumbnailCompute.webFunction(), ...api } });
  return Object.entries(template.findResources('AWS::Lambda::WebFunctionRevision'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, revision]) => {
      const { ServiceConfig } = revision['Properties'] as {
        readonly ServiceConfig: { readonly EnvironmentVariables: Readonly<Record<string, unknown>> };
      };
      const texts = Object.entries(ServiceConfig.EnvironmentVariables).filter(([, value]) => typeof value === 'string');
      return Object.fromEntries(texts) as Record<string, string>;
    });
}

/** Starts the deployed entry point of a web function in the same way as Lambda, with the variables of the function. */
function startWebFunction(
  variables: Readonly<Record<string, string>>,
  endpoint: string,
  others: Readonly<Record<string, string>> = {},
): NodeProcess {
  return NodeProcess.start(
    [join(assets, architecture, variables['AWS_LAMBDA_NODEJS_ENTRYPOINT']!)],
    {
      ...variables,
      STORAGE: 'directory',
      SOURCE_DIRECTORY: join(data, 'images'),
      THUMBNAIL_DIRECTORY: join(data, 'thumbnails'),
      AWS_LAMBDA_HTTP_ENDPOINT: endpoint,
      AWS_LAMBDA_INITIALIZATION_TYPE: 'native-http',
      ...others,
    },
    undefined,
    process.env['NODE_24'],
  );
}

async function startedOf(process: NodeProcess): Promise<StartedFields> {
  const [line] = await process.waitForOutput(/^\{.*"message":"service started".*\}$/m);
  return JSON.parse(line) as StartedFields;
}

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-web-function-'));
  mkdirSync(join(data, 'images'));
  const photo = await quadrants({ width: 800, height: 600, orientation: 6 });
  for (let index = 0; index < CONCURRENCY; index += 1) {
    writeFileSync(join(data, 'images', `photo-${index}.jpg`), photo);
  }
  address = `127.0.0.1:${await freePort()}`;
  server = startWebFunction(variablesOfTemplate()[0]!, address);
  started = await startedOf(server);
});
afterAll(async () => {
  await server.stop('SIGKILL');
  rmSync(data, { recursive: true });
});

const get = (path: string): Promise<Response> => fetch(`http://${address}${path}`);
const linesWith = (message: string): LogLine[] =>
  server.output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes(`"message":"${message}"`))
    .map((line) => JSON.parse(line) as LogLine);
const peakMiBOf = (pid: number): number => peakBytesOf(pid) / 2 ** 20;

test('the server listens on the address of Lambda with the worker processes of the template', async () => {
  expect(started.url).toBe(`http://localhost:${address.split(':')[1]}`);
  expect(started.workerPids).toHaveLength(3);
  expect((await get('/health')).status).toBe(200);
});

test('64 concurrent requests for missing thumbnails succeed within the memory of an environment', async () => {
  const responses = await Promise.all(
    Array.from({ length: CONCURRENCY }, (_, index) => get(`/thumbnails/large/photo-${index}.jpg`)),
  );
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await seenQuadrants(Buffer.from(await responses[0]!.arrayBuffer()))).toEqual(UPRIGHT);
  expect([...linesWith('lost a worker process'), ...linesWith('recycled a worker process')]).toEqual([]);
  if (process.platform === 'linux') {
    const peaks = [server.pid, ...started.workerPids].map(peakMiBOf);
    expect(peaks.every((peak) => peak > 0)).toBe(true);
    expect(peaks.reduce((sum, peak) => sum + peak)).toBeLessThan(ENVIRONMENT_MIB);
  }
});

test('a failed request writes the log line that the alarm counts', async () => {
  const thumbnails = join(data, 'thumbnails');
  renameSync(thumbnails, join(data, 'moved'));
  writeFileSync(thumbnails, 'not a directory');
  const failed = await get('/thumbnails/large/photo-0.jpg');
  rmSync(thumbnails);
  renameSync(join(data, 'moved'), thumbnails);
  expect(failed.status).toBeGreaterThanOrEqual(500);
  const counted = server.output.split('\n').filter((line) => FAILURE_TERMS.every((term) => line.includes(term)));
  expect(counted).toHaveLength(1);
});

test('the server stops on SIGTERM after it has served a stored thumbnail', async () => {
  const stored = await get('/thumbnails/large/photo-0.jpg');
  expect([stored.status, stored.headers.get('content-type')]).toEqual([200, 'image/webp']);
  await stored.arrayBuffer();
  expect(await server.stop()).toBe(0);
});

describe('different access for reading and writing starts two processes', () => {
  const KEYS = JSON.stringify({ k1: '0123456789abcdef0123456789abcdef' });
  const UPLOAD = { key: 'new.jpg', contentType: 'image/jpeg', bytes: 9 };
  let reading: NodeProcess;
  let writing: NodeProcess;
  let readUrl: string;
  let writeUrl: string;
  let writeStarted: StartedFields;

  beforeAll(async () => {
    const access = { access: ThumbnailAccess.publicRead(), writeAccess: ThumbnailAccess.signed() };
    const [readVariables, writeVariables] = variablesOfTemplate(access);
    const [readAddress, writeAddress] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    reading = startWebFunction(readVariables!, readAddress);
    writing = startWebFunction(writeVariables!, writeAddress, { SIGNING_KEYS: KEYS });
    [, writeStarted] = await Promise.all([startedOf(reading), startedOf(writing)]);
    readUrl = `http://${readAddress}`;
    writeUrl = `http://${writeAddress}`;
  });
  afterAll(async () => {
    await Promise.all([reading.stop('SIGKILL'), writing.stop('SIGKILL')]);
  });

  const statusOf = async (url: string, init?: RequestInit): Promise<number> => (await fetch(url, init)).status;
  const linkTo = (path: string, method: string): string =>
    signUrl(writeUrl + path, {
      id: 'k1',
      key: '0123456789abcdef0123456789abcdef',
      method,
      expires: new Date(Date.now() + 60_000),
    });
  const post = (url: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(UPLOAD),
    });
  const pathsOf = async (url: string): Promise<string[]> => {
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { readonly paths: object };
    return Object.keys(paths);
  };

  test('the process for reading serves thumbnails, and has no routes for writing', async () => {
    expect(await statusOf(`${readUrl}/thumbnails/large/photo-1.jpg`)).toBe(200);
    expect((await post(`${readUrl}/uploads`)).status).toBe(404);
    expect(await statusOf(`${readUrl}/images/photo-1.jpg`, { method: 'DELETE' })).toBe(405);
    expect(await pathsOf(readUrl)).not.toContain('/uploads');
  });

  test('the process for writing has one worker process, and no routes for reading', async () => {
    expect(writeStarted.workerPids).toHaveLength(1);
    expect(await statusOf(`${writeUrl}/health`)).toBe(200);
    expect(await statusOf(`${writeUrl}/ready`)).toBe(200);
    expect(await statusOf(`${writeUrl}/thumbnails/large/photo-1.jpg`)).toBe(404);
    expect(await statusOf(`${writeUrl}/images/photo-1.jpg`)).toBe(405);
    expect(await pathsOf(writeUrl)).toEqual(expect.arrayContaining(['/uploads', '/images/{key}']));
    expect(await pathsOf(writeUrl)).not.toContain('/thumbnails/{name}/{key}');
  });

  test('the process for writing accepts signed links only', async () => {
    expect((await post(`${writeUrl}/uploads?key=new.jpg`)).status).toBe(403);
    const response = await post(linkTo('/uploads?key=new.jpg', 'POST'));
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ key: 'new.jpg', image: '/images/new.jpg' });
    expect(await statusOf(`${writeUrl}/images/photo-2.jpg`, { method: 'DELETE' })).toBe(403);
    expect(await statusOf(linkTo('/images/photo-2.jpg', 'DELETE'), { method: 'DELETE' })).toBe(204);
    expect(await statusOf(`${readUrl}/images/photo-2.jpg`)).toBe(404);
  });
});
