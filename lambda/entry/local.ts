// The pipeline on this machine: folders for buckets, a queue in the process, the same HTTP app. See npm start.
import { run } from './local/run';

const [assembly = 'cdk.out'] = process.argv.slice(2);

run(assembly, process.env, (line) => process.stdout.write(`${line}\n`))
  .then((pipeline) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void pipeline.close().then(() => process.exit(0)));
    }
  })
  .catch((error: unknown) => {
    process.stderr.write(`cdk-thumbnails: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
