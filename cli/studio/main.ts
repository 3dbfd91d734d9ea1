// The pipeline on this machine: folders for buckets, a queue in the process, the same HTTP app. See npm start.
import { readArguments } from './arguments';
import { run } from './run';

/** Milliseconds in which Ctrl+C can come twice: from the terminal, and from npm start, which hands it on. */
const ECHO = 1000;

async function start(): Promise<void> {
  const { assembly, variant } = readArguments(process.argv.slice(2));
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const pipeline = await run({ assembly, variant, environment: process.env, say });
  let first: number | undefined;
  const stop = (): void => {
    if (first === undefined) {
      first = performance.now();
      void pipeline.close().then(() => process.exit(0));
    } else if (performance.now() - first > ECHO) {
      process.exit(1);
    }
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

start().catch((error: unknown) => {
  process.stderr.write(`cdk-thumbnails: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
