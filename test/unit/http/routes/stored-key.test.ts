import fc from 'fast-check';
import { DISTRIBUTION_HEADER, FORMATS, type ThumbnailSettings } from '../../../../runtime/contract';
import { createHttpApi, fixedKeys, type HttpApiOptions } from '../../../../runtime/http';
import { parseStoredKey } from '../../../../runtime/http/routes/stored-key';
import { fileName, thumbnailSetFolder } from '../../../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import { EVERY_SOURCE, FakePipeline } from '../fake-pipeline';

const KEY = 'k'.repeat(64);
const THUMBNAILS: readonly ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'jpeg' }, { type: 'webp' }] },
  { name: 'small-2', fit: 'inside', width: 400, height: 400, formats: [{ type: 'webp' }] },
];

function open(options: Partial<HttpApiOptions> = { stored: { prefix: 'out/' } }) {
  const pipeline = new FakePipeline();
  pipeline.store('a/cat.jpg', 'small', 'webp', Buffer.from('webp'));
  pipeline.thumbnails = THUMBNAILS;
  const app = createHttpApi({
    pipeline,
    reconcile: pipeline.reconcile,
    source: EVERY_SOURCE,
    cacheControl: 'max-age=60',
    version: '1',
    ...options,
  });
  return { app, pipeline };
}

async function codeOf(response: Response): Promise<unknown> {
  return [response.status, ((await response.json()) as { readonly code: string }).code];
}

describe('GET /stored/{key}', () => {
  test('the API serves the thumbnail with the stored key in its format', async () => {
    const { app, pipeline } = open();
    const response = await app.request('/stored/out/a/cat.jpg/small.webp?v=x', { headers: { Accept: 'image/jpeg' } });
    expect([response.status, await response.text()]).toEqual([200, 'webp']);
    expect(response.headers.get('Content-Type')).toBe('image/webp');
    expect(response.headers.get('Vary')).toBeNull();
    expect(pipeline.calls).toEqual(['thumbnail a/cat.jpg small webp']);
  });

  test('the API supports versions, conditions and HEAD', async () => {
    const { app } = open();
    const first = await app.request('/stored/out/a/cat.jpg/small.webp', { method: 'HEAD' });
    const etag = first.headers.get('ETag')!;
    expect([first.status, await first.text()]).toEqual([200, '']);
    const again = await app.request('/stored/out/a/cat.jpg/small.webp', { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
    const { v } = { v: encodeURIComponent(etag.slice(1, -1).slice(0, 16)) };
    const versioned = await app.request(`/stored/out/a/cat.jpg/small.webp?v=${v}`);
    const plain = await app.request(`/thumbnails/small/a/cat.jpg?format=webp&v=${v}`);
    expect(versioned.headers.get('Cache-Control')).toBe(plain.headers.get('Cache-Control'));
  });

  test.each([
    '/stored/out/a/cat.jpg/huge.webp',
    '/stored/out/a/cat.jpg/small.avif',
    '/stored/out/a/cat.jpg/manifest.json',
    '/stored/out/small.webp',
    '/stored/a/cat.jpg/small.webp',
    '/stored/../secret/small.webp',
    '/stored/small.webp',
  ])('the API responds to %s with 404', async (path) => {
    const { app, pipeline } = open();
    expect(await codeOf(await app.request(path))).toEqual([
      404,
      expect.stringMatching(/unknown-thumbnail|route-not-found/),
    ]);
    expect(pipeline.calls).toEqual([]);
  });

  test('the route rejects other methods and exists only with a distribution', async () => {
    expect(await codeOf(await open().app.request('/stored/out/a/small.webp', { method: 'POST' }))).toEqual([
      405,
      'method-not-allowed',
    ]);
    expect(await codeOf(await open({}).app.request('/stored/out/a/small.webp'))).toEqual([404, 'route-not-found']);
  });
});

describe('with a distribution secret', () => {
  const stored = { prefix: 'out/', keys: fixedKeys([{ id: 'k1', key: KEY }]) };
  const path = '/stored/out/a/cat.jpg/small.webp';

  test('the API accepts the secret key of the distribution', async () => {
    const { app } = open({ stored });
    const shown = await app.request(path, { headers: { [DISTRIBUTION_HEADER]: KEY } });
    expect(shown.status).toBe(200);
  });

  test.each([[undefined], [''], ['k'], [KEY.slice(1)], [`${KEY}k`], [KEY.replace(/k$/, 'K')]])(
    'the API rejects the secret key %s',
    async (value) => {
      const { app, pipeline } = open({ stored });
      const headers: Record<string, string> = value === undefined ? {} : { [DISTRIBUTION_HEADER]: value };
      expect(await codeOf(await app.request(path, { headers }))).toEqual([401, 'unauthorized']);
      expect(pipeline.calls).toEqual([]);
    },
  );

  test('the API rejects every request if the secret contains no key', async () => {
    const { app } = open({ stored: { prefix: 'out/', keys: fixedKeys([{ id: 'other', key: KEY }]) } });
    for (const value of [KEY, '']) {
      expect((await app.request(path, { headers: { [DISTRIBUTION_HEADER]: value } })).status).toBe(401);
    }
  });
});

test('parseStoredKey() parses the key of every stored thumbnail', () => {
  const thumbnails: readonly ThumbnailSettings[] = [
    { name: 'a', fit: 'inside', width: 1, height: 1, formats: FORMATS.map((type) => ({ type })) },
    { name: 'a-b', fit: 'inside', width: 1, height: 1, formats: [{ type: 'webp' }] },
  ];
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
  const stored = fc.constantFrom(
    ...thumbnails.flatMap(({ name, formats }) => formats.map(({ type }) => ({ name, format: type }))),
  );
  fc.assert(
    fc.property(fc.constantFrom('', 'out/', 'out-'), key, stored, (prefix, source, { name, format }) => {
      const storedKey = `${thumbnailSetFolder(prefix, source)}/${fileName(name, format)}`;
      expect(parseStoredKey(storedKey, prefix, () => thumbnails)).toEqual({ name, key: source, format });
    }),
    { numRuns: 300, seed: 1 },
  );
});
