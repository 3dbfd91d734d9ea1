import { join } from 'node:path';
import { NodeProcess } from '../support/node-process';
import { startSilentServer, type SilentServer } from '../support/silent-server';
import { makePlace } from '../unit/lambda/entry-points';
import { notification, sqsEvent } from '../unit/lambda/sqs-event';

// The bundles that are deployed, in processes of their own, with stores that never answer.

const BUNDLES = join(__dirname, '../../dist/bundles');
/** Milliseconds of an invocation. */
const TIME = 3000;

let silent: SilentServer;
beforeAll(async () => {
  silent = await startSilentServer();
});
afterAll(() => silent.stop());

/** Calls a function once as Lambda does, and tells its answer and the milliseconds that were left. */
async function invoke(door: string, event: unknown): Promise<{ answer: unknown; left: number; output: string }> {
  const program = `
    const { handler } = require(${JSON.stringify(join(BUNDLES, door))});
    const end = performance.now() + ${TIME};
    const getRemainingTimeInMillis = () => end - performance.now();
    handler(${JSON.stringify(event)}, { functionName: 'photos', memoryLimitInMB: '1769', getRemainingTimeInMillis })
      .then((answer) => {
        console.log('ANSWER ' + JSON.stringify({ answer, left: getRemainingTimeInMillis() }));
        process.exit();
      });`;
  const place = makePlace({
    STORAGE: 's3',
    SOURCE_BUCKET: 'photos',
    THUMBNAIL_BUCKET: 'thumbnails',
    AWS_ENDPOINT_URL: silent.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const running = NodeProcess.start(['-e', program], place.environment);
  await running.exit();
  place.remove();
  const [, json = '{}'] = /^ANSWER (.*)$/m.exec(running.output) ?? [];
  return { ...(JSON.parse(json) as { answer: unknown; left: number }), output: running.output };
}

test('the upload function returns in time what its stores do not answer for', async () => {
  const messages = ['a.jpg', 'b.jpg'].map((key) => notification('photos', key));
  const { answer, left, output } = await invoke('upload-function.js', sqsEvent(...messages, 'hello'));
  expect(answer).toEqual({ batchItemFailures: ['m2', 'm0', 'm1'].map((itemIdentifier) => ({ itemIdentifier })) });
  // Lambda would have stopped it, and every message of the batch would have come back for that reason.
  expect(left).toBeGreaterThan(0);
  expect(output).toMatch(/"message":"the time is over, the rest comes again".*"keys":2/);
});

test('the API function answers in time for stores that do not', async () => {
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
  const { answer, left } = await invoke('api-function.js', event);
  expect(answer).toMatchObject({
    statusCode: 503,
    body: expect.stringContaining('"code":"storage-unavailable"') as string,
  });
  expect(left).toBeGreaterThan(0);
});
