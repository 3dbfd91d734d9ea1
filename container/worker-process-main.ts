// Entry point of a worker process. A decoder that crashes here costs one job instead of the whole service.
import { readCoreSettings } from '../runtime/config/core-settings';
import { readProcessMemoryMiB } from '../runtime/config/machine';
import { assemble } from '../runtime/program/assemble';
import { disableIncrementalMarking } from '../runtime/program/heap';
import { runWorker } from './workers/run-worker';

if (process.send) {
  disableIncrementalMarking();
  void runWorker(
    async () => (await assemble(readCoreSettings(process.env), readProcessMemoryMiB(process.env))).pipeline,
  );
} else {
  process.stderr.write('cdk-thumbnails: worker-process.js is started by the service; run service.js instead\n');
  process.exitCode = 1;
}
