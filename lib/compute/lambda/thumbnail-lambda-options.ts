import type { Duration } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/** Properties of {@link ThumbnailCompute.lambda}. */
export interface ThumbnailLambdaOptions {
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
   * Invocations of the function that answers the API that are set aside for it, and that it is held to: more requests at
   * once are answered 503.
   *
   * @default - none are set aside
   */
  readonly apiReservedConcurrentExecutions?: number;

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

  /**
   * Where the functions run. They need S3 there, for which a gateway endpoint costs nothing, and Secrets Manager where
   * the API reads a secret; what is traced needs X-Ray. Queue and logs are reached from outside.
   *
   * @default - in no VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Subnets of the functions in `vpc`. None may be public: functions have no public addresses.
   *
   * @default - private subnets with a way out, or isolated ones where there are none
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Security groups of the functions in `vpc`.
   *
   * @default - a new one for each function that lets out HTTPS, and nobody in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
}
