import { Duration } from 'aws-cdk-lib';
import { DEFAULT_STOP_TIMEOUT_SECONDS } from '../../runtime/contract';
import { secondsOf } from '../private/validation';

/**
 * Visibility timeout of a queue that containers consume, equal to the default of SQS. This value has no effect on processing,
 * because the runtime in a container sets and extends the visibility timeout of each received message.
 */
export const VISIBILITY_TIMEOUT = Duration.seconds(30);

const MAX_STOP_SECONDS = 120;
/**
 * The default stop timeout is `limits.maxDuration` plus this time in seconds, so that a stopping container can complete its
 * current images.
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
