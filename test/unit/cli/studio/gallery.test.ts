import { Hono } from 'hono';
import { galleryPage, type GalleryOptions } from '../../../../cli/studio/gallery';
import { versionOf } from '../../../../runtime/http';
import { MemoryObjectStore } from '../../../support/aws/memory-store';
import { FakePipeline, readyManifest } from '../../http/fake-pipeline';

async function page(pipeline: GalleryOptions['pipeline'], ...keys: string[]): Promise<string> {
  const source = new MemoryObjectStore();
  for (const key of keys) {
    await source.put(key, Buffer.from('x'), { contentType: 'image/jpeg' });
  }
  const settings = { sourceLocation: { name: 'photos', prefix: '', suffixes: [] } };
  const app = new Hono().get('/', (context) => galleryPage(context, { pipeline, source, settings }));
  return (await app.request('/')).text();
}

test('links thumbnails with their version', async () => {
  const pipeline = new FakePipeline();
  const manifest = readyManifest('a.jpg');
  pipeline.manifests.set('a.jpg', manifest);
  const [thumbnail] = manifest.thumbnails;
  expect(await page(pipeline, 'a.jpg')).toContain(
    `src="/thumbnails/${thumbnail!.name}/a.jpg?format=${thumbnail!.format}&amp;v=${versionOf(thumbnail!.etag)}`,
  );
});

test('lists images that are not rendered, and escapes keys', async () => {
  const html = await page(new FakePipeline(), '<b>.jpg');
  expect(html).toContain('&lt;b&gt;.jpg');
  expect(html).toContain('Not rendered yet');
});

test('shows the first 100 images and says so', async () => {
  const keys = Array.from({ length: 101 }, (_, index) => `${1000 + index}.jpg`);
  const html = await page(new FakePipeline(), ...keys);
  expect(html.match(/<li>/g)).toHaveLength(100);
  expect(html).toContain('first 100 images');
  expect(await page(new FakePipeline(), ...keys.slice(1))).not.toContain('first 100 images');
});
