// Entry point of npm start: runs a pipeline on this machine, with directories instead of buckets.
import { escapeControls, writeError } from '../terminal';
import { startStudio } from './start-studio';
import { readStudioArguments } from './studio-arguments';

/** Ctrl+C arrives twice: from the terminal, and from npm start, which forwards it. */
const DUPLICATE_SIGNAL_MS = 1000;

async function start(): Promise<void> {
  const words = readStudioArguments(process.argv.slice(2));
  if (typeof words === 'string') {
    process.stdout.write(words);
    return;
  }
  const print = (line: string): void => void process.stdout.write(`${escapeControls(line)}\n`);
  const studio = await startStudio({ ...words, environment: process.env, print });
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

start().catch((error: unknown) => {
  writeError(error);
  process.exit(1);
});
