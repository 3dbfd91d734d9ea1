// Starts the deployed folder like a Lambda web function: AWS_LAMBDA_HTTP_ENDPOINT, the variables of the template,
// without HOST and PORT. Set NODE_24 to the path of Node.js 24 for the version that Lambda runs.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ThumbnailCompute } from '../../lib';
import { FAILURE_TERMS } from '../../lib/compute/web-function/web-function-metrics';
import { ARCHITECTURES } from '../../scripts/runtime';
import { quadrants, seenQuadrants, UPRIGHT } from '../support/images';
import { freePort } from '../support/processes/free-port';
import { NodeProcess, peakBytesOf } from '../support/processes/node-process';
import type { LogLine, StartedFields } from '../support/processes/service-process';
import { onlyResource, synthesize } from '../support/templates/stacks';

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

/** Variables of the web function in a template, without references to buckets. */
function variablesOfTemplate(): Record<string, string> {
  const { template } = synthesize({ api: { compute: ThumbnailCompute.webFunction() } });
  const { ServiceConfig } = onlyResource(template, 'AWS::Lambda::WebFunctionRevision') as {
    readonly ServiceConfig: { readonly EnvironmentVariables: Readonly<Record<string, unknown>> };
  };
  const texts = Object.entries(ServiceConfig.EnvironmentVariables).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts) as Record<string, string>;
}

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-web-function-'));
  mkdirSync(join(data, 'images'));
  const photo = await quadrants({ width: 800, height: 600, orientation: 6 });
  for (let index = 0; index < CONCURRENCY; index += 1) {
    writeFileSync(join(data, 'images', `photo-${index}.jpg`), photo);
  }
  const variables = variablesOfTemplate();
  const entryPoint = join(assets, architecture, variables['AWS_LAMBDA_NODEJS_ENTRYPOINT']!);
  address = `127.0.0.1:${await freePort()}`;
  server = NodeProcess.start(
    [entryPoint],
    {
      ...variables,
      STORAGE: 'directory',
      SOURCE_DIRECTORY: join(data, 'images'),
      THUMBNAIL_DIRECTORY: join(data, 'thumbnails'),
      AWS_LAMBDA_HTTP_ENDPOINT: address,
      AWS_LAMBDA_INITIALIZATION_TYPE: 'native-http',
    },
    undefined,
    process.env['NODE_24'],
  );
  const [line] = await server.waitForOutput(/^\{.*"message":"service started".*\}$/m);
  started = JSON.parse(line) as StartedFields;
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
