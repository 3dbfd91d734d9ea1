// The container's program: the API, the worker, or both, over child processes. Everything about it comes from the environment.
import { join } from 'node:path';
import { readMachine, readProcessMemoryMiB } from '../runtime/config/machine';
import { readServiceSettings } from '../runtime/config/service-settings';
import { assemble } from '../runtime/program/assemble';
import { startService, type Service } from './service';
import { ServiceObserver } from './service-observer';

/** Milliseconds between two lines with counts. */
const METRICS_INTERVAL = 10_000;

let service: Service | undefined;
let signals = 0;

function stopOn(signal: NodeJS.Signals): void {
  signals += 1;
  if (signals > 1) {
    process.exit(1);
  }
  observer.stopping(signal);
  // Before it has started there is nothing to end well.
  void (service?.stop() ?? Promise.resolve()).then(
    () => {
      observer.end();
      process.exit(0);
    },
    (error: unknown) => fail(error),
  );
}

function fail(error: unknown): never {
  process.stderr.write(`cdk-thumbnails: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function start(): Promise<void> {
  const settings = readServiceSettings(process.env, readMachine());
  service = await startService({
    program: await assemble(settings.core, readProcessMemoryMiB(process.env)),
    settings,
    workerScript: join(__dirname, 'worker-process.js'),
    environment: process.env,
    log: observer,
    onExhausted: fail,
  });
  const { mode, workerProcesses, memoryLimitMiB, jobTimeoutSeconds } = settings.service;
  observer.started({
    url: service.url,
    mode,
    workerProcesses,
    memoryLimitMiB,
    jobTimeoutSeconds,
    children: service.workerPids(),
  });
}

if (!process.env['POWERTOOLS_METRICS_NAMESPACE']) {
  // Outside of AWS nobody reads metrics off the log.
  process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
}
// Each line names the service that it is of; the constructs give the name of the pipeline.
process.env['POWERTOOLS_SERVICE_NAME'] ||= 'cdk-thumbnails';
const observer = new ServiceObserver();
setInterval(() => observer.end(), METRICS_INTERVAL).unref();
process.on('SIGTERM', stopOn).on('SIGINT', stopOn);
start().catch(fail);
