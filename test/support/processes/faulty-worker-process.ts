// Worker process for tests of lost worker processes. A key with the suffix `.abort` aborts the process. A key with the
// suffix `.hang` blocks the process forever. The process reconciles all other keys.
import { runWorker } from '../../../container/workers/run-worker';
import { assembleFrom } from '../assemble-from';

void runWorker(async () => {
  const { pipeline } = await assembleFrom(process.env);
  return {
    reconcile: (key, options) => {
      if (key.endsWith('.abort')) {
        process.abort();
      }
      if (key.endsWith('.hang')) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
      return pipeline.reconcile(key, options);
    },
  };
});
