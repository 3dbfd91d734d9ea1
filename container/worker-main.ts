// One of the service's child processes: decodes and encodes, so that a decoder's crash costs one image and not the service.
import { readCoreSettings } from '../runtime/config/core-settings';
import { readProcessMemoryMiB } from '../runtime/config/machine';
import { assemble } from '../runtime/program/assemble';
import { disableIncrementalMarking } from '../runtime/program/heap';
import { runWorker } from './workers/worker-program';

if (process.send) {
  disableIncrementalMarking();
  void runWorker(
    async () => (await assemble(readCoreSettings(process.env), readProcessMemoryMiB(process.env))).pipeline,
  );
} else {
  process.stderr.write('cdk-thumbnails: this is a part of the service and is started by it; run service.js\n');
  process.exitCode = 1;
}
