import { AnalysisError } from '../../../../runtime/analysis';
import { DEFAULT_LIMITS, type CoreSettings, type ThumbnailSettings } from '../../../../runtime/contract';
import { ImageRejection, type Rendering } from '../../../../runtime/engine';
import { queueing } from '../../../../runtime/events';
import { createHttpApi } from '../../../../runtime/http';
import { Pipeline, type Manifest, type Reconcile, type Render } from '../../../../runtime/pipeline';
import { ObjectStoreError } from '../../../../runtime/storage';
import { MemoryObjectStore, type StoreRequest } from '../../../support/aws/memory-store';

const SETTINGS: CoreSettings = {
  storage: 's3',
  sourceLocation: { name: 'photos', prefix: '', suffixes: [] },
  thumbnailLocation: { name: 'thumbnails', prefix: 't/' },
  thumbnails: [
    { name: 'small', fit: 'inside', width: 20, height: 20, formats: [{ type: 'webp' }, { type: 'jpeg' }] },
    { name: 'large', fit: 'inside', width: 80, height: 80, formats: [{ type: 'webp' }] },
  ],
  limits: DEFAULT_LIMITS,
  rules: [],
  requireMalwareScan: false,
  allowSvg: false,
  detectJpegCorruption: true,
  cacheControl: 'max-age=60',
};

const SMALL: ThumbnailSettings = { name: 'small', fit: 'inside', width: 20, height: 20, formats: [{ type: 'webp' }] };

/** Fake engine. Each thumbnail contains the content of the source. */
async function renderText(source: Buffer, { thumbnails }: Parameters<Render>[1]): Promise<Rendering> {
  const text = source.toString();
  await new Promise((resolve) => setImmediate(resolve));
  if (text.startsWith('bad')) {
    throw new ImageRejection('corrupt', 'the image is corrupt');
  }
  return {
    source: { format: 'jpeg', width: 80, height: 60, orientation: 1, frames: 1, hasAlpha: false, progressive: false },
    warnings: [],
    thumbnails: thumbnails.flatMap(({ name, width, formats }) =>
      formats.map(({ type }) => ({
        name,
        format: type,
        contentType: `image/${type}`,
        width,
        height: (width * 3) / 4,
        frames: 1,
        body: Buffer.from(`${name}.${type} of ${text}`),
      })),
    ),
    thumbHash: 'AAAA',
    dominantColor: '#102030',
  };
}

function appOf(pipeline: Pipeline, source: MemoryObjectStore, reconcile: Reconcile = pipeline.reconcile) {
  const { cacheControl } = SETTINGS;
  return createHttpApi({ pipeline, reconcile, source, cacheControl, version: '1' });
}

async function open(objects: Readonly<Record<string, string>>, settings = SETTINGS) {
  // The sources are older than the event delay. Therefore, requests render at once.
  const source = new MemoryObjectStore({ now: () => new Date(0) });
  const thumbnails = new MemoryObjectStore();
  for (const [key, text] of Object.entries(objects)) {
    await source.put(key, Buffer.from(text), { contentType: 'image/jpeg' });
  }
  let renders = 0;
  const reopen = (changed: Partial<CoreSettings> = {}) => {
    const current = { ...settings, ...changed };
    const render: Render = (...input) => {
      renders += 1;
      return renderText(...input);
    };
    const pipeline = new Pipeline({ source, thumbnails, settings: current, render });
    return createHttpApi({
      pipeline,
      reconcile: pipeline.reconcile,
      source,
      cacheControl: current.cacheControl,
      version: '1',
    });
  };
  return { app: reopen(), reopen, source, thumbnails, renders: () => renders };
}

describe('a missing thumbnail', () => {
  test('the API renders a thumbnail once and stores the thumbnail set', async () => {
    const { app, thumbnails, renders } = await open({ 'a/cat.jpg': 'cat' });
    const first = await app.request('/thumbnails/small/a/cat.jpg');
    expect([first.status, await first.text()]).toEqual([200, 'small.webp of cat']);
    expect(first.headers.get('Content-Type')).toBe('image/webp');
    expect(thumbnails.keys).toEqual(
      ['large.webp', 'manifest.json', 'small.jpg', 'small.webp'].map((file) => `t/a/cat.jpg/${file}`),
    );
    const second = await app.request('/thumbnails/small/a/cat.jpg?format=jpeg');
    expect([second.status, await second.text()]).toEqual([200, 'small.jpeg of cat']);
    const again = await app.request('/thumbnails/small/a/cat.jpg', {
      headers: { 'If-None-Match': first.headers.get('ETag')! },
    });
    expect(again.status).toBe(304);
    expect(renders()).toBe(1);
  });

  test('a request reads the metadata of the source and the manifest at most once', async () => {
    const requests: string[] = [];
    const source = new MemoryObjectStore({ now: () => new Date(0) });
    await source.put('cat', Buffer.from('cat'), { contentType: 'image/jpeg' });
    const record =
      (store: string) =>
      ({ operation, key }: StoreRequest, moment: string): void =>
        void (moment === 'sent' && requests.push(`${store} ${operation} ${key}`));
    const thumbnails = new MemoryObjectStore();
    const reader = new Pipeline({
      source: source.client(record('source')),
      thumbnails: thumbnails.client(record('thumbnails')),
      settings: SETTINGS,
      render: renderText,
    });
    const silent = new Pipeline({ source, thumbnails, settings: SETTINGS, render: renderText });
    const reconcile = queueing(silent.reconcile, {
      pipeline: silent,
      send: (key) => Promise.resolve(void requests.push(`send ${key}`)),
    });
    const app = appOf(reader, source.client(record('source')), reconcile);
    expect((await app.request('/images/cat', { headers: { Prefer: 'wait' } })).status).toBe(200);
    expect(requests.sort()).toEqual(['send cat', 'source head cat', 'thumbnails get t/cat/manifest.json']);

    await source.put('cat', Buffer.from('bad picture'), { contentType: 'image/jpeg' });
    await silent.reconcile('cat');
    requests.length = 0;
    expect((await app.request('/thumbnails/small/cat?format=jpeg')).status).toBe(422);
    const reads = ['t/cat/manifest.json', 't/cat/small.jpg'].map((key) => `thumbnails get ${key}`);
    expect(requests.sort()).toEqual(['source head cat', ...reads]);
  });

  test('the API renders an image once for fifty concurrent requests', async () => {
    const { app, renders } = await open({ cat: 'cat', dog: 'dog' });
    const paths = [
      '/thumbnails/small/cat',
      '/thumbnails/large/cat',
      '/thumbnails/small/cat?format=jpeg',
      '/images/cat',
    ];
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) =>
        app.request(index < 49 ? paths[index % 4]! : '/thumbnails/small/dog'),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(await answers[1]!.text()).toBe('large.webp of cat');
    expect(await answers[49]!.text()).toBe('small.webp of dog');
    expect(renders()).toBe(2);
  });

  test('a failed render fails all concurrent requests, and later requests start a new render', async () => {
    const { source, thumbnails } = await open({ cat: 'cat' });
    let fails = 1;
    const render: Render = (...input) => {
      if (fails-- > 0) {
        throw new ObjectStoreError('storage-unavailable', 'no response');
      }
      return renderText(...input);
    };
    const pipeline = new Pipeline({ source, thumbnails, settings: SETTINGS, render });
    const app = appOf(pipeline, source);
    const answers = await Promise.all([1, 2, 3].map(async () => app.request('/thumbnails/small/cat')));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect((await app.request('/thumbnails/small/cat')).status).toBe(200);
  });

  test('the API renders a thumbnail again after a change of its settings', async () => {
    const { app, reopen, renders } = await open({ cat: 'cat' });
    await app.request('/thumbnails/small/cat');
    const [small, large] = SETTINGS.thumbnails;
    const changed = reopen({ thumbnails: [{ ...small!, formats: [{ type: 'webp', quality: 30 }] }, large!] });
    expect((await changed.request('/thumbnails/small/cat')).status).toBe(200);
    expect(renders()).toBe(2);
  });
});

describe('the manifest of an image', () => {
  test('a request creates a missing manifest, which contains valid URLs', async () => {
    const { app, renders } = await open({ 'a/100% + 1?.jpg': 'cat' });
    const response = await app.request(`/images?key=${encodeURIComponent('a/100% + 1?.jpg')}`);
    const { status, thumbnails, srcset } = (await response.json()) as {
      status: string;
      thumbnails: { name: string; format: string; url: string }[];
      srcset: Record<string, string>;
    };
    expect(status).toBe('ready');
    expect(thumbnails.map(({ name, format }) => `${name}.${format}`)).toEqual([
      'small.webp',
      'small.jpeg',
      'large.webp',
    ]);
    for (const { name, format, url } of thumbnails) {
      expect(await (await app.request(url)).text()).toBe(`${name}.${format} of cat`);
    }
    const candidates = srcset['webp']!.split(', ').map((candidate) => candidate.split(' '));
    expect(candidates.map(([, width]) => width)).toEqual(['20w', '80w']);
    expect(await (await app.request(candidates[1]![0]!)).text()).toBe('large.webp of cat');
    expect(renders()).toBe(1);
  });

  test('the manifest is complete after a thumbnail is added to the settings', async () => {
    const { app, reopen } = await open({ cat: 'cat' });
    await app.request('/images/cat');
    const huge = { ...SETTINGS.thumbnails[1]!, name: 'huge' };
    const changed = reopen({ thumbnails: [...SETTINGS.thumbnails, huge] });
    const { thumbnails } = (await (await changed.request('/images/cat')).json()) as { thumbnails: { name: string }[] };
    expect(thumbnails.map(({ name }) => name)).toContain('huge');
  });

  test.each<[string, Partial<CoreSettings>, string]>([
    ['the size of a thumbnail', { thumbnails: [{ ...SMALL, width: 10 }] }, 'ready'],
    ['the quality of a thumbnail', { thumbnails: [{ ...SMALL, formats: [{ type: 'webp', quality: 30 }] }] }, 'ready'],
    ['a limit', { limits: { ...DEFAULT_LIMITS, maxFileSizeBytes: 1 } }, 'rejected'],
  ])('the manifest is created again after a change of %s', async (_, changes, status) => {
    const { reopen, renders } = await open({ cat: 'cat' });
    // The body has three bytes.
    const limits = { ...DEFAULT_LIMITS, ...(status === 'rejected' && { maxFileSizeBytes: 2 }) };
    const before = { thumbnails: [SMALL], limits };
    const manifestOf = async (settings: Partial<CoreSettings>) =>
      (await (await reopen(settings).request('/images/cat', { headers: { Prefer: 'wait' } })).json()) as Manifest;
    const first = await manifestOf(before);
    const second = await manifestOf({ ...before, ...changes });
    expect([first.status, second.status, renders()]).toEqual([status, status, status === 'ready' ? 2 : 0]);
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(await manifestOf({ ...before, ...changes })).toEqual(second);
  });

  test('the manifest reports a rejected image without another rendering', async () => {
    const { app, renders } = await open({ bad: 'bad picture' });
    const thumbnail = await app.request('/thumbnails/small/bad');
    expect([thumbnail.status, await thumbnail.json()]).toEqual([
      422,
      expect.objectContaining({ code: 'corrupt', detail: 'the image is corrupt' }),
    ]);
    const manifest = await app.request('/images/bad');
    expect([manifest.status, await manifest.json()]).toEqual([
      200,
      expect.objectContaining({ status: 'rejected', rejection: { code: 'corrupt', message: 'the image is corrupt' } }),
    ]);
    expect((await app.request('/thumbnails/large/bad')).status).toBe(422);
    expect(renders()).toBe(1);
  });
});

describe('a source that cannot be rendered within a limit, or whose analysis fails', () => {
  test.each([
    ['timeout', new ImageRejection('timeout', 'limit')],
    ['out-of-memory', new ImageRejection('out-of-memory', 'limit')],
    ['analysis-throttled', new AnalysisError('analysis-throttled', 'too many requests')],
    ['analysis-unavailable', new AnalysisError('analysis-unavailable', 'no response')],
  ])('further requests for the source fail at once until the source is replaced: %s', async (code, error) => {
    const { source, thumbnails } = await open({ cat: 'slow', dog: 'dog' });
    const rendered: string[] = [];
    const render: Render = (body, options) => {
      rendered.push(body.toString());
      return body.toString() === 'slow' ? Promise.reject(error) : renderText(body, options);
    };
    const pipeline = new Pipeline({ source, thumbnails, settings: SETTINGS, render });
    const app = appOf(pipeline, source);
    for (const path of ['/thumbnails/small/cat', '/thumbnails/large/cat', '/images/cat']) {
      const response = await app.request(path);
      expect([response.status, await response.json()]).toEqual([503, expect.objectContaining({ code })]);
    }
    expect((await app.request('/thumbnails/small/dog')).status).toBe(200);
    expect(rendered).toEqual(['slow', 'dog']);
    await source.put('cat', Buffer.from('fast'), { contentType: 'image/jpeg' });
    expect((await app.request('/thumbnails/small/cat')).status).toBe(200);
  });
});

describe('a missing image', () => {
  test('a request for a missing image does not start a reconciliation', async () => {
    const { source, thumbnails } = await open({ bad: 'bad' });
    const pipeline = new Pipeline({ source, thumbnails, settings: SETTINGS, render: renderText });
    await pipeline.reconcile('bad');
    const reconciled: string[] = [];
    const app = appOf(pipeline, source, (key) => {
      reconciled.push(key);
      return pipeline.reconcile(key);
    });
    const paths = ['/thumbnails/small/none', '/images/none', '/thumbnails/small/bad', '/images/bad'];
    const statuses = await Promise.all(paths.map(async (path) => (await app.request(path)).status));
    expect([statuses, reconciled]).toEqual([[404, 404, 422, 200], []]);
  });

  test('a request for a missing image receives 404 and stores no object', async () => {
    const { app, thumbnails, renders } = await open({});
    for (const path of [
      '/thumbnails/small/none',
      '/images/none',
      '/images/a/../b',
      '/thumbnails/small?key=..%2Fnone',
    ]) {
      expect((await app.request(path)).status).toBe(404);
    }
    expect([thumbnails.keys, renders()]).toEqual([[], 0]);
  });

  test('a request for a key that the pipeline does not serve receives 404', async () => {
    const sourceLocation = { name: 'photos', prefix: 'in/', suffixes: ['.jpg'] };
    const { app } = await open(
      { 'in/cat.png': 'cat', 'cat.jpg': 'cat', 'in/cat.jpg': 'cat' },
      { ...SETTINGS, sourceLocation },
    );
    const statuses = ['in/cat.png', 'cat.jpg', 'in/', 'in/cat.jpg', 'in/none.jpg'].map(
      async (key) => (await app.request(`/images?key=${key}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 404, 404, 200, 404]);
  });
});
