import type { SingleBar } from 'cli-progress';
import { escapeControls, startProgressBar, type Terminal } from '../terminal';

/** State of a backfill. */
export interface BackfillRecord {
  /** Status of the backfill, as in Step Functions: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED. */
  readonly status: string;
  /** Number of completed keys: keys that were sent to the queue or, without a queue, keys that were reconciled. */
  readonly done: number;
  /** Number of failed keys. */
  readonly failed: number;
  /** Number of keys that the backfill has found. */
  readonly total: number;
  /** Average number of completed keys per second since the start of the command. */
  readonly perSecond: number;
  /** Estimated time until the end in seconds; undefined until the rate is known. */
  readonly secondsLeft?: number;
  /**
   * Estimated cost of all keys in US dollars, assuming that no thumbnail set is current; undefined for a backfill without AWS.
   */
  readonly usd?: number;
  /** ARN of the execution. */
  readonly execution?: string;
  /** Reason of a failure. */
  readonly reason?: string;
}

/** Calculates the number of keys per second and the estimated time until the end. */
export class Rate {
  private first: { readonly ended: number; readonly ms: number } | undefined;

  /** @param now clock in milliseconds */
  public constructor(private readonly now: () => number = () => performance.now()) {}

  /** Adds the rate to a state. */
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

/** Prints the progress of a backfill: as JSON records, as a bar on a terminal, or as lines of text. */
export class BackfillProgress {
  private bar: SingleBar | undefined;

  /** @param unit label of the number of completed keys, such as `keys sent` */
  public constructor(
    private readonly terminal: Terminal,
    private readonly isJson: boolean,
    private readonly unit: string,
  ) {}

  /** Prints a state. */
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

  /** Removes the bar. */
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
