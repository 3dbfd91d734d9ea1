import type { SingleBar } from 'cli-progress';
import { startProgressBar, type Terminal } from '../terminal';

/** State of a redrive. */
export interface RedriveRecord {
  /** ARN of the dead-letter queue. */
  readonly queue: string;
  /** Status of the task in SQS: RUNNING, COMPLETED, CANCELLING, CANCELLED or FAILED. */
  readonly status: string;
  /** Approximate number of moved messages. */
  readonly moved: number;
  /** Approximate number of messages in the dead-letter queue at the start of the task. */
  readonly total: number;
  /** Reason of a failure. */
  readonly reason?: string;
}

const ONGOING = new Set(['RUNNING', 'CANCELLING']);

export function isOngoing({ status }: RedriveRecord): boolean {
  return ONGOING.has(status);
}

/** Prints the progress of a redrive as JSON records, as a progress bar on a terminal, or as lines of text. */
export class RedriveProgress {
  private readonly bar: SingleBar | undefined;

  public constructor(
    private readonly terminal: Terminal,
    private readonly isJson: boolean,
  ) {
    if (!isJson && terminal.err.isTTY) {
      this.bar = startProgressBar(terminal.err, '{bar} {value}/{total} messages moved back, {eta_formatted} left', 0);
    }
  }

  /** Prints a state of the redrive. */
  public show(record: RedriveRecord): void {
    const { status, moved, total, reason } = record;
    if (this.isJson) {
      this.terminal.out.write(`${JSON.stringify(record)}\n`);
      return;
    }
    this.bar?.setTotal(total);
    this.bar?.update(moved);
    if (this.bar && isOngoing(record)) {
      return;
    }
    this.end();
    const suffix = reason === undefined ? '' : `: ${reason}`;
    this.terminal.out.write(`${status.toLowerCase()}: ${moved} of ${total} messages moved back${suffix}\n`);
  }

  /** Removes the progress bar. */
  public end(): void {
    this.bar?.stop();
  }
}
