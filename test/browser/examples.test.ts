// Opens the plain HTML example and the React example in a browser, with a running pipeline.
import { cpSync, mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve, type ServerType } from '@hono/node-server';
import { build } from 'esbuild';
import type { Hono } from 'hono';
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

  test('the HTML example shows the thumbnail of an uploaded photo', async () => {
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

  test('the React example shows an existing image and an uploaded image', async () => {
    const react = join(root, 'examples/web/react');
    const directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-react-'));
    cpSync(react, directory, { recursive: true });
    await build({
      entryPoints: [join(react, 'main.tsx')],
      outfile: join(directory, 'dist/main.js'),
      // No package is installed for the example, so the alias refers to the source code of the client.
      alias: { 'cdk-thumbnails/client': join(root, 'client') },
      bundle: true,
      minify: true,
    });
    const opened = await StudioPage.open(browser, `${await open(site(studio.url, directory))}/?image=cat.jpg`);
    const image = opened.page.getByRole('img', { name: 'cat.jpg' });
    await image.waitFor();
    await opened.page
      .locator('input[type=file]')
      .setInputFiles({ name: 'dog.jpg', mimeType: 'image/jpeg', buffer: photo });
    await opened.page.getByRole('img', { name: /dog.*\.jpg/ }).waitFor();
    await opened.page.waitForFunction(() => {
      const images = [...document.querySelectorAll('img')];
      return images.length === 2 && images.every(({ naturalWidth }) => naturalWidth > 0);
    });
    expect(await image.evaluate((element) => (element as HTMLImageElement).currentSrc)).toMatch(
      /\/thumbnails\/.*format=(?:avif|webp)/,
    );
    expect(await opened.page.getByRole('status').textContent()).toBe('dog.jpg: 100 %');
    expect(opened.errors).toEqual([]);
  });
});
