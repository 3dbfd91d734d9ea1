import { setTimeout as delay } from 'node:timers/promises';
import { INTERRUPTED, type Ask, type Terminal } from '../terminal';
import type { BackfillCost } from './backfill-cost';
import { Rate, type BackfillProgress } from './backfill-progress';
import type { BackfillExecutions } from './state-machine';

/** Options of {@link followExecution}. */
export interface FollowOptions {
  readonly executions: Pick<BackfillExecutions, 'describe' | 'counts' | 'stop'>;
  readonly execution: string;
  readonly cost: BackfillCost;
  readonly progress: BackfillProgress;
  readonly terminal: Terminal;
  /** Signal that aborts when the user interrupts the command. */
  readonly signal: AbortSignal;
  /**
   * Function that asks the user whether to stop the execution. Without this function, an interruption does not stop the
   * execution.
   */
  readonly ask?: Ask | undefined;
  /** Interval between two progress requests, in milliseconds. @default 2000 */
  readonly intervalMs?: number;
}

/**
 * Prints the progress of an execution until the execution ends or the user interrupts the command.
 *
 * @returns the exit code: 0 if the execution has succeeded, 1 if the execution has failed or another client has stopped the
 * execution, 130 if the user has interrupted the command
 * @throws Error if Step Functions rejects a request
 */
export async function followExecution(options: FollowOptions): Promise<number> {
  const { executions, execution, cost, progress, terminal, signal, ask, intervalMs = 2000 } = options;
  const rate = new Rate();
  let isStopped = false;
  for (;;) {
    // Reads the status before the counts, so that the counts are final if the execution has ended.
    const { status = 'RUNNING', error, cause } = await executions.describe(execution);
    const { sent, failed, total } = await executions.counts(execution);
    const reason = [error, cause].filter(Boolean).join(': ');
    progress.show({
      ...rate.of({ status: status === 'PENDING_REDRIVE' ? 'RUNNING' : status, done: sent, failed, total }),
      usd: Math.round(cost.usd(total) * 100) / 100,
      execution,
      ...(reason !== '' && { reason }),
    });
    if (status !== 'RUNNING' && status !== 'PENDING_REDRIVE') {
      return status === 'SUCCEEDED' ? 0 : isStopped ? INTERRUPTED : 1;
    }
    if (signal.aborted && !isStopped) {
      progress.end();
      const answer = await ask?.('Stop the backfill? [y/N] ');
      if (!/^y(?:es)?$/i.test(answer?.trim() ?? '')) {
        terminal.err.write('the backfill continues; run the command again to follow it\n');
        return INTERRUPTED;
      }
      await executions.stop(execution);
      isStopped = true;
    } else {
      await delay(intervalMs, undefined, isStopped ? {} : { signal }).catch(() => undefined);
    }
  }
}
