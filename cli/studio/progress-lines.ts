import type { ServiceLog } from '../../container/service';
import type { Reconcile, ReconcileAllReport } from '../../runtime/pipeline';
import type { ChangeFollowerLog } from '../../runtime/program/following/change-follower';
import { describeFailure, describeOutcome } from './messages';

type Say = (line: string) => void;

/** Returns a function that reconciles and prints a line for each outcome. */
export function sayOutcomes(reconcile: Reconcile, say: Say): Reconcile {
  return async (key, options) => {
    const start = performance.now();
    const outcome = await reconcile(key, options);
    const line = describeOutcome(outcome, performance.now() - start);
    if (line) {
      say(line);
    }
    return outcome;
  };
}

/** Says what a follower has to say. */
export function followerSays(say: Say): ChangeFollowerLog {
  return {
    givenUp: (key, error) => say(describeFailure(key, error)),
    reconciledAll: (report) => describeReport(report).forEach(say),
    reconcileAllFailed: (error) => say(`cannot compare the folders: ${messageOf(error)}`),
  };
}

/** Says what a service has to say. */
export function serviceSays(say: Say): ServiceLog {
  return {
    watch: (reconcile) => sayOutcomes(reconcile, say),
    replaced: ({ pid, reason, key }) => {
      if (reason !== 'spent') {
        say(`replaced  child process ${pid}${key === undefined ? '' : `, which worked on ${key}`}: ${reason}`);
      }
    },
    notStarted: (error) => say(`${error.message}; it is tried again`),
    ready: (error) => say(error === undefined ? 'ready again' : `not ready: ${messageOf(error)}`),
    work: {
      ...followerSays(say),
      malformed: ({ messageId }, error) => say(`message ${messageId}: ${messageOf(error)}`),
      foreign: (bucket, key) => say(`ignored   ${key}, which is in ${bucket}`),
      deadlineExceeded: () => undefined,
      queueFailed: (error) => say(`queue: ${error.message}`),
    },
  };
}

function describeReport({ made, failed, deleted, unchanged }: ReconcileAllReport): string[] {
  const parts = Object.entries({ made, rejected: failed, removed: deleted, unchanged }).flatMap(([what, count]) =>
    count > 0 ? [`${count} ${what}`] : [],
  );
  return parts.length > 0 ? [`caught up with what changed meanwhile: ${parts.join(', ')}`] : [];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
