import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { ImageIndex } from '../../../../cli/studio/server/image-index';
import { LiveEvents } from '../../../../cli/studio/server/live-events';
import { createStudioApp } from '../../../../cli/studio/server/studio-app';
import { Trash } from '../../../../cli/studio/server/trash';
import type { Design, ImagePage, StudioSettings } from '../../../../cli/studio/studio-api';
import { readCoreSettings } from '../../../../runtime/config/core-settings';
import { render } from '../../../../runtime/engine';
import type { HttpApiEnvironment } from '../../../../runtime/http';
import { Pipeline } from '../../../../runtime/pipeline';
import { DirectoryObjectStore } from '../../../../runtime/storage/directory/directory-object-store';
import { MemoryObjectStore } from '../../../support/aws/memory-store';
import { quadrants } from '../../../support/images';

const THUMBNAILS = [{ name: 'small', fit: 'cover', width: 40, height: 40, formats: [{ type: 'webp' }] }] as const;

let directory: string;
let source: MemoryObjectStore;
let thumbnails: MemoryObjectStore;
let app: Hono<HttpApiEnvironment>;
let photo: Buffer;
beforeAll(async () => (photo = await quadrants({ width: 320, height: 160 })));
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-studio-app-'));
  source = new MemoryObjectStore();
  thumbnails = new MemoryObjectStore();
  const settings = readCoreSettings({
    STORAGE: 'directory',
    SOURCE_DIRECTORY: 'images',
    THUMBNAIL_DIRECTORY: 'thumbnails',
    THUMBNAILS: JSON.stringify(THUMBNAILS),
  });
  const pipeline = new Pipeline({ source, thumbnails, settings });
  const trash = new Trash({ source, store: new DirectoryObjectStore({ directory }), maxBytes: 1e9 });
  await trash.empty();
  const index = new ImageIndex({ settings, pipeline, source });
  app = createStudioApp({
    deployed: new Hono<HttpApiEnvironment>().all('*', (context) => context.text('deployed')),
    page: {} as StudioSettings,
    pageDirectory: directory,
    images: {
      index,
      events: new LiveEvents(),
      trash,
      source,
      maxFileSizeBytes: 1e9,
      reconcile: async (key, options) => {
        const outcome = await pipeline.reconcile(key, options);
        index.observe(outcome);
        return outcome;
      },
    },
    designs: { settings, source, render },
  });
  await source.put('cat.jpg', photo, { contentType: 'image/jpeg', metadata: { owner: 'me' } });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const request = (path: string, init: RequestInit = {}): Promise<Response> =>
  Promise.resolve(app.request(`http://localhost:3000${path}`, init));
const send = (path: string, body: unknown, method = 'POST'): Promise<Response> =>
  request(path, { method, body: JSON.stringify(body) });
const images = async (query = ''): Promise<ImagePage> =>
  (await (await request(`/studio/images${query}`)).json()) as ImagePage;

test('the studio passes requests outside of /studio/ to the HTTP API', async () => {
  expect(await (await request('/images/cat.jpg')).text()).toBe('deployed');
  expect((await request('/studio/unknown')).status).toBe(404);
});

test.each([
  ['another host name', 'http://studio.example.com/studio/images', {}],
  ['another host name for the HTTP API', 'http://studio.example.com/images/cat.jpg', {}],
  ['another origin', 'http://localhost:3000/studio/images', { Origin: 'http://example.com' }],
  ['another site', 'http://localhost:3000/studio/images', { 'Sec-Fetch-Site': 'cross-site' }],
])('the studio rejects requests with %s', async (_name, url, headers) => {
  expect((await app.request(url, { headers })).status).toBe(403);
});

test('the Content-Security-Policy of the page permits no other hosts and no inline scripts', async () => {
  const policy = (await request('/')).headers.get('Content-Security-Policy')!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test('the studio lists images with their state and returns the number of images', async () => {
  await source.put('notes.jpg', Buffer.from('no image'), { contentType: 'image/jpeg' });
  expect(await images()).toMatchObject({ counts: { ready: 0, rejected: 0, pending: 2 }, matching: 2 });
  await send('/studio/renders', { key: 'cat.jpg' });
  await send('/studio/renders', { key: 'notes.jpg' });
  expect(await images()).toMatchObject({
    counts: { ready: 1, rejected: 1, pending: 0 },
    images: [
      { key: 'cat.jpg', status: 'ready', image: { width: 320, height: 160 } },
      { key: 'notes.jpg', status: 'rejected', rejection: { code: 'unsupported-format' } },
    ],
  });
  expect(await images('?search=NOTES')).toMatchObject({ matching: 1, images: [{ key: 'notes.jpg' }] });
  expect(await images('?status=ready')).toMatchObject({ matching: 1, images: [{ key: 'cat.jpg' }] });
  expect((await images('?offset=1&limit=1')).images.map(({ key }) => key)).toEqual(['notes.jpg']);
  expect((await request('/studio/images?limit=0')).status).toBe(400);
});

test('the studio deletes and restores an image with its metadata', async () => {
  expect(await (await send('/studio/trash', { keys: ['cat.jpg', 'none.jpg'] })).json()).toEqual({ keys: ['cat.jpg'] });
  expect(await source.head('cat.jpg')).toBeUndefined();
  expect((await images()).matching).toBe(0);
  expect(await (await send('/studio/trash/restore', { keys: ['cat.jpg'] })).json()).toEqual({ keys: ['cat.jpg'] });
  expect(await source.head('cat.jpg')).toMatchObject({ contentType: 'image/jpeg', metadata: { owner: 'me' } });
  expect((await images()).matching).toBe(1);
});

test('the studio does not replace a newer image by a restored image', async () => {
  await send('/studio/trash', { keys: ['cat.jpg'] });
  await source.put('cat.jpg', Buffer.from('newer'), { contentType: 'image/jpeg' });
  expect(await (await send('/studio/trash/restore', { keys: ['cat.jpg'] })).json()).toEqual({ keys: [] });
  expect(await source.head('cat.jpg')).toMatchObject({ bytes: 5 });
});

test('the studio sets and removes the focal point without a change of other metadata', async () => {
  const set = await send('/studio/focal-point', { key: 'cat.jpg', focalPoint: { x: 0.123456, y: 1 } }, 'PUT');
  expect(set.status).toBe(204);
  expect((await source.head('cat.jpg'))?.metadata).toEqual({ owner: 'me', 'focal-point': '0.1235,1' });
  await send('/studio/focal-point', { key: 'cat.jpg', focalPoint: null }, 'PUT');
  expect((await source.head('cat.jpg'))?.metadata).toEqual({ owner: 'me' });
  const invalid = await send('/studio/focal-point', { key: 'cat.jpg', focalPoint: { x: 2, y: 0 } }, 'PUT');
  expect(invalid.status).toBe(400);
});

test('the studio renders unsaved settings to the same bytes as the pipeline, and stores no object', async () => {
  await send('/studio/renders', { key: 'cat.jpg' });
  const stored = await thumbnails.get('cat.jpg/small.webp', { maxBytes: 1e6 });
  const keys = [...thumbnails.objects.keys()];
  const wider = { ...THUMBNAILS[0], name: 'wider', width: 80, formats: [{ type: 'webp', quality: 10 }] };
  const response = await send('/studio/designs', { key: 'cat.jpg', thumbnails: [...THUMBNAILS, wider] });
  const { files } = (await response.json()) as Design;
  expect(files).toMatchObject([
    { name: 'small', format: 'webp', width: 40, height: 40 },
    { name: 'wider', format: 'webp', width: 80, height: 40 },
  ]);
  expect(files[1]!.dssim).toBeGreaterThan(0);
  expect([...thumbnails.objects.keys()]).toEqual(keys);

  const single = (await (await send('/studio/designs', { key: 'cat.jpg', thumbnails: THUMBNAILS })).json()) as Design;
  const bytes = Buffer.from(await (await request(single.files[0]!.url)).arrayBuffer());
  expect(bytes.equals(stored!.body)).toBe(true);
});

test('the error for invalid settings contains the field', async () => {
  const thumbnails = [{ ...THUMBNAILS[0], width: 0 }];
  const response = await send('/studio/designs', { key: 'cat.jpg', thumbnails });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { detail: expect.stringContaining('width') as string },
  ]);
  expect((await send('/studio/designs', { key: 'none.jpg', thumbnails: THUMBNAILS })).status).toBe(404);
});
