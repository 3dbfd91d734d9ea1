/**
 * Why a child did not end its job.
 *
 * - `crashed`: its process ended by itself
 * - `timeout`: it was over the time for a job
 * - `out-of-memory`: it was over its limit of memory
 * - `stopping`: the service is about to end
 */
export type WorkerErrorCode = 'worker-crashed' | 'timeout' | 'out-of-memory' | 'shutting-down';

/** A job that was lost with its child, or not begun because the service ends. It can succeed at another time. */
export class WorkerError extends Error {
  public override readonly name = 'WorkerError';
  public readonly retryable = true;

  public constructor(
    /** Why, for programs. */
    public readonly code: WorkerErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** The job that was not done because the service ends. */
export function stopping(key: string): WorkerError {
  return new WorkerError(
    'shutting-down',
    `the thumbnails of ${key} were not made because this process is about to end`,
  );
}
