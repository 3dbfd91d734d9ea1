import type { ServiceLog } from '../../container/start-service';
import type { Reconcile, ReconcileAllReport } from '../../runtime/pipeline';
import type { ChangeFollowerLog } from '../../runtime/program/following/change-follower';
import { describeFailure, describeOutcome, messageOf } from './messages';

type Print = (line: string) => void;

/** Returns a function that reconciles and prints a line for each outcome. */
export function printOutcomes(reconcile: Reconcile, print: Print): Reconcile {
  return async (key, options) => {
    const start = performance.now();
    const outcome = await reconcile(key, options);
    const line = describeOutcome(outcome, performance.now() - start);
    if (line) {
      print(line);
    }
    return outcome;
  };
}

/** Prints the events of a change follower. */
export function followerPrinter(print: Print): ChangeFollowerLog {
  return {
    gaveUp: (key, error) => print(describeFailure(key, error)),
    reconciledAll: (report) => describeReport(report).forEach(print),
    reconcileAllFailed: (error) => print(`failed to compare the directories: ${messageOf(error)}`),
    notWatched: (error) => print(`skipped   ${error.message}`),
    watchIncomplete: (error, seconds) =>
      print(`cannot watch all files: ${error.message}; comparing the directories every ${seconds} s`),
  };
}

/** Prints the events of a service. */
export function servicePrinter(print: Print): ServiceLog {
  return {
    watch: (reconcile) => printOutcomes(reconcile, print),
    replaced: ({ pid, reason, key }) => {
      if (reason !== 'recycled') {
        print(`lost      worker process ${pid}${key === undefined ? '' : ` while it rendered ${key}`}: ${reason}`);
      }
    },
    eventRejected: () => undefined,
    startFailed: (error) => print(`${error.message}; retrying`),
    readinessChanged: (error) => print(error === undefined ? 'ready again' : `not ready: ${messageOf(error)}`),
    trigger: {
      ...followerPrinter(print),
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
