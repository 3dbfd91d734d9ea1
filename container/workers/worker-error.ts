/**
 * Reason why a job did not complete.
 *
 * - `worker-crashed`: the worker process exited during the job
 * - `timeout`: the job exceeded its time limit
 * - `out-of-memory`: the worker process exceeded its memory limit
 * - `shutting-down`: the service is stopping
 */
export type WorkerErrorCode = 'worker-crashed' | 'timeout' | 'out-of-memory' | 'shutting-down';

/**
 * Error of a job that ended without an outcome. The worker process ended during the job, or the service stopped before the job
 * started. Callers can retry the job.
 */
export class WorkerError extends Error {
  public override readonly name = 'WorkerError';
  public readonly retryable = true;

  public constructor(
    /** Reason why the job did not complete. */
    public readonly code: WorkerErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Returns the error for a job that did not complete because the service is stopping. */
export function shuttingDown(key: string): WorkerError {
  return new WorkerError('shutting-down', `${key} was not rendered because the service is shutting down`);
}
