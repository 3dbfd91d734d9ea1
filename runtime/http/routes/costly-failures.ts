import type { ErrorCode } from '../../errors/error-codes';
import type { ObjectHead } from '../../storage';
import type { Problem } from '../problems/problem';

/**
 * Milliseconds for which a failure is reported without another attempt. A crash can have a temporary cause. Exceeded limits
 * depend on the image, and the queue can still create its thumbnails meanwhile.
 */
const DURATIONS_MS: Readonly<Partial<Record<ErrorCode, number>>> = {
  timeout: 600_000,
  'out-of-memory': 600_000,
  'worker-crashed': 30_000,
};
/** Maximum number of sources in memory. The oldest failure is removed first. */
const MAX_FAILURES = 1000;

/** A source in one state. */
type SourceState = Pick<ObjectHead, 'key' | 'etag'>;

interface Failure {
  readonly etag: string;
  readonly problem: Problem;
  readonly expires: number;
}

/**
 * Sources whose last render took much time or memory and failed. Without this memory, each request for such a source would
 * cost as much again. A replaced source has another ETag and is rendered at once.
 */
export class CostlyFailures {
  private readonly failures = new Map<string, Failure>();

  /** @throws Problem if the last render of this source was costly and recent; it has the code of that render */
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
    // Deleted first, because a map keeps the position of an existing key.
    this.failures.delete(key);
    this.failures.set(key, { etag, problem, expires: performance.now() + durationMs });
    const [oldest] = this.failures.keys();
    if (oldest !== undefined && this.failures.size > MAX_FAILURES) {
      this.failures.delete(oldest);
    }
  }
}
