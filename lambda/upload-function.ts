import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { readCoreSettings } from '../runtime/config/core-settings';
import { readEventSettings } from '../runtime/config/event-settings';
import { readForwardingSettings } from '../runtime/config/forwarding-settings';
import { readProcessMemoryMiB } from '../runtime/config/machine';
import { readMonitoringSettings } from '../runtime/config/monitoring-settings';
import { readQuarantineSettings } from '../runtime/config/quarantine-settings';
import { analysisSeconds, largestLimit, TYPICAL_TRANSFER_SECONDS } from '../runtime/contract';
import { analysisRetriesOf } from '../runtime/program/analysis-retries';
import { assemble } from '../runtime/program/assemble';
import { eventProgramOf } from '../runtime/program/event-program';
import { Observer } from '../runtime/program/observer';
import { forwardingOf } from '../runtime/program/queue/forwarding';
import { workBatch } from '../runtime/program/queue/message-batch';
import { startWithSettings } from '../runtime/program/stored-settings';

const eventSettings = { ...readEventSettings(process.env), quarantine: readQuarantineSettings(process.env) };
const program = startWithSettings(process.env, (environment) =>
  assemble(readCoreSettings(environment), readProcessMemoryMiB(environment), readForwardingSettings(environment)).then(
    (assembled) => ({
      settings: assembled.settings,
      analysisRetries: analysisRetriesOf(assembled.settings, environment),
      reconcile: forwardingOf(assembled)(
        assembled.pipeline.reconcile,
        eventProgramOf(assembled, eventSettings).forMessages,
      ),
    }),
  ),
);
const observer = new Observer();
if (readMonitoringSettings(process.env).detailedMetrics) {
  observer.enableDetailedMetrics();
}

/** Reconciles the keys in a batch of messages. Returns the ids of the messages that SQS must deliver again. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  observer.begin(context);
  try {
    const { settings, analysisRetries, reconcile } = await program;
    const messages = event.Records.map(({ messageId, body, attributes }) => ({
      messageId,
      body,
      receiveCount: Number(attributes.ApproximateReceiveCount),
    }));
    const failed = await workBatch(messages, {
      reconcile: observer.watch(reconcile),
      bucket: settings.sourceLocation.name,
      millisecondsPerKey:
        (largestLimit(settings, 'maxDurationSeconds') + analysisSeconds(settings) + TYPICAL_TRANSFER_SECONDS) * 1000,
      remaining: () => context.getRemainingTimeInMillis(),
      analysisRetries,
      log: observer.batchLog,
    });
    return { batchItemFailures: Array.from(failed, (itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    observer.end();
  }
}
