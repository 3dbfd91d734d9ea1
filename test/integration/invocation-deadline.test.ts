import { join } from 'node:path';
import { startSilentServer, type SilentServer } from '../support/aws/silent-server';
import { NodeProcess } from '../support/processes/node-process';
import { createDirectories } from '../unit/lambda/entry-points';
import { notification, sqsEvent } from '../unit/lambda/sqs-event';

// Runs the deployed bundles in separate processes. Their object stores never respond.

const BUNDLES = join(__dirname, '../../dist/bundles');
/** Time limit of an invocation in milliseconds. */
const TIME = 3000;

let silent: SilentServer;
beforeAll(async () => {
  silent = await startSilentServer();
});
afterAll(() => silent.stop());

/** Invokes a function once. Returns its response and the remaining time in milliseconds. */
async function invoke(bundle: string, event: unknown): Promise<{ response: unknown; left: number; output: string }> {
  const program = `
    const { handler } = require(${JSON.stringify(join(BUNDLES, bundle))});
    const end = performance.now() + ${TIME};
    const getRemainingTimeInMillis = () => end - performance.now();
    handler(${JSON.stringify(event)}, { functionName: 'photos', memoryLimitInMB: '1769', getRemainingTimeInMillis })
      .then((response) => {
        console.log('RESPONSE ' + JSON.stringify({ response, left: getRemainingTimeInMillis() }));
        process.exit();
      });`;
  const directories = createDirectories({
    STORAGE: 's3',
    SOURCE_BUCKET: 'photos',
    THUMBNAIL_BUCKET: 'thumbnails',
    AWS_ENDPOINT_URL: silent.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const running = NodeProcess.start(['-e', program], directories.environment);
  await running.exit();
  directories.remove();
  const [, json = '{}'] = /^RESPONSE (.*)$/m.exec(running.output) ?? [];
  return { ...(JSON.parse(json) as { response: unknown; left: number }), output: running.output };
}

test('the upload function returns its messages before the deadline', async () => {
  const messages = ['a.jpg', 'b.jpg'].map((key) => notification('photos', key));
  const { response, left, output } = await invoke('upload-function.js', sqsEvent(...messages, 'hello'));
  expect(response).toEqual({ batchItemFailures: ['m2', 'm0', 'm1'].map((itemIdentifier) => ({ itemIdentifier })) });
  expect(left).toBeGreaterThan(0);
  expect(output).toMatch(/"level":"WARN".*"keys":2/);
});

test('the API function responds before the deadline', async () => {
  const event = {
    version: '2.0',
    rawPath: '/thumbnails/small/cat.jpg',
    rawQueryString: '',
    headers: { host: 'abc.execute-api.eu-central-1.amazonaws.com' },
    requestContext: {
      stage: '$default',
      domainName: 'abc.execute-api.eu-central-1.amazonaws.com',
      http: { method: 'GET', path: '/thumbnails/small/cat.jpg' },
    },
    isBase64Encoded: false,
  };
  const { response, left } = await invoke('api-function.js', event);
  expect(response).toMatchObject({
    statusCode: 503,
    body: expect.stringContaining('"code":"storage-unavailable"') as string,
  });
  expect(left).toBeGreaterThan(0);
});
