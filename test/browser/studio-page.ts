import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { ThumbnailSettings } from '../../runtime/contract';
import { NodeProcess } from '../support/processes/node-process';

const root = join(__dirname, '../..');
const BUNDLE = join(root, 'dist/bundles/cdk-thumbnails.js');

/** Thumbnails with several formats. */
export const THUMBNAILS: readonly ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }, { type: 'jpeg' }] },
  {
    name: 'square',
    fit: 'cover',
    width: 160,
    height: 160,
    formats: [{ type: 'avif' }, { type: 'webp' }, { type: 'jpeg' }],
  },
];

/** A running studio and the directory of its images. */
export interface RunningStudio {
  readonly url: string;
  readonly images: string;
  readonly process: NodeProcess;
}

/**
 * Starts the studio of the built command on a directory.
 *
 * @param files images by key
 */
export async function startStudio(
  data: string,
  files: Readonly<Record<string, Buffer>> = {},
  thumbnails: readonly ThumbnailSettings[] = THUMBNAILS,
): Promise<RunningStudio> {
  const images = join(data, 'images');
  mkdirSync(images, { recursive: true });
  for (const [key, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(images, key)), { recursive: true });
    writeFileSync(join(images, key), bytes);
  }
  writeFileSync(join(data, 'settings.json'), JSON.stringify({ thumbnails }));
  const words = [BUNDLE, 'start', '--settings', join(data, 'settings.json'), '--data', data, '--port', '0'];
  const process = NodeProcess.start(words);
  const [, url] = await process.waitForOutput(/pipeline +(http:\S+)[\s\S]*Try it/);
  return { url: url!, images, process };
}

/** A page that records console errors and requests to other hosts. */
export class StudioPage {
  /** Errors until now. */
  public readonly errors: string[] = [];

  private constructor(public readonly page: Page) {}

  /** Opens the studio. */
  public static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<StudioPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const opened = new StudioPage((context.setDefaultTimeout(60_000), await context.newPage()));
    const { page, errors } = opened;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        errors.push(`${message.text()} (${message.location().url})`);
      }
    });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(new URL(url).origin) && !/^(?:data|blob):/.test(request.url())) {
        errors.push(`request to another host: ${request.url()}`);
      }
    });
    await page.goto(url);
    return opened;
  }

  /** Returns the table row of a thumbnail in one format. */
  public row(name: string, format: string): Locator {
    return this.page.locator('tr', { has: this.page.getByRole('radio', { name: `Compare ${name} as ${format}` }) });
  }

  /** Drops files on the page. */
  public async drop(files: Readonly<Record<string, Buffer>>): Promise<void> {
    const list = Object.entries(files).map(([name, bytes]) => ({ name, base64: bytes.toString('base64') }));
    const dataTransfer = await this.page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of ${JSON.stringify(list)}) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: name.endsWith('.jpg') ? 'image/jpeg' : '' }));
      }
      return transfer;
    })()`);
    await this.page.dispatchEvent('main', 'drop', { dataTransfer });
  }

  /** Returns the serious findings of axe-core. */
  public async accessibilityFindings(): Promise<string[]> {
    // Does not add a script element, because the Content-Security-Policy of the page rejects inline scripts.
    await this.page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    return this.page
      .evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary).join(' | ')))`);
  }
}
