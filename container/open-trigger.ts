import { basename } from 'node:path';
import type { ServiceSettings, TriggerSettings } from '../runtime/config/service-settings';
import { Problem } from '../runtime/http';
import type { Reconcile } from '../runtime/pipeline';
import { countingFailedAnalyses, type AnalysisRetries } from '../runtime/program/analysis-retries';
import type { Program } from '../runtime/program/assemble';
import { ChangeFollower, watchSources, type ChangeFollowerLog } from '../runtime/program/following/change-follower';
import type { BatchLog } from '../runtime/program/queue/message-batch';
import { DirectoryObjectStore } from '../runtime/storage/directory/directory-object-store';
import { readHttpEvent } from './cloud-events';
import { messageHandler } from './queue/message-handler';
import { QueueWorker, type QueueLog } from './queue/queue-worker';
import type { Readiness } from './readiness';
import type { EventReceiver } from './service-app';

/** Trigger of a service: starts reconciliations of changed sources. */
export interface OpenTrigger {
  /** Receiver of events that arrive by HTTP. Undefined for triggers other than `http`. */
  readonly events?: EventReceiver;
  /** Reports a source that the HTTP API has written or deleted. Undefined if the source bucket sends notifications. */
  readonly changed?: (key: string) => void;
  /** Returns the number of keys that are queued in this process. @default - this process has no queue */
  readonly backlog?: () => number;
  /** Starts the processing of changed sources. */
  start(): void;
  /** Stops the trigger. Resolves when all started work is completed or returned to the queue. */
  stop(): Promise<void>;
}

/** Callbacks for the events of a trigger. */
export type TriggerLog = BatchLog & QueueLog & ChangeFollowerLog;

/** Options of {@link openTrigger}. */
export interface TriggerOptions {
  readonly program: Program;
  readonly service: ServiceSettings;
  /** Function that reconciles a source key in a worker process. */
  readonly reconcile: Reconcile;
  readonly readiness: Readiness;
  /**
   * Retries of images whose analysis failed. Only the trigger `queue` supports them.
   *
   * @default - a failed analysis has the same retries as any other error
   */
  readonly analysisRetries?: AnalysisRetries | undefined;
  readonly log: TriggerLog;
}

/** Maximum number of keys that wait in memory. The service rejects events while this number of keys waits. */
const MAX_PENDING_KEYS = 10_000;
/**
 * Maximum number of attempts for a key, which take about a minute. After the last one, the next comparison of the object stores
 * reconciles the key.
 */
const MAX_ATTEMPTS = 8;

/** Opens the trigger that the settings select. */
export async function openTrigger(trigger: TriggerSettings, options: TriggerOptions): Promise<OpenTrigger> {
  switch (trigger.kind) {
    case 'queue':
      return openQueue(trigger.queueUrl, trigger.visibilityTimeoutSeconds, options);
    case 'directory':
      return openDirectory(trigger.reconcileIntervalSeconds, options);
    case 'http':
      return openHttp(trigger.token, trigger.reconcileIntervalSeconds, options);
  }
}

function openQueue(
  queueUrl: string,
  visibilityTimeoutSeconds: number,
  { program, service, reconcile, readiness, analysisRetries, log }: TriggerOptions,
): OpenTrigger {
  return new QueueWorker({
    queueUrl,
    visibilityTimeoutSeconds,
    consumers: service.workerProcesses,
    handle: messageHandler({
      reconcile,
      bucket: program.settings.sourceLocation.name,
      log,
      analysisRetries,
      onStoreError: () => readiness.reportFailure(),
    }),
    untilReady: (signal) => readiness.untilReady(signal),
    log,
  });
}

async function openDirectory(reconcileIntervalSeconds: number, options: TriggerOptions): Promise<OpenTrigger> {
  const { source, settings } = options.program;
  if (!(source instanceof DirectoryObjectStore)) {
    throw new Error(
      'TRIGGER=directory requires STORAGE=directory; for other object stores, use TRIGGER=queue or TRIGGER=http',
    );
  }
  const follower = createChangeFollower(reconcileIntervalSeconds, options);
  // The watcher must start before the comparison. Otherwise a change between the comparison and the start would be missed.
  const watch = await watchSources(follower, {
    store: source,
    directory: settings.sourceLocation.name,
    log: options.log,
  });
  return {
    changed: (key) => follower.changed(key),
    backlog: () => follower.size,
    start: () => follower.start(),
    stop: async () => {
      await Promise.all([watch.close(), follower.close()]);
    },
  };
}

function openHttp(token: string, reconcileIntervalSeconds: number, options: TriggerOptions): OpenTrigger {
  const { storage, sourceLocation } = options.program.settings;
  // Events for a directory contain the name of the directory as their bucket name.
  const bucket = storage === 'directory' ? basename(sourceLocation.name) : sourceLocation.name;
  const follower = createChangeFollower(reconcileIntervalSeconds, options);
  const receive: EventReceiver['receive'] = (headers, body) => {
    if (follower.size >= MAX_PENDING_KEYS) {
      throw new Problem('too-many-requests', `${MAX_PENDING_KEYS} keys are waiting; send the event again later`);
    }
    const objects = readHttpEvent(headers, body);
    for (const object of objects) {
      if (object.bucket === bucket) {
        follower.changed(object.key);
      } else {
        options.log.foreign(object.bucket, object.key);
      }
    }
    return objects.length;
  };
  return {
    events: { token, receive },
    changed: (key) => follower.changed(key),
    backlog: () => follower.size,
    start: () => follower.start(),
    stop: () => follower.close(),
  };
}

function createChangeFollower(
  reconcileIntervalSeconds: number,
  { program, service, reconcile, log }: TriggerOptions,
): ChangeFollower {
  return new ChangeFollower({
    pipeline: program.pipeline,
    reconcile: countingFailedAnalyses(reconcile, program.settings.analysis),
    concurrency: service.workerProcesses,
    maxAttempts: MAX_ATTEMPTS,
    reconcileIntervalSeconds,
    log,
  });
}
