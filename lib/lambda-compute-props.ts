import type { Duration } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/** Properties of {@link ThumbnailCompute.lambda}. */
export interface LambdaComputeProps {
  /**
   * Processor of the functions.
   *
   * @default Architecture.ARM_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * Memory of each function in MiB, 128 to 10240. CPU comes with it: one vCPU at 1769.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
   * @default 1769
   */
  readonly memorySize?: number;

  /**
   * Time for one batch, up to 15 minutes. Longer than `limits.maxDuration`, so that an image that takes too long is
   * refused by name instead of ending the function.
   *
   * @default - `limits.maxDuration` for each image of a batch and 40 seconds, at most 15 minutes: 60 seconds unless
   * changed
   */
  readonly timeout?: Duration;

  /**
   * Images in one invocation, 1 to 10000; more than 10 need a `maxBatchingWindow`.
   *
   * @default 1, so that an image that breaks the decoder, or needs all of the memory, takes no other image with it
   */
  readonly batchSize?: number;

  /**
   * Time to gather a batch, up to 5 minutes.
   *
   * @default - none: an image does not wait for others
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * Invocations that the queue may have under way at once, 2 to 1000. What is over it waits in the queue.
   *
   * @default - as many as the account allows
   */
  readonly maxConcurrency?: number;

  /**
   * Invocations of the upload function that are set aside for it, and that it is held to. Not below `maxConcurrency`.
   *
   * @default - none are set aside
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * Runtime of the functions: one of Node.js.
   *
   * @default Runtime.NODEJS_24_X
   */
  readonly runtime?: lambda.Runtime;

  /**
   * Role of both functions, which gets the permissions that they need.
   *
   * @default - a new role for each function
   */
  readonly role?: iam.IRole;

  /**
   * X-Ray tracing.
   *
   * @default Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;
}
