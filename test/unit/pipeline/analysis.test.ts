import { AnalysisError, type Analysis, type SourceToAnalyze } from '../../../runtime/analysis';
import { DEFAULT_LIMITS, type AnalysisSettings, type CoreSettings } from '../../../runtime/contract';
import { ImageRejection } from '../../../runtime/engine';
import { Pipeline, type Manifest, type ReconcileOptions } from '../../../runtime/pipeline';
import { analysisHash } from '../../../runtime/pipeline/thumbnail-set/fingerprint';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { fakeRender, settingsWith, thumbnail } from './fakes';

const KEY = 'cat.jpg';
const MODERATION = { minConfidence: 60, labels: ['Violence'], storeLabels: false };
const ANALYSIS: AnalysisSettings = {
  provider: 'rekognition',
  moderation: MODERATION,
  facesAsFocalPoint: true,
  animationFrames: 3,
  timeoutSeconds: 10,
  failure: 'dead-letter',
  retries: 8,
};

/** Creates a pipeline with a fake analysis, which rejects sources that begin with `explicit`. */
function setUp(results: readonly (Partial<Analysis> | Error)[] = []) {
  let seconds = 0;
  const now = () => new Date(1000 * seconds++);
  const source = new MemoryObjectStore({ now });
  const thumbnails = new MemoryObjectStore({ now });
  const analyzed: SourceToAnalyze[] = [];
  const analyze = async (image: SourceToAnalyze) => {
    const result = results[Math.min(analyzed.length, results.length - 1)] ?? {};
    analyzed.push(image);
    if (result instanceof Error) {
      return Promise.reject(result);
    }
    const verdict = image.body.toString().startsWith('explicit') ? 'reject' : 'allow';
    return Promise.resolve({ analysis: { verdict, ...result } as const, remainingSeconds: 7 });
  };
  const open = (changes: Partial<CoreSettings> = {}) =>
    new Pipeline({
      source,
      thumbnails,
      settings: settingsWith({ analysis: ANALYSIS, ...changes }),
      render: fakeRender,
      analyze,
    });
  const upload = async (
    body: string,
    { focalPoint, pipeline = open(), ...options }: { focalPoint?: string; pipeline?: Pipeline } & ReconcileOptions = {},
  ) => {
    const metadata: Record<string, string> = focalPoint === undefined ? {} : { 'focal-point': focalPoint };
    await source.put(KEY, Buffer.from(body), { contentType: 'image/jpeg', metadata });
    return pipeline.reconcile(KEY, options);
  };
  const stored = (): Manifest | undefined => {
    const object = thumbnails.objects.get(`${KEY}/manifest.json`);
    return object && (JSON.parse(object.body.toString()) as Manifest);
  };
  return { source, thumbnails, analyzed, open, upload, stored };
}

test('an accepted source is analysed before the first object is stored', async () => {
  const { thumbnails, analyzed, open, source, stored } = setUp();
  await source.put(KEY, Buffer.from('v1'), { contentType: 'image/jpeg' });
  const pipeline = new Pipeline({
    source,
    thumbnails,
    settings: settingsWith({ analysis: ANALYSIS }),
    render: fakeRender,
    analyze: (image) => {
      expect(thumbnails.keys).toEqual([]);
      analyzed.push(image);
      return Promise.resolve({ analysis: { verdict: 'allow', tags: { subject: 'cat' } }, remainingSeconds: 1 });
    },
  });
  expect(await pipeline.reconcile(KEY)).toMatchObject({ status: 'made' });
  const { etag } = (await source.head(KEY))!;
  expect(analyzed).toEqual([
    { key: KEY, etag, body: Buffer.from('v1'), limits: DEFAULT_LIMITS, allowSvg: false, wantsFocalPoint: true },
  ]);
  expect(stored()).toMatchObject({
    status: 'ready',
    analysis: { settings: analysisHash(ANALYSIS, true), verdict: 'allow', tags: { subject: 'cat' } },
  });
  expect(await open().reconcile(KEY)).toMatchObject({ status: 'unchanged' });
  expect(analyzed).toHaveLength(1);
});

test('a moderated source has a manifest without thumbnails', async () => {
  const { thumbnails, upload, stored } = setUp([{ reason: 'no such images' }]);
  expect(await upload('explicit')).toMatchObject({ status: 'rejected' });
  expect(thumbnails.keys).toEqual([`${KEY}/manifest.json`]);
  expect(stored()).toMatchObject({
    status: 'rejected',
    rejection: { code: 'moderated', message: 'no such images' },
    analysis: { verdict: 'reject' },
  });
});

test('a moderated version removes the thumbnails of the earlier version', async () => {
  const { thumbnails, upload } = setUp();
  await upload('v1');
  expect(thumbnails.keys).toHaveLength(4);
  expect(await upload('explicit v2')).toMatchObject({ status: 'rejected' });
  expect(thumbnails.keys).toEqual([`${KEY}/manifest.json`]);
});

test('an accepted version replaces a moderated version', async () => {
  const { upload, stored } = setUp();
  await upload('explicit');
  expect(await upload('v2')).toMatchObject({ status: 'made' });
  expect(stored()).toMatchObject({ status: 'ready', analysis: { verdict: 'allow' } });
});

describe('a failed analysis', () => {
  const failure = new AnalysisError('analysis-unavailable', 'no response');

  test('a failed analysis stores nothing and keeps the earlier thumbnail set', async () => {
    const { thumbnails, upload } = setUp([{}, failure]);
    await upload('v1');
    const before = [...thumbnails.objects.keys()];
    await expect(upload('v2')).rejects.toBe(failure);
    expect([...thumbnails.objects.keys()]).toEqual(before);
  });

  test('a failed analysis rejects the image with the option rejectsUnanalyzed', async () => {
    const { thumbnails, upload, stored } = setUp([failure]);
    expect(await upload('v1', { rejectsUnanalyzed: true })).toMatchObject({ status: 'rejected' });
    expect(stored()).toMatchObject({ rejection: { code: 'analysis-failed' } });
    expect(thumbnails.keys).toEqual([`${KEY}/manifest.json`]);
  });

  test('a failed analysis does not replace another error', async () => {
    const { upload } = setUp([new Error('a defect')]);
    await expect(upload('v1', { rejectsUnanalyzed: true })).rejects.toThrow('a defect');
  });

  test('a failed analysis does not hide an image that the engine cannot decode', async () => {
    const { upload, stored } = setUp([new ImageRejection('corrupt', 'damaged')]);
    expect(await upload('v1')).toMatchObject({ status: 'rejected' });
    expect(stored()).toMatchObject({ rejection: { code: 'corrupt' } });
    expect(stored()).not.toHaveProperty('analysis');
  });
});

describe('the focal point of the analysis', () => {
  const focalPoint = { x: 0.2, y: 0.3 };
  const shown = ({ thumbnails }: Pick<ReturnType<typeof setUp>, 'thumbnails'>): unknown =>
    (JSON.parse(thumbnails.objects.get(`${KEY}/large.webp`)!.body.toString()) as unknown[])[3];

  test('the focal point of the analysis determines the crops', async () => {
    const world = setUp([{ focalPoint }]);
    await world.upload('v1');
    expect(shown(world)).toEqual(focalPoint);
    expect(world.stored()).toMatchObject({ analysis: { focalPoint } });
    expect(world.stored()!.source).not.toHaveProperty('focalPoint');
  });

  test('the focal point of the analysis does not replace the focal point in the metadata', async () => {
    const world = setUp([{ focalPoint }]);
    await world.upload('v1', { focalPoint: '0.9,0.9' });
    expect(world.analyzed[0]).toMatchObject({ wantsFocalPoint: false });
    expect(shown(world)).toEqual({ x: 0.9, y: 0.9 });
  });

  test('the pipeline analyses the source again after the removal of the focal point in the metadata', async () => {
    const world = setUp([{}, { focalPoint }]);
    await world.upload('v1', { focalPoint: '0.9,0.9' });
    await world.upload('v1');
    expect(world.analyzed).toHaveLength(2);
    expect(shown(world)).toEqual(focalPoint);
  });

  test('the manifest keeps the focal point of the analysis after the addition of a focal point in the metadata', async () => {
    const world = setUp([{ focalPoint }]);
    await world.upload('v1');
    await world.upload('v1', { focalPoint: '0.9,0.9' });
    expect(world.analyzed).toHaveLength(1);
    expect(shown(world)).toEqual({ x: 0.9, y: 0.9 });
    expect(world.stored()).toMatchObject({ analysis: { focalPoint } });
  });
});

describe('the stored result', () => {
  test('the stored result is used again after a change of the thumbnail settings', async () => {
    const { analyzed, upload, open } = setUp([{ focalPoint: { x: 0, y: 0 } }]);
    await upload('v1');
    const pipeline = open({ thumbnails: [thumbnail('tiny', 20, 'webp')] });
    expect(await pipeline.reconcile(KEY)).toMatchObject({ status: 'made' });
    expect(analyzed).toHaveLength(1);
  });

  test('the stored result of a rejection is used again after a change of the thumbnail settings', async () => {
    const { analyzed, upload, open } = setUp();
    await upload('explicit');
    const pipeline = open({ thumbnails: [thumbnail('tiny', 20, 'webp')] });
    expect(await pipeline.reconcile(KEY)).toMatchObject({ status: 'rejected' });
    expect(analyzed).toHaveLength(1);
  });

  test.each([
    ['the threshold', { ...ANALYSIS, moderation: { ...MODERATION, minConfidence: 50 } }],
    ['the labels', { ...ANALYSIS, moderation: { ...MODERATION, labels: [] } }],
    ['the number of frames', { ...ANALYSIS, animationFrames: 1 }],
    ['the provider', { ...ANALYSIS, provider: 'http' as const, url: 'https://check.example.com/' }],
  ])('is not used after a change of %s', async (_name, analysis) => {
    const { analyzed, upload, open } = setUp();
    await upload('v1');
    expect(await open({ analysis }).reconcile(KEY)).toMatchObject({ status: 'made' });
    expect(analyzed).toHaveLength(2);
  });

  test.each([
    ['the timeout', { ...ANALYSIS, timeoutSeconds: 30 }],
    ['the retries', { ...ANALYSIS, retries: 1, failure: 'reject' as const }],
    ['the Region', { ...ANALYSIS, region: 'eu-west-1' }],
    ['the order of the labels', { ...ANALYSIS, moderation: { ...MODERATION, labels: ['Violence'] } }],
  ])('makes a thumbnail set current after a change of %s', async (_name, analysis) => {
    const { upload, open } = setUp();
    await upload('v1');
    expect(await open({ analysis }).reconcile(KEY)).toMatchObject({ status: 'unchanged' });
  });

  test('the stored result is not used for another version of the source', async () => {
    const { analyzed, upload } = setUp();
    await upload('v1');
    await upload('v2');
    expect(analyzed).toHaveLength(2);
  });

  test('the stored result is not used with `force`', async () => {
    const { analyzed, upload, open } = setUp();
    await upload('v1');
    await open().reconcile(KEY, { force: true });
    expect(analyzed).toHaveLength(2);
  });
});

test('the pipeline analyses images to which a rule applies', async () => {
  const { analyzed, upload, open } = setUp();
  const rules = [{ prefix: 'cat', suffix: '', thumbnails: [thumbnail('face', 96, 'webp')], limits: DEFAULT_LIMITS }];
  expect(await upload('explicit', { pipeline: open({ rules }) })).toMatchObject({ status: 'rejected' });
  expect(analyzed).toHaveLength(1);
});

test('rendering receives the time that remains after the analysis', async () => {
  const { source, thumbnails } = setUp();
  const seconds: number[] = [];
  const pipeline = new Pipeline({
    source,
    thumbnails,
    settings: settingsWith({ analysis: ANALYSIS }),
    render: (body, options) => {
      seconds.push(options.limits.maxDurationSeconds);
      return fakeRender(body, options);
    },
    analyze: () => Promise.resolve({ analysis: { verdict: 'allow' }, remainingSeconds: 7 }),
  });
  await source.put(KEY, Buffer.from('v1'), { contentType: 'image/jpeg' });
  await pipeline.reconcile(KEY);
  expect(seconds).toEqual([7]);
});

test('a pipeline without the function that its settings require renders nothing', async () => {
  const { source, thumbnails } = setUp();
  const settings = settingsWith({ analysis: ANALYSIS });
  const pipeline = new Pipeline({ source, thumbnails, settings, render: fakeRender });
  await source.put(KEY, Buffer.from('v1'), { contentType: 'image/jpeg' });
  await expect(pipeline.reconcile(KEY, { rejectsUnanalyzed: true })).rejects.toThrow(/analyze/);
  expect(thumbnails.keys).toEqual([]);
  const changed: string[] = [];
  for await (const key of pipeline.changedKeys()) {
    changed.push(key);
  }
  expect(changed).toEqual([KEY]);
});

test('a manifest without an analysis is outdated for a pipeline with an analysis', async () => {
  const { upload, open } = setUp();
  const pipeline = open({ analysis: undefined });
  await upload('v1', { pipeline });
  const manifest = (await pipeline.manifest(KEY))!;
  expect(manifest).not.toHaveProperty('analysis');
  expect(open().isCurrent(manifest, { ...manifest.source, metadata: {} } as never)).toBe(false);
});
