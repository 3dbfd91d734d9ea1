// The bundle of the service analyses images with a local HTTP endpoint and with a local imitation of Amazon Rekognition.
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import {
  expectedAuthorization,
  startAnalysisServer,
  type AnalysisServer,
  type ReceivedRequest,
} from '../../support/aws/analysis-server';
import { eventually } from '../../support/eventually';
import { ServiceFixture, storedKeysOf } from '../../support/processes/service-fixture';

let fixture: ServiceFixture;
let server: AnalysisServer;
beforeAll(async () => {
  fixture = await ServiceFixture.create();
  server = await startAnalysisServer();
}, 120_000);
afterAll(async () => {
  await fixture.close();
  await server.stop();
});
// With `maxReceiveCount: 1`, SQS does not deliver a message twice, but moves it to the dead-letter queue.
beforeEach(() => fixture.reset({ maxReceiveCount: 1 }));
afterEach(() => fixture.killServices());

const requestsTo = (path: string): ReceivedRequest[] => server.requests.filter((request) => request.path === path);

async function delayedMessages(): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl: fixture.queue.url, AttributeNames: ['All'] });
  return Number((await fixture.sqs.client.send(command)).Attributes?.['ApproximateNumberOfMessagesDelayed']);
}

test('failures of an endpoint do not increase the receive count of messages', async () => {
  server.respond = ({ path, body }) => {
    if (path === '/events') {
      return { status: 204, body: '' };
    }
    const { key } = JSON.parse(body) as { readonly key: string };
    if (key === 'down.jpg') {
      return { status: 503 };
    }
    return { body: { version: 1, verdict: key === 'bad.jpg' ? 'reject' : 'allow' } };
  };
  const service = await fixture.start({
    SERVICE_MODE: 'both',
    ANALYSIS: JSON.stringify({ provider: 'http', url: `${server.url}/check` }),
    ANALYSIS_KEYS: JSON.stringify({ k1: 'a'.repeat(32) }),
    EVENTS_URL: `${server.url}/events`,
  });
  for (const key of ['good.jpg', 'bad.jpg', 'down.jpg']) {
    await fixture.put(key);
  }

  const failed = await service.waitForLine('image failed');
  expect(failed).toMatchObject({ key: 'down.jpg', code: 'analysis-unavailable' });
  await eventually(async () => (await delayedMessages()) === 1 || undefined, 'the copy of the message');
  await service.waitForLine('image rejected');
  await service.hasMade(1);
  expect(await fixture.sqs.depth(fixture.queue.deadLetterUrl)).toEqual({ visible: 0, hidden: 0 });
  expect(await fixture.storedKeys()).toEqual(['bad.jpg/manifest.json', ...storedKeysOf(['good.jpg'])]);
  expect(
    requestsTo('/check').every(({ headers }) => /^t=\d+,keyid=k1,/.test(String(headers['thumbnail-signature']))),
  ).toBe(true);

  const rejected = await eventually(
    () => requestsTo('/events').find(({ body }) => body.includes('bad.jpg')),
    'the event of the rejected image',
  );
  expect(JSON.parse(rejected.body)).toMatchObject({
    type: 'cdk-thumbnails.rejected.v1',
    data: { status: 'rejected', rejection: { code: 'moderated' } },
  });

  const [onDemand, moderated] = await Promise.all(
    ['down.jpg', 'bad.jpg'].map((key) => fetch(`${service.started.url}/thumbnails/small/${key}`)),
  );
  expect([onDemand!.status, onDemand!.headers.get('Retry-After')]).toEqual([503, '30']);
  expect(await onDemand!.json()).toMatchObject({ code: 'analysis-unavailable' });
  expect(moderated!.status).toBe(422);
  expect(await moderated!.json()).toMatchObject({ code: 'moderated' });
  expect(await service.stop()).toBe(0);
}, 300_000);

test('the message of a failed analysis goes to the dead-letter queue after the last attempt', async () => {
  server.respond = () => ({ status: 503 });
  const service = await fixture.start({
    ANALYSIS: JSON.stringify({ provider: 'http', url: `${server.url}/check`, retries: 0 }),
  });
  await fixture.put('down.jpg');
  await service.waitForLine('image failed');
  await eventually(
    async () => (await fixture.sqs.depth(fixture.queue.deadLetterUrl)).visible === 1 || undefined,
    'the message in the dead-letter queue',
  );
  expect(await delayedMessages()).toBe(0);
  expect(await service.stop()).toBe(0);
}, 300_000);

test('Amazon Rekognition receives signed requests', async () => {
  server.requests.length = 0;
  server.respond = ({ headers }) => ({
    body: String(headers['x-amz-target']).endsWith('DetectFaces') ? { FaceDetails: [] } : { ModerationLabels: [] },
  });
  const service = await fixture.start({
    ANALYSIS: JSON.stringify({ provider: 'rekognition', moderation: {}, facesAsFocalPoint: true }),
    AWS_ENDPOINT_URL_REKOGNITION: server.url,
  });
  await fixture.put('good.jpg');
  await service.hasMade(1);
  expect(server.requests.map(({ headers }) => headers['x-amz-target']).sort()).toEqual([
    'RekognitionService.DetectFaces',
    'RekognitionService.DetectModerationLabels',
  ]);
  for (const request of server.requests) {
    const { accessKeyId, secretAccessKey } = fixture.s3.credentials;
    const expected = expectedAuthorization(request, 'rekognition', fixture.s3.region, { accessKeyId, secretAccessKey });
    expect(request.headers.authorization).toBe(expected);
  }
  expect(await service.stop()).toBe(0);
}, 300_000);
