import type { ErrorCode } from '../../errors/error-codes';
import type { Problem } from '../problems/problem';
import { ExpiringSources, type SourceState } from './expiring-sources';

/**
 * Milliseconds in which requests receive the recorded failure without another attempt. The time is short for a failed analysis
 * and for a crash, which can have a temporary cause. The time is longer for exceeded limits, which depend on the image. Workers
 * can still create the thumbnails.
 */
const DURATIONS_MS: Readonly<Partial<Record<ErrorCode, number>>> = {
  timeout: 600_000,
  'out-of-memory': 600_000,
  'worker-crashed': 30_000,
  // Each attempt decodes the image, sends billed requests to a service, and sends a message to the queue.
  'analysis-throttled': 30_000,
  'analysis-unavailable': 30_000,
};
/**
 * Sources whose last render failed and used much time or memory. Without this record, each request would repeat the costly
 * render. A replaced source has another ETag, and is rendered without delay.
 */
export class CostlyFailures {
  private readonly failures = new ExpiringSources<Problem>();

  /**
   * @throws Problem if the last render of this source failed recently and was costly; the problem has the code of the failure
   */
  public throwIfPresent(source: SourceState): void {
    const failure = this.failures.get(source);
    if (failure) {
      throw failure;
    }
  }

  /** Records a failed render, if it was costly. */
  public add(source: SourceState, problem: Problem): void {
    const durationMs = DURATIONS_MS[problem.code];
    if (durationMs !== undefined) {
      this.failures.set(source, problem, durationMs);
    }
  }
}
