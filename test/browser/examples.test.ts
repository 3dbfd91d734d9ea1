// Opens the plain HTML example and the React component of docs/web-frameworks.md in a browser.
import { mkdtempSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve, type ServerType } from '@hono/node-server';
import { build } from 'esbuild';
import { Hono } from 'hono';
import type { Browser } from 'playwright-core';
import { site } from '../../examples/web/serve';
import { quadrants } from '../support/images';
import { describeInBrowser, launchBrowser } from './launch-browser';
import { startStudio, StudioPage, type RunningStudio } from './studio-page';

const root = join(__dirname, '../..');

describeInBrowser('example pages', () => {
  let browser: Browser;
  let studio: RunningStudio;
  let photo: Buffer;
  let pages: ServerType | undefined;

  beforeAll(async () => {
    photo = await quadrants({ width: 640, height: 480 });
    const data = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-examples-'));
    [browser, studio] = await Promise.all([launchBrowser(), startStudio(data, { 'cat.jpg': photo })]);
  });
  afterEach(() => void pages?.close());
  afterAll(async () => {
    await browser.close();
    studio.process.kill();
  });

  /** Serves an app and returns its URL. */
  async function open(app: Hono): Promise<string> {
    const { port } = await new Promise<AddressInfo>((resolve) => {
      pages = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, resolve);
    });
    return `http://localhost:${port}`;
  }

  test('the HTML example uploads a photo and shows its thumbnail', async () => {
    const opened = await StudioPage.open(browser, await open(site(studio.url)));
    await opened.page
      .locator('input[type=file]')
      .setInputFiles({ name: 'dog.jpg', mimeType: 'image/jpeg', buffer: photo });
    const image = opened.page.locator('#photos figure img');
    await image.waitFor();
    await opened.page.waitForFunction(
      () => (document.querySelector<HTMLImageElement>('#photos img')?.naturalWidth ?? 0) > 0,
    );
    expect(await image.evaluate((element) => (element as HTMLImageElement).currentSrc)).toMatch(/format=(?:avif|webp)/);
    expect(opened.errors).toEqual([]);
  });

  test('the React component of the documentation shows the image of a manifest', async () => {
    const page = readFileSync(join(root, 'docs/web-frameworks.md'), 'utf8');
    const [, component = ''] = /## React[\s\S]*?```ts\n([\s\S]*?)```/.exec(page) ?? [];
    // Comments in the documentation contain the names of the modules to import.
    const contents = `${component.replaceAll(/declare const .*?; \/\/ (import .*)/g, '$1')}
      import { createRoot } from 'react-dom/client';
      import { getImage } from 'cdk-thumbnails/client';
      getImage(config, 'cat.jpg').then((image) =>
        createRoot(document.getElementById('root')).render(Picture({ image, alt: 'A cat' })));`;
    const config = { url: '', thumbnails: [] };
    const { outputFiles } = await build({
      stdin: { contents, loader: 'ts', resolveDir: root },
      alias: { 'cdk-thumbnails/client': join(root, 'client/index.ts') },
      plugins: [
        {
          name: 'config',
          setup: (plugin) => {
            plugin.onResolve({ filter: /thumbnails\.json$/ }, () => ({ path: 'thumbnails.json', namespace: 'config' }));
            plugin.onLoad({ filter: /.*/, namespace: 'config' }, () => ({
              contents: JSON.stringify(config),
              loader: 'json',
            }));
          },
        },
      ],
      bundle: true,
      write: false,
      define: { 'process.env.NODE_ENV': '"production"' },
    });
    const api = site(studio.url);
    const app = new Hono()
      .get('/react', (context) =>
        context.html(
          '<!doctype html><html lang="en"><title>React</title><link rel="icon" href="data:,"><div id="root"></div><script src="/react.js"></script>',
        ),
      )
      .get('/react.js', (context) => context.body(outputFiles[0]!.text, 200, { 'Content-Type': 'text/javascript' }))
      .all('*', (context) => api.fetch(context.req.raw));
    const opened = await StudioPage.open(browser, `${await open(app)}/react`);
    const image = opened.page.getByRole('img', { name: 'A cat' });
    await image.waitFor();
    await opened.page.waitForFunction(() => (document.querySelector('img')?.naturalWidth ?? 0) > 0);
    expect(await image.evaluate((element) => (element as HTMLImageElement).currentSrc)).toMatch(/\/thumbnails\//);
    expect(opened.errors).toEqual([]);
  });
});
