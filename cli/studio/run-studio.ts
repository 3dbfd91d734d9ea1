import { spawn } from 'node:child_process';
import { applyAwsOptions } from '../stack/aws-options';
import { escapeControls } from '../terminal';
import type { StartOptions } from './start-command';
import { startStudio } from './start-studio';
import { findSettings } from './studio-settings';

/**
 * A second signal within this time, in milliseconds, is ignored. After Ctrl+C, the process receives SIGINT twice: from the
 * terminal and from `npm start`.
 */
const DUPLICATE_SIGNAL_MS = 1000;

/** Commands that open a URL in the default browser, by platform. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/**
 * Runs the command `start` until a signal ends the process.
 *
 * @throws Error if the settings are unreadable, a directory is not writable, or the port is not available
 */
export async function runStudio(path: string | undefined, options: StartOptions): Promise<void> {
  const { variant, port, data, open } = options;
  applyAwsOptions(options, process.env);
  const environment = {
    ...process.env,
    ...(port !== undefined && { PORT: port }),
    ...(data !== undefined && { DATA_DIR: data }),
  };
  const found = await findSettings({ ...options, ...(path !== undefined && { path }) }, variant);
  const print = (line: string): void => void process.stdout.write(`${escapeControls(line)}\n`);
  const studio = await startStudio({ found, variant, environment, print });
  if (open) {
    openInBrowser(studio.url, print);
  }
  let firstSignal: number | undefined;
  const stop = (): void => {
    if (firstSignal === undefined) {
      firstSignal = performance.now();
      void studio.close().then(() => process.exit(0));
    } else if (performance.now() - firstSignal > DUPLICATE_SIGNAL_MS) {
      process.exit(1);
    }
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

function openInBrowser(url: string, print: (line: string) => void): void {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  spawn(command, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', (error) => print(`cannot open a browser: ${error.message}`))
    .unref();
}
