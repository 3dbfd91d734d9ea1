import { existsSync, mkdtempSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually';
import { quadrants } from '../support/images';
import { describeInBrowser, launchBrowser } from './launch-browser';
import { startStudio, StudioPage, type RunningStudio } from './studio-page';

describeInBrowser('the images of the studio', () => {
  let browser: Browser;
  let studio: RunningStudio;
  let opened: StudioPage;
  let photo: Buffer;

  beforeAll(async () => {
    const data = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-images-'));
    [browser, studio, photo] = await Promise.all([
      launchBrowser(),
      startStudio(data),
      quadrants({ width: 640, height: 480 }),
    ]);
    opened = await StudioPage.open(browser, studio.url);
  });
  afterAll(async () => {
    await browser.close();
    studio.process.kill();
  });
  afterEach(() => expect(opened.errors).toEqual([]));

  const card = (key: string) => opened.page.getByRole('listitem').filter({ hasText: key });

  test('the studio shows the thumbnails of dropped files without a reload', async () => {
    await opened.drop({ 'cat.jpg': photo, 'notes.jpg': Buffer.from('no image') });
    await card('cat.jpg').getByText('640×480 jpeg').waitFor();
    await opened.page.getByText('2 images of 2 uploaded').waitFor();
    const image = card('cat.jpg').locator('img');
    await eventually(
      async () => (await image.evaluate((element) => (element as HTMLImageElement).naturalWidth)) === 200 || undefined,
      'the thumbnail',
      30,
    );
    await card('notes.jpg')
      .getByRole('link', { name: /^unsupported-format/ })
      .waitFor();
    expect(existsSync(join(studio.images, 'cat.jpg'))).toBe(true);
  });

  test('the studio shows added and deleted files of the directory without a reload', async () => {
    writeFileSync(join(studio.images, 'copied.jpg'), photo);
    await card('copied.jpg').getByText('640×480 jpeg').waitFor();
    unlinkSync(join(studio.images, 'copied.jpg'));
    await card('copied.jpg').waitFor({ state: 'detached' });
  });

  test('the studio restores a deleted image', async () => {
    await card('cat.jpg').getByRole('button', { name: 'Delete cat.jpg' }).click();
    await card('cat.jpg').waitFor({ state: 'detached' });
    expect(existsSync(join(studio.images, 'cat.jpg'))).toBe(false);
    await opened.page.getByRole('button', { name: 'Undo' }).click();
    await card('cat.jpg').getByText('640×480 jpeg').waitFor();
    expect(existsSync(join(studio.images, 'cat.jpg'))).toBe(true);
  });

  test('the studio filters images by text and status', async () => {
    const { page } = opened;
    await page.getByRole('searchbox').fill('CAT');
    await card('notes.jpg').waitFor({ state: 'detached' });
    expect(await card('cat.jpg').count()).toBe(1);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('radio', { name: /Rejected/ }).check();
    await card('cat.jpg').waitFor({ state: 'detached' });
    expect(await card('notes.jpg').count()).toBe(1);
    await page.getByRole('radio', { name: /All/ }).check();
    await card('cat.jpg').waitFor();
  });

  test('the page has no serious accessibility findings in either colour scheme', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await opened.page.emulateMedia({ colorScheme });
      expect(await opened.accessibilityFindings()).toEqual([]);
    }
  });
});
