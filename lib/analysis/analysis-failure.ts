import type { AnalysisFailureMode } from '../../runtime/contract';

/** Options of {@link AnalysisFailure}. */
export interface AnalysisFailureOptions {
  /**
   * Number of further attempts after a failed analysis, 0 to 100. The default of 8 attempts takes about one hour. The first
   * further attempt follows after 15 to 30 seconds. The delay doubles with each attempt, up to 15 minutes.
   *
   * @default 8
   */
  readonly retries?: number;
}

/**
 * Outcome for an image whose analysis fails, for example because the service throttles requests. The worker creates no
 * thumbnails without a successful analysis.
 *
 * For a further attempt, the worker replaces the message with a delayed copy. Therefore, further attempts do not count towards
 * the `maxReceiveCount` of the queue.
 */
export class AnalysisFailure {
  /** Repeats the analysis until the analysis succeeds. */
  public static retry(): AnalysisFailure {
    return new AnalysisFailure('retry', undefined);
  }

  /**
   * Rejects the image with the code `analysis-failed` after the further attempts.
   *
   * @param options number of further attempts
   */
  public static reject(options: AnalysisFailureOptions = {}): AnalysisFailure {
    return new AnalysisFailure('reject', options.retries);
  }

  /**
   * Fails the message if the further attempts also fail. SQS moves the message to the dead-letter queue after `maxReceiveCount`
   * deliveries.
   *
   * @param options number of further attempts
   */
  public static deadLetter(options: AnalysisFailureOptions = {}): AnalysisFailure {
    return new AnalysisFailure('dead-letter', options.retries);
  }

  private constructor(
    /** @internal */
    public readonly _mode: AnalysisFailureMode,
    /** @internal */
    public readonly _retries: number | undefined,
  ) {}
}
