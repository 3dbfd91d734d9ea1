/**
 * Modes of the container service: `worker` renders changed sources, `api` serves HTTP requests, and `both` combines these
 * modes.
 */
export const SERVICE_MODES = ['worker', 'api', 'both'] as const;
/** One of {@link SERVICE_MODES}. */
export type ServiceMode = (typeof SERVICE_MODES)[number];

/**
 * Sources of change events.
 *
 * - `queue` polls an SQS queue.
 * - `directory` watches the source directory.
 * - `http` receives events of S3, S3-compatible stores and EventBridge at `POST /events`.
 */
export const TRIGGERS = ['queue', 'directory', 'http'] as const;
/** One of {@link TRIGGERS}. */
export type Trigger = (typeof TRIGGERS)[number];

/** Port that the container listens on. Ports above 1023 require no privileges. */
export const DEFAULT_PORT = 8080;
