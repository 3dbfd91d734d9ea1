// Requests for an image that only a larger worker can render.
import { createHttpApi } from '../../../../runtime/http';
import type { Outcome } from '../../../../runtime/pipeline';
import { settingsWith } from '../../pipeline/fakes';
import { EVERY_SOURCE, FakePipeline, readyManifest, rejectedManifest, storedThumbnail } from '../fake-pipeline';

const KEY = 'scan.tif';
const forwarded = (key: string): Outcome => ({ status: 'forwarded', key });

function open(pipeline: FakePipeline) {
  pipeline.thumbnails = settingsWith().thumbnails;
  const { cacheControl } = settingsWith();
  const { reconcile } = pipeline;
  return createHttpApi({ pipeline, reconcile, source: EVERY_SOURCE, cacheControl, version: '1' });
}

test.each([
  ['a thumbnail', `/thumbnails/small/${KEY}?format=webp`, {}],
  ['a manifest', `/images/${KEY}`, { Prefer: 'wait' }],
])('a request for %s receives 202 with Retry-After', async (_, path, headers) => {
  const response = await open(new FakePipeline(forwarded)).request(path, { headers });
  expect([response.status, response.headers.get('Retry-After'), response.headers.get('Cache-Control')]).toEqual([
    202,
    '30',
    'no-store',
  ]);
  expect(await response.json()).toEqual({ status: 'processing', source: { key: KEY, etag: 'e1', bytes: 100 } });
});

test('only the first request forwards the image', async () => {
  const pipeline = new FakePipeline(forwarded);
  const app = open(pipeline);
  for (let count = 0; count < 3; count++) {
    expect((await app.request(`/thumbnails/small/${KEY}?format=webp`)).status).toBe(202);
  }
  expect(pipeline.calls.filter((call) => call.startsWith('reconcile'))).toHaveLength(1);
});

test('a request receives the thumbnail after the larger worker has stored the thumbnail', async () => {
  const pipeline = new FakePipeline(forwarded);
  const app = open(pipeline);
  expect((await app.request(`/thumbnails/small/${KEY}?format=webp`)).status).toBe(202);
  pipeline.stored.set(`${KEY} small webp`, storedThumbnail(`${KEY}/small.webp`, Buffer.from('thumbnail')));
  pipeline.manifests.set(KEY, readyManifest(KEY));
  expect((await app.request(`/thumbnails/small/${KEY}?format=webp`)).status).toBe(200);
});

test('a request receives the rejection after the larger worker has rejected the image', async () => {
  const pipeline = new FakePipeline(forwarded);
  const app = open(pipeline);
  expect((await app.request(`/thumbnails/small/${KEY}?format=webp`)).status).toBe(202);
  pipeline.manifests.set(KEY, rejectedManifest(KEY, 'too-many-pixels'));
  expect((await app.request(`/thumbnails/small/${KEY}?format=webp`)).status).toBe(413);
});
