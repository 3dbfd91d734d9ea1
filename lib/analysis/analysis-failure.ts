import type { AnalysisFailureMode } from '../../runtime/contract';

/** Options of {@link AnalysisFailure}. */
export interface AnalysisFailureOptions {
  /**
   * Number of further attempts, 0 to 100. The first further attempt follows after 15 to 30 seconds. The delay doubles with each
   * attempt, up to 15 minutes.
   *
   * @default 8 - about one hour
   */
  readonly retries?: number;
}

/**
 * Outcome for an image whose analysis fails, for example because the service throttles requests or has an outage. Such an image
 * never gets thumbnails.
 *
 * Further attempts do not use up the `maxReceiveCount` of the queue: the worker replaces the message with a delayed copy.
 */
export class AnalysisFailure {
  /** Attempts until the analysis succeeds. */
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
   * After the further attempts, treats the error like any other failure. The dead-letter queue receives the message after
   * `maxReceiveCount` deliveries.
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
