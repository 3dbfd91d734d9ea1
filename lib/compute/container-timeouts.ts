import { Duration } from 'aws-cdk-lib';
import { DEFAULT_STOP_TIMEOUT_SECONDS } from '../../runtime/contract';
import { secondsOf } from '../private/validation';

/**
 * Default visibility timeout of SQS. The runtime in a container sets its own timeout for each received message, and extends
 * this timeout during processing.
 */
export const VISIBILITY_TIMEOUT = Duration.seconds(30);

const MAX_STOP_SECONDS = 120;
/**
 * Time in seconds that is added to `limits.maxDuration` for the stop timeout. A stopping container completes its current images
 * within this timeout.
 */
const STOP_OVERHEAD_SECONDS = 10;

/** Options of {@link stopTimeoutOf}. */
export interface StopTimeoutOptions {
  readonly stopTimeout?: Duration;
  readonly maxDuration: Duration;
}

/** Returns the time between SIGTERM and SIGKILL for a container. */
export function stopTimeoutOf({ stopTimeout, maxDuration }: StopTimeoutOptions): Duration {
  if (stopTimeout && !stopTimeout.isUnresolved()) {
    return stopTimeout;
  }
  const seconds = Math.ceil((secondsOf(maxDuration) ?? 0) + STOP_OVERHEAD_SECONDS);
  return Duration.seconds(Math.min(MAX_STOP_SECONDS, Math.max(DEFAULT_STOP_TIMEOUT_SECONDS, seconds)));
}
