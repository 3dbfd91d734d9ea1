import type { ServiceLog } from '../../container/start-service';
import type { Outcome, Reconcile, ReconcileAllReport } from '../../runtime/pipeline';
import type { ChangeFollowerLog } from '../../runtime/program/following/change-follower';
import { describeFailure, describeOutcome, messageOf } from './messages';

/** Callbacks that report the progress of a pipeline. */
export interface Progress {
  /** Prints a line. */
  readonly print: (line: string) => void;
  /** Receives the outcome of each reconciliation and its duration in milliseconds. */
  readonly reconciled: (outcome: Outcome, milliseconds: number) => void;
  /** Receives the key of a source whose last attempt failed, and the error of that attempt. */
  readonly failed: (key: string, error: unknown) => void;
}

/** Returns a reconcile function that also reports each outcome. */
export function reportOutcomes(reconcile: Reconcile, { print, reconciled }: Progress): Reconcile {
  return async (key, options) => {
    const start = performance.now();
    const outcome = await reconcile(key, options);
    const milliseconds = performance.now() - start;
    const line = describeOutcome(outcome, milliseconds);
    if (line) {
      print(line);
    }
    reconciled(outcome, milliseconds);
    return outcome;
  };
}

/** Returns a log that prints the events of a change follower. */
export function followerLog({ print, failed }: Progress): ChangeFollowerLog {
  return {
    gaveUp: (key, error) => {
      print(describeFailure(key, error));
      failed(key, error);
    },
    reconciledAll: (report) => describeReport(report).forEach(print),
    reconcileAllFailed: (error) => print(`failed to compare the directories: ${messageOf(error)}`),
    notWatched: (error) => print(`skipped   ${error.message}`),
    watchIncomplete: (error, seconds) =>
      print(`cannot watch all files: ${error.message}; comparing the directories every ${seconds} s`),
  };
}

/** Returns a log that prints the events of a service. */
export function serviceLog(progress: Progress): ServiceLog {
  const { print } = progress;
  return {
    watch: (reconcile) => reportOutcomes(reconcile, progress),
    replaced: ({ pid, reason, key }) => {
      if (reason !== 'recycled') {
        print(`lost      worker process ${pid}${key === undefined ? '' : ` while it rendered ${key}`}: ${reason}`);
      }
    },
    eventRejected: () => undefined,
    startFailed: (error) => print(`${error.message}; retrying`),
    readinessChanged: (error) => print(error === undefined ? 'ready again' : `not ready: ${messageOf(error)}`),
    trigger: {
      ...followerLog(progress),
      malformed: ({ messageId }, error) => print(`message ${messageId}: ${messageOf(error)}`),
      foreign: (bucket, key) => print(`ignored   ${key} in another bucket: ${bucket}`),
      deadlineExceeded: () => undefined,
      queueFailed: (error) => print(`request to the queue failed: ${error.message}`),
    },
  };
}

function describeReport({ made, rejected, failed, deleted, unchanged }: ReconcileAllReport): string[] {
  const counts = Object.entries({ made, rejected, failed, deleted, unchanged });
  const parts = counts.flatMap(([status, count]) => (count > 0 ? [`${count} ${status}`] : []));
  return parts.length > 0 ? [`compared the directories: ${parts.join(', ')}`] : [];
}
