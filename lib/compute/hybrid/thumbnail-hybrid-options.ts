import type { Duration, Size } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IThumbnailCompute } from '../compute-protocol';

/** Conditions under which the small compute forwards an image before its memory is exceeded. */
export interface ThumbnailLargeFromOptions {
  /**
   * Size of a file above which the small compute forwards it without reading it.
   *
   * @default - the memory of the small compute decides
   */
  readonly fileSize?: Size;

  /**
   * Duration after which the small compute stops rendering and forwards the image. Whole seconds, less than
   * `limits.maxDuration`.
   *
   * @default - `limits.maxDuration`
   */
  readonly duration?: Duration;
}

/** Options of `ThumbnailCompute.hybrid`. */
export interface ThumbnailHybridOptions {
  /**
   * Compute of the worker that consumes the queue of the pipeline, and of the API.
   *
   * @default ThumbnailCompute.lambda()
   */
  readonly small?: IThumbnailCompute;

  /**
   * Compute of the worker for images that exceed the small compute. It must have more memory for one image.
   *
   * @default - `ThumbnailCompute.fargate()` with tasks of 2 vCPUs and 16 GiB
   */
  readonly large?: IThumbnailCompute;

  /**
   * Further conditions for the large compute.
   *
   * @default - images whose estimated memory, or whose duration, exceeds the small compute
   */
  readonly largeFrom?: ThumbnailLargeFromOptions;

  /**
   * Queue of the large worker. Its dead-letter queue receives the messages that exceed `maxReceiveCount`.
   *
   * @default - a new encrypted queue with a dead-letter queue
   */
  readonly largeQueue?: IQueue;
}
