// Entry point of a worker process. A decoder crash in this process fails one job and does not stop the service.
import { readCoreSettings } from '../runtime/config/core-settings';
import { readForwardingSettings } from '../runtime/config/forwarding-settings';
import { readProcessMemoryMiB } from '../runtime/config/machine';
import { assemble } from '../runtime/program/assemble';
import { disableIncrementalMarking } from '../runtime/program/heap';
import { withStoredSettings } from '../runtime/program/stored-settings';
import { runWorker } from './workers/run-worker';

if (process.send) {
  disableIncrementalMarking();
  void runWorker(async () => {
    const environment = await withStoredSettings(process.env);
    const memoryMiB = readProcessMemoryMiB(environment);
    return (await assemble(readCoreSettings(environment), memoryMiB, readForwardingSettings(environment))).pipeline;
  });
} else {
  process.stderr.write('cdk-thumbnails: worker-process.js is started by the service; run service.js instead\n');
  process.exitCode = 1;
}
