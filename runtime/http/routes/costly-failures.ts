import type { ErrorCode } from '../../errors/error-codes';
import type { Problem } from '../problems/problem';
import { ExpiringSources, type SourceVersion } from './expiring-sources';

/**
 * Retention time of a recorded failure in milliseconds, by error code. During this time, the API responds with the failure and
 * does not render the source again. Workers can still create the thumbnails.
 *
 * The time is short for a failed analysis and for a crash, because the cause can be temporary. The time is longer for exceeded
 * limits, because the cause is the image.
 */
const DURATIONS_MS: Readonly<Partial<Record<ErrorCode, number>>> = {
  timeout: 600_000,
  'out-of-memory': 600_000,
  'worker-crashed': 30_000,
  // Analysis errors are recorded too, because each retry would decode the image and send billed requests to the analysis
  // service.
  'analysis-throttled': 30_000,
  'analysis-unavailable': 30_000,
};
/**
 * Records sources whose last render failed and used much time or memory. Without the record, each request would repeat the
 * costly render. The API renders a replaced source without delay, because a replaced source has a different version.
 */
export class CostlyFailures {
  private readonly failures = new ExpiringSources<Problem>();

  /**
   * Throws the recorded failure of a source.
   *
   * @throws Problem if the last render of the source failed recently and was costly. The code is the code of the failure.
   */
  public throwIfPresent(source: SourceVersion): void {
    const failure = this.failures.get(source);
    if (failure) {
      throw failure;
    }
  }

  /** Records the failure of a render if the error code is in {@link DURATIONS_MS}. */
  public add(source: SourceVersion, problem: Problem): void {
    const durationMs = DURATIONS_MS[problem.code];
    if (durationMs !== undefined) {
      this.failures.set(source, problem, durationMs);
    }
  }
}
