import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import type { ReadyManifest } from '../../runtime/pipeline';
import { eventually } from '../support/eventually';
import { quadrants } from '../support/images';
import { describeInBrowser, launchBrowser } from './launch-browser';
import { startStudio, StudioPage, type RunningStudio } from './studio-page';

describeInBrowser('one image of the studio', () => {
  let browser: Browser;
  let studio: RunningStudio;
  let opened: StudioPage;
  let data: string;

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-image-'));
    const photo = await quadrants({ width: 640, height: 320 });
    [browser, studio] = await Promise.all([launchBrowser(), startStudio(data, { 'trip/cat & dog.jpg': photo })]);
    opened = await StudioPage.open(browser, `${studio.url}/#/image/${encodeURIComponent('trip/cat & dog.jpg')}`, {
      deviceScaleFactor: 2,
    });
  });
  afterAll(async () => {
    await browser.close();
    studio.process.kill();
  });
  afterEach(() => expect(opened.errors).toEqual([]));

  const manifest = (): ReadyManifest =>
    JSON.parse(readFileSync(join(data, 'thumbnails/trip/cat & dog.jpg/manifest.json'), 'utf8')) as ReadyManifest;

  test('the studio shows the original, the thumbnails and the format for each browser', async () => {
    const { page } = opened;
    await page.getByRole('heading', { name: 'trip/cat & dog.jpg' }).waitFor();
    await opened.row('square', 'avif').getByText('160×160').waitFor();
    await page.getByRole('radio', { name: 'Compare square as avif' }).check();
    for (const [client, format] of [
      ['Chrome, Edge', 'avif'],
      ['Safari 14', 'webp'],
    ] as const) {
      await page.getByRole('row', { name: new RegExp(`^${client} ${format}`) }).waitFor();
    }
    expect(await page.getByLabel('<picture>', { exact: true }).textContent()).toBe(
      (
        (await (await fetch(`${studio.url}/images?key=${encodeURIComponent('trip/cat & dog.jpg')}`)).json()) as {
          picture: string;
        }
      ).picture,
    );
  });

  test('the studio compares a thumbnail with the original at device pixels', async () => {
    const { page } = opened;
    await page.getByRole('radio', { name: 'Compare square as webp' }).check();
    const slider = page.getByRole('slider', { name: /webp/ });
    await slider.waitFor();
    const thumbnail = page.getByRole('img', { name: 'Thumbnail as webp' });
    expect(await thumbnail.boundingBox()).toMatchObject({ width: 80, height: 80 });
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await thumbnail.evaluate((image) => getComputedStyle(image).clipPath)).toBe('inset(0px 0px 0px 0%)');
    await page.keyboard.press('End');
    expect(await thumbnail.evaluate((image) => getComputedStyle(image).clipPath)).toBe('inset(0px 0px 0px 100%)');
  });

  test('a click on the original image sets the focal point of the thumbnails', async () => {
    const { page } = opened;
    const before = manifest();
    expect(before.source.focalPoint).toBeUndefined();
    const original = page.getByRole('img', { name: 'Original image' });
    const { width, height } = (await original.boundingBox())!;
    await original.click({ position: { x: 0.95 * width, y: 0.5 * height } });
    await page.getByText('Focal point saved').waitFor();
    await eventually(() => (manifest().source.focalPoint?.x ?? 0) > 0.9 || undefined, 'the focal point', 60);
    const { data: pixels } = await sharp(readFileSync(join(data, 'thumbnails/trip/cat & dog.jpg/square.webp')))
      .extract({ left: 5, top: 5, width: 1, height: 1 })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const [expected] = await Promise.all([
      sharp(readFileSync(join(studio.images, 'trip/cat & dog.jpg')))
        .extract({ left: 600, top: 10, width: 1, height: 1 })
        .raw()
        .toBuffer(),
    ]);
    [...pixels].forEach((value, channel) => expect(Math.abs(value - expected[channel]!)).toBeLessThan(20));
    await page.getByRole('spinbutton', { name: /From the left/ }).waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Focal point removed').waitFor();
    await eventually(() => manifest().source.focalPoint === undefined || undefined, 'the removed focal point', 60);
  });

  test('the studio shows the render time after it has rendered an image again', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'Render again' }).click();
    await page
      .getByText(/^\d+(?:\.\d)? ms$/)
      .first()
      .waitFor();
  });

  test('the page has no serious accessibility findings in either colour scheme', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await opened.page.emulateMedia({ colorScheme });
      expect(await opened.accessibilityFindings()).toEqual([]);
    }
  });
});
