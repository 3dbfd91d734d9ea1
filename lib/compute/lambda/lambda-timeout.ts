import { Duration } from 'aws-cdk-lib';
import { MAX_TRANSFER_SECONDS } from '../../../runtime/contract';
import { secondsOf } from '../../private/validation';
import type { ThumbnailLambdaOptions } from './thumbnail-lambda-options';

/** Maximum timeout of a function in seconds: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_TIMEOUT_SECONDS = 900;
/**
 * Ratio of the visibility timeout to the function timeout:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const VISIBILITY_FACTOR = 6;

/** Returns the timeout of the upload function. */
export function timeoutOf(options: ThumbnailLambdaOptions, maxDuration: Duration): Duration {
  if (options.timeout) {
    return options.timeout;
  }
  const perImage = secondsOf(maxDuration);
  if (perImage === undefined) {
    return Duration.seconds(MAX_TIMEOUT_SECONDS);
  }
  const seconds = Math.ceil(batchSizeOf(options) * perImage) + MAX_TRANSFER_SECONDS;
  return Duration.seconds(Math.min(MAX_TIMEOUT_SECONDS, seconds));
}

/** Returns the visibility timeout that AWS recommends: six times the function timeout plus the batching window. */
export function visibilityTimeout(options: ThumbnailLambdaOptions, maxDuration: Duration): Duration {
  const timeout = timeoutOf(options, maxDuration);
  if (timeout.isUnresolved()) {
    return timeout;
  }
  const seconds = VISIBILITY_FACTOR * timeout.toSeconds() + (secondsOf(options.maxBatchingWindow) ?? 0);
  return Duration.seconds(seconds);
}

/** Returns the batch size for calculations. Returns 1 if the option is invalid or a token. */
export function batchSizeOf({ batchSize = 1 }: ThumbnailLambdaOptions): number {
  return Number.isInteger(batchSize) && batchSize > 0 ? batchSize : 1;
}
