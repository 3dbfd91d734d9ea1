import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quadrants } from '../../support/images';
import { freePort } from '../../support/processes/free-port';
import {
  invocation,
  linesOf,
  createDirectories,
  restoreEnvironment,
  loadEntryPoint,
  type FunctionDirectories,
} from './entry-points';
import { notification, sqsEvent, TEST_EVENT } from './sqs-event';

/**
 * Defines the tests of the upload function.
 *
 * @param folder of the entry points: the sources or the bundles
 */
export function describeUploadFunction(folder: string): void {
  let directories: FunctionDirectories;

  beforeEach(() => {
    directories = createDirectories();
  });
  afterEach(() => {
    restoreEnvironment();
    directories.remove();
  });

  async function put(key: string, body: Buffer | Promise<Buffer>): Promise<void> {
    const path = join(directories.source, key);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, await body);
  }

  /** Invokes the function with one batch. Returns the ids of the failed messages and the log lines. */
  async function invoke(bodies: readonly string[], remaining?: () => number) {
    const { handler } = loadEntryPoint(folder, 'upload-function', directories.environment);
    let failed: readonly string[] = [];
    const lines = await linesOf(async () => {
      const { batchItemFailures } = await handler(sqsEvent(...bodies), invocation(remaining));
      failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    });
    return { failed, lines };
  }

  const files = (key: string) =>
    existsSync(join(directories.thumbnails, key)) ? readdirSync(join(directories.thumbnails, key)).sort() : [];

  test('the function creates the thumbnails of an uploaded image and deletes the thumbnails of a deleted image', async () => {
    await put('a/my cat.jpg', quadrants());
    expect((await invoke([notification(directories.source, 'a/my cat.jpg')])).failed).toEqual([]);
    expect(files('a/my cat.jpg')).toEqual(['manifest.json', 'small.jpg', 'small.webp']);

    rmSync(join(directories.source, 'a/my cat.jpg'));
    expect((await invoke([notification(directories.source, 'a/my cat.jpg')])).failed).toEqual([]);
    expect(files('a/my cat.jpg')).toEqual([]);
  });

  test('the function logs one JSON line per image, and metrics in the embedded metric format', async () => {
    await put('cat.jpg', quadrants());
    await put('bad.jpg', Buffer.from('no picture'));
    const bodies = [
      notification(directories.source, 'cat.jpg', 'bad.jpg'),
      notification(directories.source, 'gone.jpg'),
    ];
    const { lines } = await invoke(bodies);
    const [made, refused, counts] = lines;
    expect(lines).toHaveLength(3);
    expect(made).toMatchObject({
      level: 'INFO',
      service: 'Photos',
      function_request_id: '0c2f6a2e-5b7d-4a0e-9f5e-3e2b5e2d7c11',
      key: 'cat.jpg',
      status: 'made',
    });
    expect(refused).toMatchObject({ level: 'WARN', key: 'bad.jpg', status: 'rejected', code: 'unsupported-format' });
    expect(counts).toMatchObject({
      service: 'Photos',
      ImagesMade: 1,
      ImagesRejected: 1,
      RenderTime: made!['milliseconds'],
    });
    expect(counts!['_aws']).toMatchObject({
      CloudWatchMetrics: [{ Namespace: 'Thumbnails', Dimensions: [['service']] }],
    });
  });

  test('the function stores a rejection in the manifest and does not retry the message', async () => {
    await put('bad.jpg', Buffer.from('no picture'));
    expect((await invoke([notification(directories.source, 'bad.jpg')])).failed).toEqual([]);
    expect(files('bad.jpg')).toEqual(['manifest.json']);
    expect(JSON.parse(readFileSync(join(directories.thumbnails, 'bad.jpg/manifest.json'), 'utf8'))).toMatchObject({
      status: 'rejected',
      rejection: { code: 'unsupported-format' },
    });
  });

  test('the function returns only messages with a retryable failure', async () => {
    directories.remove();
    directories = createDirectories({
      STORAGE: 's3',
      SOURCE_BUCKET: 'photos',
      THUMBNAIL_BUCKET: 'thumbnails',
      SOURCE_SUFFIXES: '[".jpg"]',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}`,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
    const bodies = ['notes.txt', 'cat.jpg'].map((key) => notification('photos', key));
    const { failed, lines } = await invoke(bodies);
    expect(failed).toEqual(['m1']);
    expect(lines).toEqual([
      expect.objectContaining({ level: 'ERROR', key: 'cat.jpg', status: 'failed', code: 'storage-unavailable' }),
      expect.objectContaining({ ImagesFailed: 1 }),
    ]);
  });

  test('the function returns and logs unrecognized messages', async () => {
    const { failed, lines } = await invoke(['{"what":1}', TEST_EVENT, notification('other', 'cat.jpg')]);
    expect(failed).toEqual(['m0']);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        messageId: 'm0',
        error: expect.objectContaining({ code: 'invalid-event' }) as object,
      }),
      expect.objectContaining({ level: 'WARN', bucket: 'other', key: 'cat.jpg' }),
    ]);
  });

  test('the function returns messages before its timeout if the remaining time is too short', async () => {
    const keys = ['a.jpg', 'b.jpg', 'c.jpg'];
    await Promise.all(keys.map((key) => put(key, quadrants())));
    const bodies = keys.map((key) => notification(directories.source, key));
    // An image may take 20 seconds, and the transfers may take 5 seconds.
    const { failed, lines } = await invoke(bodies, () => 24_999);
    expect(failed).toEqual(['m1', 'm2']);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'WARN', keys: 2 }));
    expect((await invoke(bodies, () => 25_000)).failed).toEqual([]);
    expect(keys.map(files)).toEqual(keys.map(() => ['manifest.json', 'small.jpg', 'small.webp']));
  });

  test('the function fails to start in an invalid environment, and the error contains the variables', () => {
    const environment = { ...directories.environment, THUMBNAILS: '[]', ALLOW_SVG: 'maybe' };
    const start = () => loadEntryPoint(folder, 'upload-function', environment);
    expect(start).toThrow('invalid environment variables');
    expect(start).toThrow('THUMBNAILS');
    expect(start).toThrow('ALLOW_SVG');
  });
}
