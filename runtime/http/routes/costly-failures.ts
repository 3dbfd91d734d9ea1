import type { ErrorCode } from '../../errors/error-codes';
import type { ObjectHead } from '../../storage';
import type { Problem } from '../problems/problem';

/**
 * Milliseconds in which requests receive the recorded failure without another attempt. The time is short for a crash,
 * which can have a temporary cause. It is longer for exceeded limits, which depend on the image. Workers can still
 * create the thumbnails.
 */
const DURATIONS_MS: Readonly<Partial<Record<ErrorCode, number>>> = {
  timeout: 600_000,
  'out-of-memory': 600_000,
  'worker-crashed': 30_000,
};
/** Maximum number of sources in memory. The oldest failure is removed first. */
const MAX_FAILURES = 1000;

/** One version of a source. */
type SourceState = Pick<ObjectHead, 'key' | 'etag'>;

interface Failure {
  readonly etag: string;
  readonly problem: Problem;
  readonly expires: number;
}

/**
 * Sources whose last render failed after it used much time or memory. Without this record, each request would repeat
 * the costly render. A replaced source has another ETag and is rendered at once.
 */
export class CostlyFailures {
  private readonly failures = new Map<string, Failure>();

  /**
   * @throws Problem if the last render of this source failed recently and was costly; the Problem has the code of that
   * failure
   */
  public throwIfPresent({ key, etag }: SourceState): void {
    const failure = this.failures.get(key);
    if (failure && failure.etag === etag && failure.expires > performance.now()) {
      throw failure.problem;
    }
  }

  /** Records a failed render, if it was costly. */
  public add({ key, etag }: SourceState, problem: Problem): void {
    const durationMs = DURATIONS_MS[problem.code];
    if (durationMs === undefined) {
      return;
    }
    // A map keeps the position of an existing key. Deleting the key first moves it to the end.
    this.failures.delete(key);
    this.failures.set(key, { etag, problem, expires: performance.now() + durationMs });
    const [oldest] = this.failures.keys();
    if (oldest !== undefined && this.failures.size > MAX_FAILURES) {
      this.failures.delete(oldest);
    }
  }
}
