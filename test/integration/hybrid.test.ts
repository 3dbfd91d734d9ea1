// Runs a small worker, which forwards large images, and a large service, which consumes the queue of forwarded images.
import { Duration } from 'aws-cdk-lib';
import sharp from 'sharp';
import { ThumbnailCompute } from '../../lib';
import { S3ObjectStore } from '../../runtime/storage/s3/s3-object-store';
import type { TestQueue } from '../support/aws/sqs';
import { eventually } from '../support/eventually';
import { seenQuadrants, UPRIGHT } from '../support/images';
import { freePort } from '../support/processes/free-port';
import { FunctionProcess } from '../support/processes/function-process';
import { peakBytesOf } from '../support/processes/node-process';
import { ServiceFixture, storedKeysOf } from '../support/processes/service-fixture';
import { synthesize, variablesOf } from '../support/templates/stacks';
import { deepTiff } from '../support/tiff';
import { notification } from '../unit/lambda/sqs-event';

const EMPTY = { visible: 0, hidden: 0 };
/** Settings of a service with one worker process, which can use 104 MiB for renderings. */
const SMALL = { WORKER_PROCESSES: '1', MEMORY_LIMIT_MIB: '200' };

const MIB = 2 ** 20;
const isLinux = process.platform === 'linux';

let fixture: ServiceFixture;
let largeQueue: TestQueue;
let scan: Buffer;

beforeAll(async () => {
  fixture = await ServiceFixture.create();
  // The compressed file is small, but its pixels exceed the memory of the small service.
  scan = await sharp({ create: { width: 6000, height: 6000, channels: 3, background: '#346' } })
    .tiff({ compression: 'deflate' })
    .toBuffer();
}, 120_000);
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.reset();
  largeQueue = await fixture.sqs.createQueue();
});
afterEach(() => fixture.killServices());

const startSmall = (variables: Readonly<Record<string, string>> = {}) =>
  fixture.start({ ...SMALL, LARGE_QUEUE_URL: largeQueue.url, ...variables });
const startLarge = () => fixture.start({ WORKER_PROCESSES: '1', MEMORY_LIMIT_MIB: '1024', QUEUE_URL: largeQueue.url });

async function expectEmpty(...urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    await eventually(async () => {
      const { visible, hidden } = await fixture.sqs.depth(url);
      return visible + hidden === 0 || undefined;
    }, `an empty queue ${url}`);
  }
}

test('the small service forwards only the large image to the large service', async () => {
  const [small, large] = await Promise.all([startSmall(), startLarge()]);
  await fixture.put('photo.jpg');
  await fixture.put('scan.tif', scan);
  await large.hasMade(1);
  await small.hasMade(1);
  await expectEmpty(fixture.queue.url, largeQueue.url);
  expect([small.made, large.made]).toEqual([['photo.jpg'], ['scan.tif']]);
  expect(await fixture.storedKeys()).toEqual(storedKeysOf(['photo.jpg', 'scan.tif']));
  for (const queue of [fixture.queue, largeQueue]) {
    expect(await fixture.sqs.depth(queue.deadLetterUrl)).toEqual(EMPTY);
  }
}, 300_000);

test('the function forwards only the image of 200 megapixels to the large service', async () => {
  const { template } = synthesize({
    limits: { maxPixels: 200_000_000, maxDuration: Duration.seconds(120) },
    compute: ThumbnailCompute.hybrid(),
  });
  const LIMITS = String(variablesOf(template)['LIMITS']);
  fixture.stopNotifications();
  await fixture.put('photo.jpg');
  await fixture.put('scan.tif', deepTiff(20_000, 10_000));
  const small = FunctionProcess.start(fixture.uploadFunction, {
    ...fixture.environment,
    LIMITS,
    LARGE_QUEUE_URL: largeQueue.url,
    // The default memory of the function.
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
  });
  await small.invoke(notification(fixture.source, 'photo.jpg'));
  await small.invoke(notification(fixture.source, 'scan.tif'));
  expect(await fixture.storedKeys()).toEqual(storedKeysOf(['photo.jpg']));
  expect((await fixture.sqs.depth(largeQueue.url)).visible).toBe(1);
  const functionPeak = isLinux ? small.peakBytes : 0;
  small.kill();

  const large = await fixture.start({
    LIMITS,
    WORKER_PROCESSES: '1',
    MEMORY_LIMIT_MIB: '4096',
    QUEUE_URL: largeQueue.url,
    // Long enough for one render on a slow machine.
    VISIBILITY_TIMEOUT_SECONDS: '30',
  });
  await large.hasMade(1);
  expect(large.made).toEqual(['scan.tif']);
  await expectEmpty(largeQueue.url);
  expect(await fixture.storedKeys()).toEqual(storedKeysOf(['photo.jpg', 'scan.tif']));
  const thumbnails = new S3ObjectStore({ bucket: fixture.thumbnails, client: fixture.s3.client });
  const { body } = (await thumbnails.get('scan.tif/small.webp', { maxBytes: Infinity }))!;
  expect(await seenQuadrants(body)).toEqual(UPRIGHT);
  const manifest = (await thumbnails.get('scan.tif/manifest.json', { maxBytes: Infinity }))!;
  expect(JSON.parse(manifest.body.toString())).toMatchObject({ image: { width: 20_000, height: 10_000 } });
  if (isLinux) {
    const servicePeak = Math.max(...large.started.workerPids.map(peakBytesOf));
    expect([functionPeak < 1769 * MIB, servicePeak < 4096 * MIB]).toEqual([true, true]);
  }
}, 300_000);

test('the service forwards a file above the configured size without reading the file', async () => {
  const small = await startSmall({ LARGE_FROM_BYTES: '1000' });
  await fixture.put('photo.jpg');
  expect(await small.waitForLine('image forwarded')).toMatchObject({ key: 'photo.jpg', status: 'forwarded' });
  await expectEmpty(fixture.queue.url);
  expect((await fixture.sqs.depth(largeQueue.url)).visible).toBe(1);
  expect(await fixture.storedKeys()).toEqual([]);
  const large = await startLarge();
  await large.hasMade(1);
  expect(large.made).toEqual(['photo.jpg']);
}, 300_000);

test('a request for a large image receives 202 until the large service has rendered the thumbnail', async () => {
  const port = await freePort();
  await startSmall({ SERVICE_MODE: 'both', PORT: String(port) });
  fixture.stopNotifications();
  await fixture.put('scan.tif', scan);
  const url = `http://127.0.0.1:${port}/thumbnails/small/scan.tif`;
  const forwarded = await fetch(url);
  expect([forwarded.status, forwarded.headers.get('retry-after'), forwarded.headers.get('cache-control')]).toEqual([
    202,
    '30',
    'no-store',
  ]);
  expect(await forwarded.json()).toMatchObject({ status: 'processing', source: { key: 'scan.tif' } });
  // Further requests forward nothing.
  expect((await fetch(url)).status).toBe(202);
  expect((await fixture.sqs.depth(largeQueue.url)).visible).toBe(1);
  const large = await startLarge();
  await large.hasMade(1);
  expect((await fetch(url)).status).toBe(200);
}, 300_000);
