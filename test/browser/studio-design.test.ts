import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { COMPUTE_NAMES, crossing, estimate } from '../../cost';
import { quadrants } from '../support/images';
import { describeInBrowser, launchBrowser } from './launch-browser';
import { startStudio, StudioPage, THUMBNAILS, type RunningStudio } from './studio-page';

describeInBrowser('the design and the costs of the studio', () => {
  let browser: Browser;
  let studio: RunningStudio;
  let opened: StudioPage;
  let data: string;

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-design-'));
    const photo = await quadrants({ width: 640, height: 480 });
    [browser, studio] = await Promise.all([launchBrowser(), startStudio(data, { 'cat.jpg': photo })]);
    opened = await StudioPage.open(browser, `${studio.url}/#/design`);
  });
  afterAll(async () => {
    await browser.close();
    studio.process.kill();
  });
  afterEach(() => expect(opened.errors).toEqual([]));

  const open = (view: string): Promise<void> => opened.page.getByRole('link', { name: view, exact: true }).click();

  test('the studio shows a thumbnail with the changed settings and the code of these settings', async () => {
    const { page } = opened;
    await opened.row('small', 'webp').getByText('200×150').waitFor();
    const small = page.getByRole('group', { name: 'small' });
    await small.getByLabel('Width').fill('300');
    await small.getByLabel('Height').fill('300');
    await small.getByLabel('Quality of webp in the thumbnail small').fill('50');
    const row = opened.row('small', 'webp');
    await row.getByText('300×225').waitFor();
    await row.getByText(/^0\.\d{4}$/).waitFor();
    const code = page.getByLabel('TypeScript', { exact: true });
    expect(await code.textContent()).toContain(
      "Thumbnail.inside('small', 300, { formats: [ThumbnailFormat.webp({ quality: 50 }), ThumbnailFormat.jpeg()] }),",
    );
    await page.getByRole('radio', { name: 'Compare small as webp' }).check();
    const image = page.getByRole('img', { name: 'Thumbnail as webp' });
    await image.waitFor();
    expect(await image.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBe(300);
    // The studio does not change the stored thumbnails of the pipeline.
    const { thumbnails } = (await (
      await fetch(`${studio.url}/images/cat.jpg`, { headers: { Prefer: 'wait' } })
    ).json()) as {
      thumbnails: { name: string; width: number }[];
    };
    expect(thumbnails.find(({ name }) => name === 'small')).toMatchObject({ width: 200 });
    expect(readdirSync(join(data, 'images')).filter((name) => !name.startsWith('.'))).toEqual(['cat.jpg']);
  });

  test('the studio reports an invalid thumbnail name', async () => {
    const { page } = opened;
    const name = page.getByRole('group', { name: 'square' }).getByLabel('Name');
    await name.fill('Not Valid');
    await name.blur();
    await page.getByRole('alert').filter({ hasText: 'name' }).waitFor();
    await page.getByRole('button', { name: 'Reset' }).click();
    await opened.row('small', 'webp').getByText('200×150').waitFor();
    // The browser logs each error response.
    expect(opened.errors.splice(0).every((error) => error.includes('400'))).toBe(true);
  });

  test('the cost page of the studio shows the values of the cost model', async () => {
    const { page } = opened;
    await open('Costs');
    await page.getByRole('textbox', { name: /^Images a month/ }).fill('2e6');
    await page.getByRole('textbox', { name: /^Views a month/ }).fill('30,000,000');
    await page.getByRole('textbox', { name: /^First views/ }).fill('2');
    await page.getByLabel('Region').selectOption('eu-central-1');
    const workload = {
      images: 2e6,
      views: 3e7,
      firstViews: 0.02,
      region: 'eu-central-1',
      thumbnails: THUMBNAILS,
    } as const;
    for (const compute of COMPUTE_NAMES) {
      const { total } = estimate(workload, { compute });
      const shown = await page.locator(`[data-total="${compute}"]`).textContent();
      expect([compute, Number(shown!.replaceAll(/[$,]/g, ''))]).toEqual([
        compute,
        Number(total.expected.toFixed(total.expected >= 1000 ? 0 : 2)),
      ]);
    }
    const point = crossing(workload, 'lambda', 'fargate');
    expect(await page.locator('[data-crossing="fargate"]').textContent()).toContain(point!.toLocaleString('en-US'));
    expect(await page.getByRole('img', { name: /by the number of images/ }).count()).toBe(1);
    await page.getByRole('textbox', { name: /^Images a month/ }).fill('-5');
    expect(await page.getByRole('textbox', { name: /^Images a month/ }).getAttribute('aria-invalid')).toBe('true');
  });

  test.each(['Design', 'Costs'])('%s has no serious accessibility findings in either colour scheme', async (view) => {
    await open(view);
    for (const colorScheme of ['light', 'dark'] as const) {
      await opened.page.emulateMedia({ colorScheme });
      expect(await opened.accessibilityFindings()).toEqual([]);
    }
  });
});
