/** Default stop timeout of an ECS container: the time in seconds between SIGTERM and SIGKILL. */
export const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

/**
 * Maximum duration in seconds of all reads and writes of object stores for one image, including retries and another attempt
 * after a source change. The default timeout for one image in a worker process is the sum of `maxDurationSeconds`, the
 * timeout of the analysis and this value.
 */
export const MAX_TRANSFER_SECONDS = 40;
/**
 * Typical duration in seconds of all reads and writes of object stores for one image, without retries. A Lambda function starts
 * the next key of a batch only if the remaining time includes this duration.
 */
export const TYPICAL_TRANSFER_SECONDS = 5;
