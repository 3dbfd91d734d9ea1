import { existsSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';
import { chromium, type Browser } from 'playwright-core';

/** Possible paths of Chrome and Chromium on this operating system. @see https://github.com/GoogleChrome/chrome-launcher */
const INSTALLED = [
  process.env['CHROME_PATH'],
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  `${process.env['LOCALAPPDATA']}\\Google\\Chrome\\Application\\chrome.exe`,
  `${process.env['PROGRAMFILES']}\\Google\\Chrome\\Application\\chrome.exe`,
];

const installed = INSTALLED.find((path) => path !== undefined && existsSync(path));
/** Whether the npm package contains Chromium for this machine. The package supports only Linux on x64. */
const isPackaged = process.platform === 'linux' && process.arch === 'x64';

/** Launches the Chromium of the npm package on Linux with x64, and an installed Chrome on all other systems. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: isPackaged ? await sparticuz.executablePath() : installed,
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', "--headless='shell'"],
  });
}

/** Calls `describe` if a browser is available. Otherwise, calls `describe.skip` and writes a message. */
export function describeInBrowser(name: string, body: () => void): void {
  if (isPackaged || installed !== undefined) {
    describe(name, body);
    return;
  }
  process.stderr.write(
    'The browser tests were not run: no Chrome on this machine. Install Chrome, or set CHROME_PATH to its path.\n',
  );
  describe.skip(name, body);
}
