import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ThumbnailSettings } from '../../../runtime/contract';
import { Pipeline, type ReadyManifest } from '../../../runtime/pipeline';
import type { ObjectStore } from '../../../runtime/storage';
import { DirectoryObjectStore } from '../../../runtime/storage/directory/directory-object-store';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { quadrants } from '../../support/images';
import { settingsWith } from './fakes';

const THUMBNAILS: ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 40, height: 40, formats: [{ type: 'webp' }, { type: 'jpeg' }] },
  { name: 'square', fit: 'cover', width: 16, height: 16, formats: [{ type: 'png' }] },
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipeline-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function directories(): Promise<[source: ObjectStore, thumbnails: ObjectStore]> {
  const source = new DirectoryObjectStore({ directory: join(folder, 'source') });
  const thumbnails = new DirectoryObjectStore({ directory: join(folder, 'thumbnails') });
  await Promise.all([source.create(), thumbnails.create()]);
  return [source, thumbnails];
}

test.each<[string, () => Promise<[source: ObjectStore, thumbnails: ObjectStore]>]>([
  ['memory', () => Promise.resolve([new MemoryObjectStore(), new MemoryObjectStore()])],
  ['directories', directories],
])('the pipeline creates, keeps, rejects and deletes the thumbnails of a photo in %s', async (_, open) => {
  const [source, thumbnails] = await open();
  const pipeline = new Pipeline({ source, thumbnails, settings: settingsWith({ thumbnails: THUMBNAILS }) });
  const key = 'a/ü cat.jpg';
  const photo = await quadrants({ width: 80, height: 60, orientation: 6 });
  await source.put(key, photo, { contentType: 'image/jpeg', metadata: { 'focal-point': '100%,100%' } });

  expect((await pipeline.reconcile(key)).status).toBe('made');
  const manifest = (await pipeline.manifest(key)) as ReadyManifest;
  expect(manifest).toMatchObject({
    status: 'ready',
    source: { bytes: photo.length, focalPoint: { x: 1, y: 1 } },
    image: { format: 'jpeg', width: 80, height: 60, frames: 1, hasAlpha: false },
    thumbnails: [
      { name: 'small', format: 'webp', width: 40, height: 30, key: `${key}/small.webp` },
      { name: 'small', format: 'jpeg', width: 40, height: 30, key: `${key}/small.jpg` },
      { name: 'square', format: 'png', width: 16, height: 16, key: `${key}/square.png` },
    ],
    srcset: { webp: '/a/%C3%BC%20cat.jpg/small.webp 40w', jpeg: '/a/%C3%BC%20cat.jpg/small.jpg 40w' },
  });
  for (const { name, format, contentType, width, height, bytes, etag } of manifest.thumbnails) {
    const stored = (await pipeline.thumbnail(key, name, format))!;
    expect(stored).toMatchObject({ contentType, bytes, etag });
    expect(await sharp(stored.body).metadata()).toMatchObject({ format, width, height });
  }

  expect((await pipeline.reconcile(key)).status).toBe('unchanged');
  expect(await pipeline.reconcile(key, { force: true })).toEqual({ status: 'made', key, manifest });

  await source.put(key, photo.subarray(0, 20), { contentType: 'image/jpeg' });
  expect(await pipeline.reconcile(key)).toMatchObject({
    status: 'rejected',
    manifest: { rejection: { code: 'truncated' } },
  });
  expect(await pipeline.thumbnail(key, 'small', 'webp')).toBeUndefined();

  await source.delete([key]);
  expect(await pipeline.reconcile(key)).toEqual({ status: 'deleted', key, removed: 1 });
  expect(await pipeline.manifest(key)).toBeUndefined();
});

test('the manifest lists warnings about damage', async () => {
  const [source, thumbnails] = [new MemoryObjectStore(), new MemoryObjectStore()];
  const pipeline = new Pipeline({ source, thumbnails, settings: settingsWith({ thumbnails: THUMBNAILS }) });
  const photo = await quadrants();
  const leftOver = Buffer.concat([photo.subarray(0, -2), Buffer.from('left over'), photo.subarray(-2)]);
  await source.put('whole.jpg', photo, { contentType: 'image/jpeg' });
  await source.put('damaged.jpg', leftOver, { contentType: 'image/jpeg' });
  await pipeline.reconcile('whole.jpg');
  await pipeline.reconcile('damaged.jpg');
  expect((await pipeline.manifest('whole.jpg'))?.warnings).toEqual([]);
  expect((await pipeline.manifest('damaged.jpg'))?.warnings).toMatchObject([{ code: 'corrupt' }]);
});
