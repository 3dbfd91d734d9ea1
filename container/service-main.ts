// Entry point of the container. Reads all settings from the environment.
import { join } from 'node:path';
import { readEventSettings, type EventSettings } from '../runtime/config/event-settings';
import { readForwardingSettings } from '../runtime/config/forwarding-settings';
import { readMachine, readProcessMemoryMiB } from '../runtime/config/machine';
import { readMonitoringSettings } from '../runtime/config/monitoring-settings';
import { readQuarantineSettings } from '../runtime/config/quarantine-settings';
import { readServiceSettings, type TriggerSettings } from '../runtime/config/service-settings';
import { assemble } from '../runtime/program/assemble';
import { eventProgramOf } from '../runtime/program/event-program';
import { withStoredSettings } from '../runtime/program/stored-settings';
import { PrometheusMetrics } from './prometheus-metrics';
import { ServiceObserver } from './service-observer';
import { startService, type Service } from './start-service';

const METRICS_INTERVAL_MS = 10_000;

let service: Service | undefined;
let signalCount = 0;

function onSignal(signal: NodeJS.Signals): void {
  signalCount += 1;
  if (signalCount > 1) {
    process.exit(1);
  }
  observer.stopping(signal);
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

/** Returns the event settings. The queue of the trigger is the default queue for the keys of on-demand renders. */
function eventSettingsOf(trigger: TriggerSettings | undefined): EventSettings {
  const settings = readEventSettings(process.env);
  const queueUrl = trigger?.kind === 'queue' ? trigger.queueUrl : undefined;
  return { ...settings, queueUrl: settings.queueUrl ?? queueUrl };
}

async function start(): Promise<void> {
  const settings = readServiceSettings(await withStoredSettings(process.env), readMachine());
  const { detailedMetrics, servesPrometheus } = readMonitoringSettings(process.env);
  if (detailedMetrics) {
    observer.enableDetailedMetrics();
  }
  const prometheus = servesPrometheus ? new PrometheusMetrics() : undefined;
  if (prometheus) {
    observer.countIn(prometheus);
  }
  const program = await assemble(settings.core, readProcessMemoryMiB(process.env), readForwardingSettings(process.env));
  service = await startService({
    program,
    events: eventProgramOf(program, {
      ...eventSettingsOf(settings.service.trigger),
      quarantine: readQuarantineSettings(process.env),
      // A render can continue after its request has timed out. The announcement must wait until such a render has ended.
      announcementDelaySeconds: 2 * settings.service.jobTimeoutSeconds,
    }),
    settings,
    workerScript: join(__dirname, 'worker-process.js'),
    environment: process.env,
    log: observer,
    metrics: prometheus && ((gauges) => prometheus.text(gauges)),
    onExhausted: fail,
  });
  const { mode, workerProcesses, memoryLimitMiB, jobTimeoutSeconds } = settings.service;
  observer.started({
    url: service.url,
    mode,
    workerProcesses,
    memoryLimitMiB,
    jobTimeoutSeconds,
    workerPids: service.workerPids(),
  });
}

if (!process.env['POWERTOOLS_METRICS_NAMESPACE']) {
  // Powertools writes metrics as log lines in a format that only CloudWatch supports.
  process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
}
// The CDK constructs set POWERTOOLS_SERVICE_NAME to the name of the pipeline.
process.env['POWERTOOLS_SERVICE_NAME'] ||= 'cdk-thumbnails';
const observer = new ServiceObserver();
setInterval(() => observer.end(), METRICS_INTERVAL_MS).unref();
process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
start().catch(fail);
