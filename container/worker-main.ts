// One of the service's child processes: decodes and encodes, so that a decoder's crash costs one image and not the service.
import { assemble } from '../runtime/program/assemble';
import { collectInOneGo } from '../runtime/program/heap';
import { runWorker } from './workers/worker-program';

if (process.send) {
  collectInOneGo();
  void runWorker(async () => (await assemble(process.env)).pipeline);
} else {
  process.stderr.write('cdk-thumbnails: this is a part of the service and is started by it; run service.js\n');
  process.exitCode = 1;
}
