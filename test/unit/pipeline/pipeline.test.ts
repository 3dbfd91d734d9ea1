import fc from 'fast-check';
import { DEFAULT_LIMITS, type CoreSettings } from '../../../runtime/contract';
import { ImageRejection } from '../../../runtime/engine';
import { Pipeline, SourceChangingError, type PipelineOptions, type ReadyManifest } from '../../../runtime/pipeline';
import { thumbnailHash } from '../../../runtime/pipeline/thumbnail-set/fingerprint';
import { ObjectStoreError } from '../../../runtime/storage';
import { MemoryObjectStore, type StoreRequest } from '../../support/aws/memory-store';
import { sourceKey } from './arbitraries';
import { fakeRender, settingsWith, thumbnail } from './fakes';

const KEY = 'a/cat.jpg';
const JPEG = { contentType: 'image/jpeg' };

/** Creates a pipeline with two object stores that record their requests. */
function setUp(changes: Partial<CoreSettings> = {}, options: Partial<PipelineOptions> = {}) {
  const requests: string[] = [];
  const record = (store: string) => (request: StoreRequest, moment: string) => {
    if (moment === 'sent') {
      requests.push(`${store} ${request.operation} ${request.key}`);
    }
  };
  const source = new MemoryObjectStore();
  const thumbnails = new MemoryObjectStore();
  const settings = settingsWith(changes);
  const recordingStores = {
    source: source.client(record('source')),
    thumbnails: thumbnails.client(record('thumbnails')),
  };
  const pipeline = new Pipeline({ ...recordingStores, settings, render: fakeRender, ...options });
  /** Returns the requests since the last call. */
  const takeRequests = () => requests.splice(0);
  const withSettings = (other: Partial<CoreSettings>) =>
    new Pipeline({ ...recordingStores, settings: settingsWith(other), render: fakeRender });
  const upload = (body: string, metadata: Record<string, string> = {}, key = KEY) =>
    source.put(key, Buffer.from(body), { ...JPEG, metadata });
  return { source, thumbnails, settings, pipeline, takeRequests, withSettings, upload };
}

async function readyManifest(pipeline: Pipeline, key = KEY): Promise<ReadyManifest> {
  const manifest = await pipeline.manifest(key);
  expect(manifest?.status).toBe('ready');
  return manifest as ReadyManifest;
}

describe('an existing source', () => {
  test('the pipeline writes the thumbnails before the manifest', async () => {
    const { pipeline, source, thumbnails, settings, takeRequests, upload } = setUp();
    const { etag } = await upload('v1', { 'focal-point': '25%,0.5' });
    const outcome = await pipeline.reconcile(KEY);

    expect(takeRequests()).toEqual([
      'thumbnails get a/cat.jpg/manifest.json',
      'thumbnails list a/cat.jpg/',
      'source get a/cat.jpg',
      'thumbnails put a/cat.jpg/small.webp',
      'thumbnails put a/cat.jpg/small.jpg',
      'thumbnails put a/cat.jpg/large.webp',
      'thumbnails put a/cat.jpg/manifest.json',
      'source head a/cat.jpg',
    ]);
    const listed = (file: string, width: number) => {
      const object = thumbnails.objects.get(`${KEY}/${file}`)!;
      const [name, extension] = file.split('.');
      const format = extension === 'jpg' ? 'jpeg' : extension;
      const { key, bytes, etag: stored } = object;
      return {
        ...{ name, format, contentType: `image/${format}`, width, height: width / 2, frames: 1 },
        ...{ bytes, key, etag: stored },
      };
    };
    const manifest = {
      version: 1,
      warnings: [],
      status: 'ready',
      source: { key: KEY, etag, bytes: 2, focalPoint: { x: 0.25, y: 0.5 } },
      fingerprint: expect.any(String) as string,
      image: { format: 'jpeg', width: 800, height: 400, frames: 1, hasAlpha: false },
      thumbHash: 'djE=',
      dominantColor: '#102030',
      thumbnails: [listed('small.webp', 100), listed('small.jpg', 100), listed('large.webp', 400)],
      srcset: {
        webp: '/a/cat.jpg/small.webp 100w, /a/cat.jpg/large.webp 400w',
        jpeg: '/a/cat.jpg/small.jpg 100w',
      },
    };
    expect(outcome).toEqual({ status: 'made', key: KEY, manifest });
    expect(await pipeline.manifest(KEY)).toEqual(manifest);

    const [small] = settings.thumbnails;
    expect(thumbnails.objects.get('a/cat.jpg/small.jpg')).toMatchObject({
      body: Buffer.from('["v1","small","jpeg",{"x":0.25,"y":0.5}]'),
      contentType: 'image/jpeg',
      cacheControl: 'public, max-age=60',
      metadata: { 'cdk-thumbnails': thumbnailHash(small!, { type: 'jpeg' }), 'cdk-thumbnails-source': etag },
    });
    expect(thumbnails.objects.get('a/cat.jpg/manifest.json')).toMatchObject({
      contentType: 'application/json',
      cacheControl: 'no-cache',
      metadata: { 'cdk-thumbnails': (outcome as { manifest: ReadyManifest }).manifest.fingerprint },
    });
    expect(source.keys).toEqual([KEY]);
  });

  test('the pipeline does not read an unchanged source again', async () => {
    const { pipeline, takeRequests, upload } = setUp();
    await upload('v1');
    const { manifest } = (await pipeline.reconcile(KEY)) as { manifest: ReadyManifest };
    takeRequests();
    expect(await pipeline.reconcile(KEY)).toEqual({ status: 'unchanged', key: KEY, manifest });
    expect(takeRequests()).toEqual([
      'thumbnails get a/cat.jpg/manifest.json',
      'thumbnails list a/cat.jpg/',
      'source head a/cat.jpg',
    ]);
  });

  test('the option force renders a source again to equal bytes', async () => {
    const { pipeline, thumbnails, upload } = setUp();
    await upload('v1');
    await pipeline.reconcile(KEY);
    const before = Array.from(thumbnails.objects.values(), ({ key, etag }) => [key, etag]);
    expect((await pipeline.reconcile(KEY, { force: true })).status).toBe('made');
    expect(Array.from(thumbnails.objects.values(), ({ key, etag }) => [key, etag])).toEqual(before);
  });

  test.each<[string, (setup: ReturnType<typeof setUp>) => Promise<unknown>]>([
    ['its bytes', ({ upload }) => upload('v2')],
    ['its focal point', ({ upload }) => upload('v1', { 'focal-point': '0,0' })],
    ['its focal point to a wrong one', ({ upload }) => upload('v1', { 'focal-point': 'left' })],
    ['a thumbnail, which is gone', ({ thumbnails }) => thumbnails.delete([`${KEY}/small.jpg`])],
    [
      'a thumbnail, which somebody wrote over',
      ({ thumbnails }) => thumbnails.put(`${KEY}/small.jpg`, Buffer.from('x'), JPEG),
    ],
    ['the manifest, which is gone', ({ thumbnails }) => thumbnails.delete([`${KEY}/manifest.json`])],
    [
      'the manifest, which is damaged',
      ({ thumbnails }) => thumbnails.put(`${KEY}/manifest.json`, Buffer.from('{"version":1'), JPEG),
    ],
    [
      'the manifest, which is huge',
      ({ thumbnails }) => thumbnails.put(`${KEY}/manifest.json`, Buffer.alloc(5_000_000), JPEG),
    ],
  ])('the source is rendered again after a change of %s', async (_, change) => {
    const setup = setUp();
    await setup.upload('v1');
    await setup.pipeline.reconcile(KEY);
    await change(setup);
    expect((await setup.pipeline.reconcile(KEY)).status).toBe('made');
    expect((await setup.pipeline.reconcile(KEY)).status).toBe('unchanged');
  });

  test('the pipeline renders a source again after a change of settings and deletes obsolete files', async () => {
    const { pipeline, thumbnails, withSettings, takeRequests, upload } = setUp();
    await upload('v1');
    await pipeline.reconcile(KEY);
    const other = withSettings({ thumbnails: [thumbnail('small', 100, 'webp'), thumbnail('new', 50, 'png')] });
    takeRequests();
    expect((await other.reconcile(KEY)).status).toBe('made');
    expect(takeRequests().filter((request) => / (?:put|delete) /.test(request))).toEqual([
      'thumbnails put a/cat.jpg/small.webp',
      'thumbnails put a/cat.jpg/new.png',
      'thumbnails delete a/cat.jpg/large.webp',
      'thumbnails delete a/cat.jpg/small.jpg',
      'thumbnails put a/cat.jpg/manifest.json',
    ]);
    expect(thumbnails.keys).toEqual([`${KEY}/manifest.json`, `${KEY}/new.png`, `${KEY}/small.webp`]);
    expect((await other.reconcile(KEY)).status).toBe('unchanged');
  });

  test('the pipeline deletes only obsolete files of this library', async () => {
    const { pipeline, thumbnails, upload } = setUp();
    await upload('v1');
    await pipeline.reconcile(KEY);
    await thumbnails.put(`${KEY}/gone.png`, Buffer.from('left'), { ...JPEG, metadata: { 'cdk-thumbnails': 'hash' } });
    await thumbnails.put(`${KEY}/cut.png`, Buffer.from('foreign'), JPEG);
    expect((await pipeline.reconcile(KEY)).status).toBe('unchanged');
    expect(thumbnails.keys).not.toContain(`${KEY}/gone.png`);
    expect(thumbnails.keys).toContain(`${KEY}/cut.png`);
  });

  test('the pipeline does not render a source again after a change of limits', async () => {
    const { pipeline, withSettings, upload } = setUp();
    await upload('v1');
    await pipeline.reconcile(KEY);
    const stricter = withSettings({ limits: { ...DEFAULT_LIMITS, maxPixels: 1 } });
    expect((await stricter.reconcile(KEY)).status).toBe('unchanged');
  });

  test('a source with an invalid focal point is rendered without a focal point and has a warning', async () => {
    const { pipeline, upload } = setUp();
    await upload('v1', { 'focal-point': 'left' });
    await pipeline.reconcile(KEY);
    const { source, warnings } = await readyManifest(pipeline);
    expect(source.focalPoint).toBeUndefined();
    expect(warnings).toMatchObject([{ code: 'invalid-focal-point' }]);
  });
});

describe('a rejected source', () => {
  test('the pipeline deletes the thumbnails of a rejected source and writes a manifest with the error code', async () => {
    const { pipeline, thumbnails, upload } = setUp();
    await upload('v1');
    await pipeline.reconcile(KEY);
    const { etag } = await upload('bad');
    const rejection = { code: 'corrupt', message: 'the file is damaged: bad' };
    const manifest = { version: 1, status: 'rejected', source: { key: KEY, etag, bytes: 3 }, rejection };
    expect(await pipeline.reconcile(KEY)).toMatchObject({ status: 'rejected', key: KEY, manifest });
    expect(thumbnails.keys).toEqual([`${KEY}/manifest.json`]);
    expect(await pipeline.manifest(KEY)).toMatchObject(manifest);
    expect(await pipeline.reconcile(KEY)).toMatchObject({ status: 'unchanged', manifest });
  });

  test('the pipeline renders a rejected source again after a change of limits', async () => {
    const { pipeline, withSettings, upload } = setUp({ limits: { ...DEFAULT_LIMITS, maxFileSizeBytes: 3 } });
    await upload('four');
    const outcome = await pipeline.reconcile(KEY);
    expect(outcome).toMatchObject({
      status: 'rejected',
      manifest: { rejection: { code: 'file-too-large' } },
    });
    expect((await withSettings({}).reconcile(KEY)).status).toBe('made');
  });

  test('the pipeline does not change the thumbnail set after a rejection with a retryable code', async () => {
    const { pipeline, upload } = setUp();
    await upload('v1');
    await pipeline.reconcile(KEY);
    const before = await pipeline.manifest(KEY);
    await upload('later');
    await expect(pipeline.reconcile(KEY)).rejects.toEqual(new ImageRejection('out-of-memory', 'not enough memory'));
    expect(await pipeline.manifest(KEY)).toEqual(before);
  });
});

describe('a deleted source', () => {
  test('the pipeline deletes the manifest before the thumbnails', async () => {
    const { pipeline, source, thumbnails, takeRequests, upload } = setUp();
    await upload('v1');
    await pipeline.reconcile(KEY);
    await source.delete([KEY]);
    takeRequests();
    expect(await pipeline.reconcile(KEY)).toEqual({ status: 'deleted', key: KEY, removed: 4 });
    expect(thumbnails.keys).toEqual([]);
    expect(takeRequests().filter((request) => / delete |source/.test(request))).toEqual([
      'source head a/cat.jpg',
      'thumbnails delete a/cat.jpg/manifest.json',
      'thumbnails delete a/cat.jpg/large.webp',
      'thumbnails delete a/cat.jpg/small.jpg',
      'thumbnails delete a/cat.jpg/small.webp',
      'source head a/cat.jpg',
    ]);
    expect(await pipeline.reconcile(KEY)).toEqual({ status: 'deleted', key: KEY, removed: 0 });
  });

  test('the pipeline deletes files that remain after an interrupted deletion', async () => {
    const { pipeline, source, thumbnails, upload } = setUp();
    await upload('v1');
    await pipeline.reconcile(KEY);
    await source.delete([KEY]);
    await thumbnails.delete([`${KEY}/manifest.json`]);
    expect(await pipeline.reconcile(KEY)).toEqual({ status: 'deleted', key: KEY, removed: 3 });
    expect(thumbnails.keys).toEqual([]);
  });
});

test('the deletion of a thumbnail set does not change nested thumbnail sets and foreign objects', async () => {
  const inner = fc.oneof(
    sourceKey,
    fc.constantFrom('small.webp', 'manifest.json', 'manifest.json/x', 'small.jpg/b.png'),
  );
  const pair = fc
    .tuple(sourceKey, inner)
    .map(([outer, rest]) => [outer, `${outer}/${rest}`] as const)
    .filter(([, key]) => Buffer.byteLength(key) <= 1024);
  await fc.assert(
    fc.asyncProperty(pair, async ([outer, nested]) => {
      const { pipeline, source, thumbnails, upload } = setUp();
      const foreign = [`${outer}/cut.webp`, `${outer}/notes.txt`, `${outer}/x/small.webp`].filter(
        (key) => Buffer.byteLength(key) <= 1024 && !key.startsWith(`${nested}/`),
      );
      for (const key of foreign) {
        await thumbnails.put(key, Buffer.from('foreign'), JPEG);
      }
      await upload('v1', {}, nested);
      await pipeline.reconcile(nested);
      const before = new Map(thumbnails.objects);

      await upload('v1', {}, outer);
      await pipeline.reconcile(outer);
      expect(thumbnails.objects.size).toBe(before.size + 4);
      await upload('bad', {}, outer);
      await pipeline.reconcile(outer);
      await source.delete([outer]);
      await pipeline.reconcile(outer);
      expect(new Map(thumbnails.objects)).toEqual(before);
    }),
    { seed: 47, numRuns: 300 },
  );
});

describe('a key that is not served', () => {
  test.each(['other/cat.jpg', 'in/cat.txt', 'in/folder/'])('%s causes no requests', async (key) => {
    const { pipeline, takeRequests } = setUp({
      sourceLocation: { name: 'sources', prefix: 'in/', suffixes: ['.jpg', '/'] },
    });
    expect(pipeline.serves(key)).toBe(false);
    expect(await pipeline.reconcile(key)).toEqual({ status: 'ignored', key });
    expect(await pipeline.manifest(key)).toBeUndefined();
    expect(await pipeline.thumbnail(key, 'small', 'webp')).toBeUndefined();
    expect(takeRequests()).toEqual([]);
  });
});

describe('a source that this library wrote', () => {
  const marked = { 'cdk-thumbnails': 'hash' };

  test('the pipeline ignores a thumbnail as a source, and deletes the thumbnail set of the previous source', async () => {
    const { pipeline, thumbnails, upload, takeRequests } = setUp();
    await upload('v1');
    await pipeline.reconcile(KEY);
    await upload('v1', marked);
    takeRequests();
    expect(await pipeline.reconcile(KEY)).toEqual({ status: 'ignored', key: KEY });
    expect(thumbnails.keys).toEqual([]);
    expect(takeRequests()).not.toContain(`source get ${KEY}`);
  });

  test('the pipeline ignores a thumbnail that replaces a source during a read', async () => {
    const setup = setUp();
    await setup.upload('v1');
    let isReplaced = false;
    const source = setup.source.client(async ({ operation }, moment) => {
      if (operation === 'get' && moment === 'sent' && !isReplaced) {
        isReplaced = true;
        await setup.upload('v1', marked);
      }
    });
    const thumbnails = setup.thumbnails.client(({ operation }) => expect(operation).not.toBe('put'));
    const pipeline = new Pipeline({ ...setup, source, thumbnails, render: fakeRender });
    expect(await pipeline.reconcile(KEY)).toEqual({ status: 'ignored', key: KEY });
  });
});

describe('a source that changes while the pipeline reads it', () => {
  test.each<[string, string | undefined, object]>([
    ['is rendered in its new version', 'v2', { status: 'made' }],
    ['is rejected in its new version', 'longer than the limit', { status: 'rejected' }],
    ['loses its thumbnails if it is deleted', undefined, { status: 'deleted' }],
  ])('%s', async (_, body, expected) => {
    const setup = setUp({ limits: { ...DEFAULT_LIMITS, maxFileSizeBytes: 8 } });
    await setup.upload('v1');
    let isReplaced = false;
    const source = setup.source.client(async ({ operation }, moment) => {
      if (operation === 'get' && moment === 'sent' && !isReplaced) {
        isReplaced = true;
        await (body === undefined ? setup.source.delete([KEY]) : setup.upload(body));
      }
    });
    const pipeline = new Pipeline({ ...setup, source, render: fakeRender });
    expect(await pipeline.reconcile(KEY)).toMatchObject(expected);
  });

  test('the reconciliation fails with a retryable error if the source changes repeatedly', async () => {
    const setup = setUp();
    let version = 0;
    await setup.upload(`v${version}`);
    const source = setup.source.client(async ({ operation }, moment) => {
      if (operation === 'get' && moment === 'answered') {
        await setup.upload(`v${(version += 1)}`);
      }
    });
    const failed = new Pipeline({ ...setup, source, render: fakeRender }).reconcile(KEY);
    await expect(failed).rejects.toThrow(SourceChangingError);
    await expect(failed).rejects.toMatchObject({ code: 'source-changed', retryable: true });
    expect((await setup.pipeline.reconcile(KEY)).status).toBe('made');
  });
});

describe('an object store that fails', () => {
  test.each([
    ['source get', 'made'],
    // This request follows the writes, so the next call finds a complete thumbnail set.
    ['source head', 'unchanged'],
    ['thumbnails get', 'made'],
    ['thumbnails list', 'made'],
    ['thumbnails put', 'made'],
  ])('an object store failure at %s fails the call, and the next call ends with %s', async (place, status) => {
    const setup = setUp();
    await setup.upload('v1');
    const error = new ObjectStoreError('storage-throttled', 'slow down');
    const failing =
      (name: string) =>
      ({ operation }: StoreRequest, moment: string) => {
        if (`${name} ${operation}` === place && moment === 'sent') {
          throw error;
        }
      };
    const source = setup.source.client(failing('source'));
    const thumbnails = setup.thumbnails.client(failing('thumbnails'));
    const pipeline = new Pipeline({ ...setup, source, thumbnails, render: fakeRender });
    await expect(pipeline.reconcile(KEY)).rejects.toBe(error);
    expect(Boolean(await setup.pipeline.manifest(KEY))).toBe(status === 'unchanged');
    expect((await setup.pipeline.reconcile(KEY)).status).toBe(status);
  });
});

describe('a stored thumbnail', () => {
  test('the pipeline returns a stored thumbnail while its settings are current', async () => {
    const { pipeline, withSettings, upload } = setUp();
    await upload('v1');
    expect(await pipeline.thumbnail(KEY, 'small', 'webp')).toBeUndefined();
    await pipeline.reconcile(KEY);
    expect(await pipeline.thumbnail(KEY, 'small', 'webp')).toMatchObject({
      key: 'a/cat.jpg/small.webp',
      contentType: 'image/webp',
      body: Buffer.from('["v1","small","webp",null]'),
    });
    expect(await pipeline.thumbnail(KEY, 'large', 'jpeg')).toBeUndefined();
    expect(await pipeline.thumbnail(KEY, 'other', 'webp')).toBeUndefined();

    const other = withSettings({ thumbnails: [thumbnail('small', 101, 'webp'), thumbnail('large', 400, 'webp')] });
    expect(await other.thumbnail(KEY, 'small', 'webp')).toBeUndefined();
    expect(await other.thumbnail(KEY, 'large', 'webp')).toMatchObject({ key: 'a/cat.jpg/large.webp' });
  });

  test('the pipeline does not return a thumbnail of another application', async () => {
    const { pipeline, thumbnails } = setUp();
    await thumbnails.put(`${KEY}/small.webp`, Buffer.from('foreign'), JPEG);
    expect(await pipeline.thumbnail(KEY, 'small', 'webp')).toBeUndefined();
  });
});

test('the pipeline ignores a manifest that was copied from another source', async () => {
  const { pipeline, thumbnails, upload } = setUp();
  await upload('v1');
  await pipeline.reconcile(KEY);
  const { body } = thumbnails.objects.get(`${KEY}/manifest.json`)!;
  await thumbnails.put('b.jpg/manifest.json', body, JPEG);
  expect(await pipeline.manifest('b.jpg')).toBeUndefined();
});

test('the constructor rejects settings if all sources are in the thumbnail location', () => {
  expect(() => setUp({ thumbnailLocation: { name: 'sources', prefix: '' } })).toThrow(
    'is inside the thumbnail location',
  );
});
