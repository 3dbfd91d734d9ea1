// Measures the page of the studio with 2,000 images in Chromium: loading times and response times of interactions.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../test/browser/launch-browser';
import { startStudio } from '../../test/browser/studio-page';
import { quadrants } from '../../test/support/images';
import type { Findings } from '../report';
import { fixed, median } from '../statistics';
import type { Bench } from '../workspace';
import { loadingMetrics, observe, slowestInteraction } from './page-metrics';

const IMAGES = 2000;
const RUNS = 7;
/** Factors by which Chromium slows down the CPU. Lighthouse simulates a phone with the factor 4. */
const SLOWDOWNS = [1, 4] as const;

/** Interactions by name. Each interaction ends when the page shows the result. */
const INTERACTIONS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'next page of the list': async (page) => {
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('61–120 of 2,000').waitFor();
  },
  'selection of an image': (page) => page.getByRole('checkbox', { name: 'Select 0061.jpg' }).check(),
  'search by key': async (page) => {
    await page.getByRole('searchbox').pressSequentially('1999');
    await page.getByText('1–1 of 1', { exact: true }).waitFor();
  },
  'one image': async (page) => {
    await page.getByRole('link', { name: '1999.jpg' }).last().click();
    await page.getByRole('heading', { name: '1999.jpg' }).waitFor();
  },
  costs: async (page) => {
    await page.getByRole('link', { name: 'Costs' }).click();
    await page.locator('.plot').first().waitFor();
  },
};

/** Measured values of one page by name: times in ms, and the layout shift without a unit. */
type Measured = Readonly<Record<string, number>>;

/** Measures the page of the studio. Each measurement opens a new browser context, which has an empty cache. */
export async function studio({ work, say }: Bench): Promise<Findings> {
  const images = join(work, 'data/images');
  mkdirSync(images, { recursive: true });
  const first = join(images, '0001.jpg');
  writeFileSync(first, await quadrants({ width: 640, height: 480 }));
  for (let number = 2; number <= IMAGES; number++) {
    copyFileSync(first, join(images, `${String(number).padStart(4, '0')}.jpg`));
  }
  const thumbnails = [{ name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] }] as const;
  const [browser, running] = await Promise.all([launchBrowser(), startStudio(join(work, 'data'), {}, thumbnails)]);
  try {
    await untilReady(browser, running.url);
    say(`${IMAGES} images are ready`);
    const measured = new Map<number, Measured[]>();
    for (const slowdown of SLOWDOWNS) {
      const runs: Measured[] = [];
      for (let run = 0; run < RUNS; run++) {
        runs.push(await measure(browser, running.url, slowdown));
      }
      measured.set(slowdown, runs);
      say(`measured with a slowdown of ${slowdown}`);
    }
    return findingsOf(measured);
  } finally {
    await browser.close();
    running.process.kill();
  }
}

async function untilReady(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.locator('.segments label', { hasText: 'Ready 2,000' }).waitFor({ timeout: 500_000 });
  await page.close();
}

async function measure(browser: Browser, url: string, slowdown: number): Promise<Measured> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await page.addInitScript(observe);
  await page.goto(url);
  await page.getByText('1–60 of 2,000').waitFor();
  await page.waitForFunction('[...document.images].slice(0, 10).every(({ complete }) => complete)');
  const measured: Record<string, number> = { ...(await page.evaluate(loadingMetrics)) };
  for (const [name, interact] of Object.entries(INTERACTIONS)) {
    await page.evaluate(slowestInteraction);
    await interact(page);
    // Waits for the performance entry, because the browser reports an interaction only after the next frame.
    await page.waitForTimeout(300);
    measured[name] = await page.evaluate(slowestInteraction);
  }
  await context.close();
  return measured;
}

function findingsOf(measured: ReadonlyMap<number, readonly Measured[]>): Findings {
  const names = Object.keys([...measured.values()][0]![0]!);
  const values = (slowdown: number, name: string): number[] => measured.get(slowdown)!.map((run) => run[name]!);
  const cell = (slowdown: number, name: string): string => {
    const digits = name === 'layout shift' ? 3 : 0;
    const numbers = values(slowdown, name);
    return `${fixed(median(numbers), digits)} (${fixed(Math.max(...numbers), digits)})`;
  };
  return {
    tables: [
      {
        title: `Studio with ${IMAGES.toLocaleString('en-US')} images`,
        note: `Median of ${RUNS} runs, and the slowest run in brackets. Times are in milliseconds.`,
        columns: [
          'measurement',
          ...SLOWDOWNS.map((slowdown) => (slowdown === 1 ? 'CPU' : `CPU, ${slowdown} times slower`)),
        ],
        rows: names.map((name) => [name, ...SLOWDOWNS.map((slowdown) => cell(slowdown, name))]),
      },
    ],
    plots: [],
    figures: Object.fromEntries(names.map((name) => [name, median(values(1, name))])),
  };
}
