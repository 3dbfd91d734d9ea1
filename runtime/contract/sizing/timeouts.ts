/** Default stop timeout of an ECS container in seconds: the time between SIGTERM and SIGKILL. */
export const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

/**
 * Maximum duration of the transfers of one image in seconds: reading the source, storing the thumbnails, retries, and another
 * attempt after a source change. A job or an invocation may take `maxDurationSeconds` plus this value.
 */
export const MAX_TRANSFER_SECONDS = 40;
/**
 * Typical duration of the transfers of one image without retries, in seconds. A function starts the next key only if the
 * remaining time covers the transfers.
 */
export const TYPICAL_TRANSFER_SECONDS = 5;
