import type { Duration, Size } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IThumbnailCompute } from '../compute-protocol';

/**
 * Further conditions under which the small compute forwards an image to the large compute, even if the small compute has enough
 * memory.
 */
export interface ThumbnailLargeFromOptions {
  /**
   * Maximum file size for the small compute. The small compute forwards larger files without reading them.
   *
   * @default - no maximum file size
   */
  readonly fileSize?: Size;

  /**
   * Maximum render time on the small compute, whole seconds, less than `limits.maxDuration`. After this time, the small compute
   * stops the render and forwards the image.
   *
   * @default - `limits.maxDuration`
   */
  readonly duration?: Duration;
}

/** Options of `ThumbnailCompute.hybrid`. */
export interface ThumbnailHybridOptions {
  /**
   * Compute of the API and of the worker that consumes the queue of the pipeline.
   *
   * @default ThumbnailCompute.lambda()
   */
  readonly small?: IThumbnailCompute;

  /**
   * Compute of the worker for images that exceed the memory or the time limit of the small compute. The large compute must have
   * more memory for one image than the small compute.
   *
   * @default - `ThumbnailCompute.fargate()` with tasks of 2 vCPUs and 16 GiB
   */
  readonly large?: IThumbnailCompute;

  /**
   * Further conditions under which the large compute renders an image.
   *
   * @default - no further conditions; the large compute renders images that exceed the memory or the time limit of the small
   * compute
   */
  readonly largeFrom?: ThumbnailLargeFromOptions;

  /**
   * Queue of the large worker. The dead-letter queue of this queue receives the messages that exceed `maxReceiveCount`.
   *
   * @default - a new encrypted queue with a dead-letter queue
   */
  readonly largeQueue?: IQueue;
}
