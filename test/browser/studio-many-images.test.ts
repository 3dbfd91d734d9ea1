import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { describeInBrowser, launchBrowser } from './launch-browser';
import { startStudio, StudioPage, type RunningStudio } from './studio-page';

const COUNT = 600;

describeInBrowser('600 images in the studio', () => {
  let browser: Browser;
  let studio: RunningStudio;
  let opened: StudioPage;

  beforeAll(async () => {
    const data = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-many-'));
    const images = join(data, 'images');
    mkdirSync(images, { recursive: true });
    const first = join(images, '0001.png');
    writeFileSync(
      first,
      await sharp({ create: { width: 8, height: 8, channels: 3, background: '#4080c0' } })
        .png()
        .toBuffer(),
    );
    for (let number = 2; number <= COUNT; number++) {
      copyFileSync(first, join(images, `${String(number).padStart(4, '0')}.png`));
    }
    const thumbnails = [{ name: 'tiny', fit: 'inside', width: 8, height: 8, formats: [{ type: 'jpeg' }] }] as const;
    [browser, studio] = await Promise.all([launchBrowser(), startStudio(data, {}, thumbnails)]);
    opened = await StudioPage.open(browser, studio.url);
  });
  afterAll(async () => {
    await browser.close();
    studio.process.kill();
  });
  afterEach(() => expect(opened.errors).toEqual([]));

  const cards = (): Promise<number> => opened.page.locator('.card').count();

  test('the studio shows 600 images in pages while it renders them', async () => {
    const { page } = opened;
    await page.getByText('1–60 of 600').waitFor();
    expect(await cards()).toBe(60);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('61–120 of 600').waitFor();
    await page.getByRole('link', { name: '0061.png' }).waitFor();
    await page.locator('.segments label', { hasText: 'Ready 600' }).waitFor({ timeout: 500_000 });
  });

  test('the studio shows the images whose keys contain the search text', async () => {
    const { page } = opened;
    await page.getByRole('searchbox').fill('0599');
    await page.getByText('1–1 of 1', { exact: true }).waitFor();
    await page.getByRole('link', { name: '0599.png' }).waitFor();
    await page.getByRole('searchbox').fill('5');
    await page.getByText(/^1–60 of \d+$/).waitFor();
  });

  test('the studio restores several deleted images', async () => {
    const { page } = opened;
    await page.getByRole('searchbox').fill('059');
    await page.getByText(/^1–1[0-9] of 1[0-9]$/).waitFor();
    for (const key of ['0590.png', '0591.png', '0592.png']) {
      await page.getByRole('checkbox', { name: `Select ${key}` }).check();
    }
    await page.getByRole('button', { name: 'Delete selected' }).click();
    await page.getByText('Deleted 3 images.').waitFor();
    await page.locator('.segments label', { hasText: 'All 597' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.segments label', { hasText: 'All 600' }).waitFor();
  });
});
