import type { SingleBar } from 'cli-progress';
import { escapeControls, startProgressBar, type Terminal } from '../terminal';

/** State of a backfill. */
export interface BackfillRecord {
  /** Status of the backfill, as in Step Functions: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED. */
  readonly status: string;
  /**
   * Number of completed keys. In a state machine, a key is complete when its message is sent. In a local backfill, a key is
   * complete when its thumbnail set is reconciled.
   */
  readonly done: number;
  /** Number of failed keys. */
  readonly failed: number;
  /** Number of keys that the backfill has found. */
  readonly total: number;
  /** Average number of completed and failed keys per second since the start of the command. */
  readonly perSecond: number;
  /** Estimated time in seconds until the end of the backfill; undefined while `perSecond` is 0. */
  readonly secondsLeft?: number;
  /**
   * Estimated cost in US dollars if the pipeline renders all keys. Undefined for a backfill without AWS.
   */
  readonly usd?: number;
  /** ARN of the execution. */
  readonly execution?: string;
  /** Reason of a failure. */
  readonly reason?: string;
}

/** Calculates the number of keys per second and the estimated time until the end of a backfill. */
export class Rate {
  private first: { readonly ended: number; readonly ms: number } | undefined;

  /** @param now returns the current time in milliseconds */
  public constructor(private readonly now: () => number = () => performance.now()) {}

  /** Returns the fields of `state` and the calculated fields `perSecond` and `secondsLeft`. */
  public of<T extends Pick<BackfillRecord, 'done' | 'failed' | 'total'>>(
    state: T,
  ): T & Pick<BackfillRecord, 'perSecond' | 'secondsLeft'> {
    const ended = state.done + state.failed;
    const ms = this.now();
    this.first ??= { ended, ms };
    const seconds = (ms - this.first.ms) / 1000;
    const rate = seconds > 0 ? (ended - this.first.ended) / seconds : 0;
    return {
      ...state,
      perSecond: Math.round(rate * 10) / 10,
      ...(rate > 0 && { secondsLeft: Math.round(Math.max(0, state.total - ended) / rate) }),
    };
  }
}

/** Prints the progress of a backfill as JSON records, as a progress bar on a terminal, or as lines of text. */
export class BackfillProgress {
  private bar: SingleBar | undefined;

  /** @param unit label of the number of completed keys, such as `keys sent` */
  public constructor(
    private readonly terminal: Terminal,
    private readonly isJson: boolean,
    private readonly unit: string,
  ) {}

  /** Prints a state of the backfill. */
  public show(record: BackfillRecord): void {
    const { status, done, failed, total, perSecond, secondsLeft, usd, reason } = record;
    if (this.isJson) {
      this.terminal.out.write(`${JSON.stringify(record)}\n`);
      return;
    }
    if (status === 'RUNNING' && this.terminal.err.isTTY) {
      const format = `{bar} {value}/{total} ${this.unit}{rest}`;
      this.bar ??= startProgressBar(this.terminal.err, format, total);
      this.bar.setTotal(total);
      const rest = [
        ...(failed > 0 ? [`${failed} failed`] : []),
        `${perSecond}/s`,
        ...(secondsLeft === undefined ? [] : [`${duration(secondsLeft)} left`]),
        ...(usd === undefined ? [] : [`at most about ${dollars(usd)}`]),
      ];
      this.bar.update(done + failed, { rest: rest.map((text) => `, ${text}`).join('') });
      return;
    }
    this.end();
    const details = [
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(perSecond > 0 ? [`${perSecond}/s`] : []),
      ...(usd === undefined ? [] : [`at most about ${dollars(usd)}`]),
    ];
    const suffix = reason === undefined ? '' : `: ${escapeControls(reason)}`;
    this.terminal.out.write(
      `${[`${status.toLowerCase()}: ${done} of ${total} ${this.unit}`, ...details].join(', ')}${suffix}\n`,
    );
  }

  /** Removes the progress bar. */
  public end(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

/** Formats an amount in US dollars. */
export function dollars(usd: number): string {
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return seconds < 120 ? `${seconds} s` : minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
