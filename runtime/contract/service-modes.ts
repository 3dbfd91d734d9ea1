/**
 * Modes of the container service.
 *
 * - `worker` renders the thumbnails of changed sources.
 * - `api` serves HTTP requests.
 * - `both` combines `worker` and `api`.
 */
export const SERVICE_MODES = ['worker', 'api', 'both'] as const;
/** One of {@link SERVICE_MODES}. */
export type ServiceMode = (typeof SERVICE_MODES)[number];

/**
 * Ways in which the worker detects changed sources.
 *
 * - `queue` polls an SQS queue.
 * - `directory` watches the source directory.
 * - `http` receives events of S3, S3-compatible stores and EventBridge at `POST /events`.
 */
export const TRIGGERS = ['queue', 'directory', 'http'] as const;
/** One of {@link TRIGGERS}. */
export type Trigger = (typeof TRIGGERS)[number];

/** Default TCP port of the container service. A process without root privileges can listen on ports above 1023. */
export const DEFAULT_PORT = 8080;
