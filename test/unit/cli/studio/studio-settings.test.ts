// Reads the settings of a deployed stack from a local server that implements the required operations of AWS.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startStudio } from '../../../../cli/studio/start-studio';
import { findSettings } from '../../../../cli/studio/studio-settings';
import { quadrants } from '../../../support/images';
import { upload } from '../../../support/upload';

// Jest cannot load chokidar, which is an ECMAScript module.
jest.mock('../../../../runtime/program/following/watch-directory', () => ({
  watchDirectory: () => Promise.resolve({ close: () => Promise.resolve() }),
}));

const THUMBNAILS = [{ name: 'small', fit: 'inside', width: 40, height: 40, formats: [{ type: 'webp' }] }];
const WITHOUT_THUMBNAILS = {
  STORAGE: 's3',
  SOURCE_BUCKET: 'photos',
  THUMBNAIL_BUCKET: 'thumbnails',
  POWERTOOLS_SERVICE_NAME: 'Photos',
  UPLOAD_KEY_TEMPLATE: 'up/{uuid}/{filename}',
  READ_ACCESS: 'signed',
  SIGNING_SECRET: 'secret',
};
const VARIABLES = { ...WITHOUT_THUMBNAILS, THUMBNAILS: JSON.stringify(THUMBNAILS) };
const SERVICE = 'arn:aws:ecs:eu-central-1:111122223333:service/cluster/worker';

/** Operations of AWS that `--stack` calls for a Lambda function. All of them only read. */
const READS = ['ListStackResources', 'GetFunctionConfiguration', 'ListEventSourceMappings'];

let server: Server;
let operations: string[];
let resources: readonly (readonly [type: string, id: string])[];
let variables: Readonly<Record<string, string>>;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  [operations, variables, environment] = [[], VARIABLES, { ...process.env }];
  resources = [
    ['AWS::Lambda::Function', 'upload'],
    ['AWS::CloudFront::Distribution', 'E123'],
  ];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const [operation, answer] = respond(request, body);
      operations.push(operation);
      response.writeHead(answer === undefined ? 400 : 200, { ETag: '"1"' });
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});
afterEach(() => {
  process.env = environment;
  server.closeAllConnections();
  server.close();
});

/** Returns the name of an operation and its response. Unknown operations have no response. */
function respond({ method, url = '', headers }: IncomingMessage, body: string): [string, unknown] {
  const { pathname } = new URL(url, 'http://localhost');
  const target = /\.(\w+)$/.exec(String(headers['x-amz-target'] ?? ''))?.[1];
  const action = new URLSearchParams(body).get('Action');
  if (method === 'GET' && pathname === '/2015-03-31/functions/upload/configuration') {
    return ['GetFunctionConfiguration', { Handler: 'upload-function.handler', Environment: { Variables: variables } }];
  }
  if (method === 'GET' && pathname.startsWith('/2015-03-31/event-source-mappings')) {
    return ['ListEventSourceMappings', { EventSourceMappings: [] }];
  }
  if (method === 'GET' && pathname === '/assets/settings.json') {
    return ['GetObject', { THUMBNAILS }];
  }
  if (action === 'ListStackResources') {
    const members = resources.map(
      ([type, id]) =>
        `<member><LogicalResourceId>${id}</LogicalResourceId><ResourceType>${type}</ResourceType>` +
        `<PhysicalResourceId>${id}</PhysicalResourceId></member>`,
    );
    return [
      action,
      `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${members.join('')}` +
        '</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>',
    ];
  }
  if (target === 'DescribeServices') {
    return [target, { services: [{ status: 'ACTIVE', taskDefinition: 'worker:1' }] }];
  }
  if (target === 'DescribeTaskDefinition') {
    const values = Object.entries(variables).map(([name, value]) => ({ name, value }));
    return [target, { taskDefinition: { containerDefinitions: [{ environment: values }] } }];
  }
  return [action ?? target ?? `${method} ${pathname}`, undefined];
}

test('--stack reads the settings of a Lambda function, but neither its bucket names nor its access settings', async () => {
  expect(await findSettings({ stack: 'Stack' }, 'lambda')).toEqual({
    variables: { THUMBNAILS: VARIABLES.THUMBNAILS, UPLOAD_KEY_TEMPLATE: VARIABLES.UPLOAD_KEY_TEMPLATE },
    origin: 'upload of the stack Stack',
    estimate: { compute: 'lambda', cloudFront: true },
  });
  expect(operations).toEqual(READS);
});

test('--stack reads the settings of an ECS service', async () => {
  resources = [['AWS::ECS::Service', SERVICE]];
  expect(await findSettings({ stack: 'Stack' }, 'lambda')).toMatchObject({
    variables: { THUMBNAILS: VARIABLES.THUMBNAILS },
    origin: `${SERVICE} of the stack Stack`,
    estimate: { compute: 'fargate', cloudFront: false },
  });
  expect(operations).toEqual(['ListStackResources', 'DescribeServices', 'DescribeTaskDefinition']);
});

test('--stack reads the thumbnails from the settings file of a large pipeline', async () => {
  variables = { ...WITHOUT_THUMBNAILS, SETTINGS_URI: 's3://assets/settings.json' };
  const found = await findSettings({ stack: 'Stack' }, 'lambda');
  expect(found.variables).toEqual({
    THUMBNAILS: JSON.stringify(THUMBNAILS),
    UPLOAD_KEY_TEMPLATE: VARIABLES.UPLOAD_KEY_TEMPLATE,
  });
  expect(operations).toEqual([...READS, 'GetObject']);
});

test('the options --stack and --settings together cause an error', async () => {
  await expect(findSettings({ stack: 'Stack', settings: 'a.json' }, 'lambda')).rejects.toThrow(
    '--stack Stack and --settings a.json',
  );
  expect(operations).toEqual([]);
});

test('--stack throws an error with the stack name if AWS rejects an operation', async () => {
  resources = [['AWS::Lambda::Function', 'missing']];
  process.env['AWS_MAX_ATTEMPTS'] = '1';
  await expect(findSettings({ stack: 'Stack' }, 'lambda')).rejects.toThrow('Stack');
});

test('the studio of a deployed stack uploads, renders and deletes without requests to the account', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-stack-'));
  const found = await findSettings({ stack: 'Stack' }, 'lambda');
  const studio = await startStudio({
    found,
    variant: 'lambda',
    environment: { ...process.env, PORT: '0', DATA_DIR: directory },
    print: () => undefined,
  });
  try {
    const { image } = await upload(studio.url, 'cat.jpg', await quadrants());
    const response = await fetch(studio.url + image, { headers: { Prefer: 'wait' } });
    expect(await response.json()).toMatchObject({ status: 'ready', thumbnails: [{ name: 'small' }] });
    expect((await fetch(studio.url + image, { method: 'DELETE' })).ok).toBe(true);
    expect(operations).toEqual(READS);
  } finally {
    await studio.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
