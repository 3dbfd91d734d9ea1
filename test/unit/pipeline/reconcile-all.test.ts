import fc from 'fast-check';
import { reconcileAll, Pipeline, type Outcome } from '../../../runtime/pipeline';
import { thumbnailSetFolder } from '../../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import { ObjectStoreError } from '../../../runtime/storage';
import { storedSet, wantedSet } from '../../robustness/schedules/simulation';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { fakeRender, settingsWith, thumbnail } from './fakes';

const SETTINGS = settingsWith({ thumbnailLocation: { name: 'thumbnails', prefix: 't/' } });
const JPEG = { contentType: 'image/jpeg' };
const LONG = `${'long/'.repeat(200)}cat.jpg`;

function setUp() {
  let seconds = 0;
  const now = () => new Date(1e12 + 1000 * seconds++);
  const requests: string[] = [];
  const source = new MemoryObjectStore({ now });
  const thumbnails = new MemoryObjectStore({ now });
  const pipelineWith = (settings = SETTINGS) =>
    new Pipeline({
      source: source.client(
        ({ operation }, moment) => void (moment === 'sent' && requests.push(`source ${operation}`)),
      ),
      thumbnails: thumbnails.client(
        ({ operation }, moment) => void (moment === 'sent' && requests.push(`thumbnails ${operation}`)),
      ),
      settings,
      render: fakeRender,
    });
  const upload = (key: string, body = 'v1', metadata: Record<string, string> = {}) =>
    source.put(key, Buffer.from(body), { ...JPEG, metadata });
  /** Returns the number of requests of each kind since the last call. */
  const takeRequestCounts = () => {
    const counts: Record<string, number> = {};
    requests.splice(0).forEach((request) => (counts[request] = (counts[request] ?? 0) + 1));
    return counts;
  };
  return { source, thumbnails, pipeline: pipelineWith(), pipelineWith, upload, takeRequestCounts };
}

async function changed(pipeline: Pipeline): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of pipeline.changedKeys()) {
    keys.push(key);
  }
  return keys.sort();
}

const NOTHING = { made: 0, unchanged: 0, rejected: 0, deleted: 0, ignored: 0, forwarded: 0, failed: 0 };

test('a comparison reconciles every missed change', async () => {
  const { source, thumbnails, pipeline, upload } = setUp();
  const before = ['same.jpg', 'new-bytes.jpg', 'new-focal-point.jpg', 'gone.jpg', LONG, 'damaged.jpg', 'a', 'a/b.jpg'];
  for (const key of before) {
    await upload(key);
    await pipeline.reconcile(key);
  }
  await upload('new-bytes.jpg', 'v2');
  await upload('new-focal-point.jpg', 'v1', { 'focal-point': '0,0' });
  await upload('damaged.jpg', 'bad');
  await upload('new.jpg');
  await upload('folder/', '');
  await source.delete(['gone.jpg', LONG]);

  expect(await reconcileAll(pipeline.changedKeys(), pipeline.reconcile)).toEqual({
    ...NOTHING,
    made: 3,
    rejected: 1,
    deleted: 2,
  });
  for (const key of [...before, 'new.jpg', 'folder/']) {
    const wanted = key.endsWith('/')
      ? wantedSet(new MemoryObjectStore(), key, SETTINGS)
      : wantedSet(source, key, SETTINGS);
    expect(storedSet(thumbnails, key, SETTINGS)).toEqual(wanted);
  }
  expect(await reconcileAll(pipeline.changedKeys(), pipeline.reconcile)).toEqual(NOTHING);
});

test('a comparison without changes reads each manifest once and no source', async () => {
  const { pipeline, upload, takeRequestCounts } = setUp();
  for (let index = 0; index < 50; index++) {
    await upload(`${index}.jpg`, index % 10 === 0 ? 'bad' : 'v1', { 'focal-point': index % 7 === 0 ? 'left' : '0,0' });
    await pipeline.reconcile(`${index}.jpg`);
  }
  takeRequestCounts();
  expect(await reconcileAll(pipeline.changedKeys(), pipeline.reconcile)).toEqual(NOTHING);
  expect(takeRequestCounts()).toEqual({ 'source list': 1, 'thumbnails list': 1, 'thumbnails get': 50 });
});

describe('a comparison returns a key', () => {
  test.each<[string, (setup: ReturnType<typeof setUp>, folder: string) => Promise<unknown>]>([
    ['when a thumbnail is gone', ({ thumbnails }, folder) => thumbnails.delete([`${folder}/small.jpg`])],
    ['when its manifest is gone', ({ thumbnails }, folder) => thumbnails.delete([`${folder}/manifest.json`])],
    [
      'when a thumbnail was written over',
      ({ thumbnails }, folder) => thumbnails.put(`${folder}/small.jpg`, Buffer.from('x'), JPEG),
    ],
    [
      'when its manifest is damaged',
      ({ thumbnails }, folder) => thumbnails.put(`${folder}/manifest.json`, Buffer.from('x'), JPEG),
    ],
    [
      'when a thumbnail too many is there',
      ({ thumbnails }, folder) => thumbnails.put(`${folder}/more.jpg`, Buffer.from('x'), JPEG),
    ],
    ['when the source was written again', ({ upload }) => upload('a.jpg')],
    ['when the source is gone', ({ source }) => source.delete(['a.jpg'])],
    [
      'when the source is gone and the manifest too',
      async ({ source, thumbnails }, folder) => {
        await source.delete(['a.jpg']);
        await thumbnails.delete([`${folder}/manifest.json`]);
      },
    ],
  ])('%s', async (_, change) => {
    const setup = setUp();
    await setup.upload('a.jpg');
    await setup.pipeline.reconcile('a.jpg');
    expect(await changed(setup.pipeline)).toEqual([]);
    await change(setup, thumbnailSetFolder('t/', 'a.jpg'));
    expect(await changed(setup.pipeline)).toEqual(['a.jpg']);
  });

  test('a comparison returns all keys after a change of settings', async () => {
    const { pipeline, pipelineWith, upload } = setUp();
    await upload('a.jpg');
    await pipeline.reconcile('a.jpg');
    const other = pipelineWith({ ...SETTINGS, thumbnails: [thumbnail('other', 10, 'png')] });
    expect(await changed(other)).toEqual(['a.jpg']);
  });

  test('a comparison returns only keys that the pipeline serves', async () => {
    const { pipeline, pipelineWith, source, upload } = setUp();
    await upload('a.jpg');
    await pipeline.reconcile('a.jpg');
    await source.delete(['a.jpg']);
    expect(
      await changed(pipelineWith({ ...SETTINGS, sourceLocation: { ...SETTINGS.sourceLocation, suffixes: ['.png'] } })),
    ).toEqual([]);
  });
});

test('a comparison does not delete foreign objects in the thumbnail bucket', async () => {
  const { thumbnails, pipeline } = setUp();
  const foreign = [
    't/app/manifest.json',
    't/app/logo.png',
    't/logo.png',
    'x/y.png',
    `t/${LONG.slice(0, 950)}~/manifest.json`,
  ];
  for (const key of foreign) {
    await thumbnails.put(key, Buffer.from('{"name":"app"}'), JPEG);
  }
  const before = new Map(thumbnails.objects);
  expect(await reconcileAll(pipeline.changedKeys(), pipeline.reconcile)).toEqual({ ...NOTHING, deleted: 1 });
  expect(new Map(thumbnails.objects)).toEqual(before);
});

test('a comparison corrects all thumbnail sets after any missed events', async () => {
  const keys = ['a', 'a/small.webp', 'a/b.jpg', 'ü.jpg', LONG];
  const step = fc.record({
    key: fc.constantFrom(...keys),
    body: fc.constantFrom('v1', 'v2', 'bad', undefined),
    focalPoint: fc.constantFrom('0,0', 'left', undefined),
    isSeen: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15, size: 'max' }), async (steps) => {
      const { source, thumbnails, pipeline, upload } = setUp();
      for (const { key, body, focalPoint, isSeen } of steps) {
        await (body === undefined
          ? source.delete([key])
          : upload(key, body, focalPoint === undefined ? {} : { 'focal-point': focalPoint }));
        if (isSeen) {
          await pipeline.reconcile(key);
        }
      }
      await reconcileAll(pipeline.changedKeys(), pipeline.reconcile);
      for (const key of keys) {
        expect(storedSet(thumbnails, key, SETTINGS)).toEqual(wantedSet(source, key, SETTINGS));
      }
      // A source that was written again with equal bytes is newer than its manifest. Therefore, each comparison returns
      // its key.
      expect(await reconcileAll(pipeline.changedKeys(), pipeline.reconcile)).toEqual({
        ...NOTHING,
        unchanged: expect.any(Number) as number,
      });
    }),
    { seed: 53, numRuns: 300 },
  );
});

describe('reconcileAll', () => {
  async function* listed(keys: readonly string[]): AsyncGenerator<string> {
    for (const key of keys) {
      yield await Promise.resolve(key);
    }
  }

  test('reconcileAll() continues after a failure, and reports and counts the failure', async () => {
    const error = new ObjectStoreError('access-denied', 'no');
    const outcomes: Outcome[] = [];
    const failed: [string, unknown][] = [];
    const report = await reconcileAll(
      listed(['a', 'b', 'c']),
      (key) => (key === 'b' ? Promise.reject(error) : Promise.resolve({ status: 'deleted', key, removed: 1 })),
      { onOutcome: (outcome) => outcomes.push(outcome), onError: (key, cause) => failed.push([key, cause]) },
    );
    expect(report).toEqual({ ...NOTHING, deleted: 2, failed: 1 });
    expect(outcomes.map(({ key }) => key)).toEqual(['a', 'c']);
    expect(failed).toEqual([['b', error]]);
  });

  test('reconcileAll() limits concurrency', async () => {
    let running = 0;
    let most = 0;
    const keys = Array.from({ length: 10 }, (_, index) => `${index}`);
    await reconcileAll(
      listed(keys),
      async (key) => {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return { status: 'ignored', key };
      },
      { concurrency: 3 },
    );
    expect(most).toBe(3);
  });

  test('reconcileAll() stops after the signal is aborted', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const report = await reconcileAll(
      listed(['a', 'b', 'c']),
      (key) => {
        seen.push(key);
        controller.abort();
        return Promise.resolve({ status: 'ignored', key });
      },
      { concurrency: 1, signal: controller.signal },
    );
    expect(seen).toEqual(['a']);
    expect(report.ignored).toBe(1);
  });

  test('reconcileAll() fails if an object store cannot be listed', async () => {
    const source = new MemoryObjectStore({
      hook: () => {
        throw new ObjectStoreError('access-denied', 'no listing');
      },
    });
    const pipeline = new Pipeline({
      source,
      thumbnails: new MemoryObjectStore(),
      settings: SETTINGS,
      render: fakeRender,
    });
    await expect(reconcileAll(pipeline.changedKeys(), pipeline.reconcile)).rejects.toThrow('no listing');
  });
});
