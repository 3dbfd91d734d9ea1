import { basename } from 'node:path';
import type { ServiceSettings, TriggerSettings } from '../runtime/config/service-settings';
import { Problem } from '../runtime/http';
import { readChangedObjects, type Reconcile } from '../runtime/pipeline';
import type { Program } from '../runtime/program/assemble';
import { ChangeFollower, watchSources, type ChangeFollowerLog } from '../runtime/program/following/change-follower';
import type { BatchLog } from '../runtime/program/message-batch';
import { DirectoryObjectStore } from '../runtime/storage';
import { messageWork } from './queue/message-work';
import { QueueWorker, type QueueLog } from './queue/queue-worker';
import type { Readiness } from './readiness';
import type { EventsOptions } from './service-app';

/** What brings work to the children. */
export interface WorkSource {
  /** Takes events that come by HTTP. */
  readonly events?: EventsOptions;
  /** Says that a source may have changed, where the process can be told so. */
  readonly changed?: (key: string) => void;
  /** Begins. */
  start(): void;
  /** Brings no more, and resolves when what it brought is done or given back. */
  stop(): Promise<void>;
}

/** What the work is done with. */
export interface WorkOptions {
  readonly program: Program;
  readonly service: ServiceSettings;
  /** Reconciles in the worker processes. */
  readonly reconcile: Reconcile;
  readonly readiness: Readiness;
  readonly log: BatchLog & QueueLog & ChangeFollowerLog;
}

/** Keys that may wait in memory for those that come by HTTP. */
const MAX_HINTS = 10_000;
/** Tries of a key before it waits for the next comparison of the stores: about a minute with the pauses between them. */
const ATTEMPTS = 8;

/** Opens what the settings name. */
export async function openWork(trigger: TriggerSettings, options: WorkOptions): Promise<WorkSource> {
  switch (trigger.kind) {
    case 'queue':
      return queue(trigger.queueUrl, trigger.visibilityTimeoutSeconds, options);
    case 'directory':
      return directory(trigger.reconcileIntervalSeconds, options);
    case 'http':
      return http(trigger.token, trigger.reconcileIntervalSeconds, options);
  }
}

function queue(
  queueUrl: string,
  visibilityTimeoutSeconds: number,
  { program, service, reconcile, readiness, log }: WorkOptions,
): WorkSource {
  return new QueueWorker({
    queueUrl,
    visibilityTimeout: visibilityTimeoutSeconds,
    consumers: service.workerProcesses,
    work: messageWork({
      reconcile,
      bucket: program.settings.sourceLocation.name,
      log,
      onStoreError: () => readiness.suspect(),
    }),
    ready: (signal) => readiness.untilReady(signal),
    log,
  });
}

async function directory(reconcileIntervalSeconds: number, options: WorkOptions): Promise<WorkSource> {
  const { source, settings } = options.program;
  if (!(source instanceof DirectoryObjectStore)) {
    throw new Error('only a directory can be watched; set TRIGGER to another one');
  }
  const changeFollower = follow(reconcileIntervalSeconds, options);
  // Watched first and compared then, so that nothing falls between the two.
  const folder = await watchSources(changeFollower, source, settings.sourceLocation.name);
  return {
    changed: (key) => changeFollower.changed(key),
    start: () => changeFollower.start(),
    stop: async () => {
      await Promise.all([folder.close(), changeFollower.close()]);
    },
  };
}

function http(token: string, reconcileIntervalSeconds: number, options: WorkOptions): WorkSource {
  const { storage, sourceLocation } = options.program.settings;
  // A directory has no bucket's name: whoever tells of it uses its own.
  const bucket = storage === 'directory' ? basename(sourceLocation.name) : sourceLocation.name;
  const changeFollower = follow(reconcileIntervalSeconds, options);
  const take = (body: string): number => {
    if (changeFollower.size >= MAX_HINTS) {
      throw new Problem('too-many-requests', `${MAX_HINTS} keys are waiting; send the event again later`);
    }
    const hints = readChangedObjects(body);
    hints.forEach((hint) => {
      if (hint.bucket === bucket) {
        changeFollower.changed(hint.key);
      } else {
        options.log.foreign(hint.bucket, hint.key);
      }
    });
    return hints.length;
  };
  return {
    events: { token, take },
    changed: (key) => changeFollower.changed(key),
    start: () => changeFollower.start(),
    stop: () => changeFollower.close(),
  };
}

function follow(reconcileIntervalSeconds: number, { program, service, reconcile, log }: WorkOptions): ChangeFollower {
  return new ChangeFollower({
    pipeline: program.pipeline,
    reconcile,
    concurrency: service.workerProcesses,
    attempts: ATTEMPTS,
    reconcileIntervalSeconds,
    log,
  });
}
